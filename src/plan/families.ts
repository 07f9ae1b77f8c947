/** What each family resolves to before and after: the newest usable member is what consumers boot. */
import { compareText, type Scope, scopeKey } from "../model/placement.ts"
import type { Action, FamilyMember, FamilyMove } from "../model/plan.ts"
import { type Candidate, newestFirst } from "./own.ts"
import type { RegionIndex } from "./region.ts"

type Regions = ReadonlyMap<string, { readonly scope: Scope; readonly index: RegionIndex }>

/** The moves that the actions make, sorted by account, region and family. */
export function familyMoves(actions: readonly Action[], regions: Regions): FamilyMove[] {
  const byScope = new Map<string, Action[]>()
  for (const action of actions) {
    const list = byScope.get(scopeKey(action))
    if (list === undefined) byScope.set(scopeKey(action), [action])
    else list.push(action)
  }
  return [...byScope]
    .flatMap(([key, ofScope]) => {
      const region = regions.get(key)
      return region === undefined ? [] : movesOf(region.scope, ofScope, region.index)
    })
    .sort(
      (a, b) =>
        compareText(a.account, b.account) ||
        compareText(a.region, b.region) ||
        compareText(a.family, b.family),
    )
}

/** How the membership of one family changes. */
interface Shift {
  readonly joining: Candidate[]
  readonly leaving: Set<string>
  readonly arriving: string[]
  readonly images: Set<string>
}

function movesOf(scope: Scope, actions: readonly Action[], region: RegionIndex): FamilyMove[] {
  const shifts = new Map<string, Shift>()
  const renamed = new Map<string, string>()
  for (const action of actions) shiftBy(action, region, shifts, renamed)
  return [...shifts].flatMap(([family, s]) => {
    const usable = region.usableByFamily.get(family) ?? []
    const before = member(usable[0])
    const staying = [...usable.filter((c) => !s.leaving.has(c.image.id)), ...s.joining].sort(newestFirst)
    const [arriving] = [...s.arriving].sort(compareText)
    const after = arriving === undefined ? member(staying[0], renamed) : { name: arriving }
    if (arriving === undefined && before?.imageId === after?.imageId) return []
    const images = [...s.images].sort(compareText)
    return [{ account: scope.account, region: scope.region, family, before, after, images }]
  })
}

/** `renamed`: the names that images get by it, by their ids. */
function shiftBy(
  action: Action,
  region: RegionIndex,
  shifts: Map<string, Shift>,
  renamed: Map<string, string>,
): void {
  const of = (family: string): Shift => {
    const known = shifts.get(family) ?? {
      joining: [],
      leaving: new Set<string>(),
      arriving: [],
      images: new Set<string>(),
    }
    known.images.add(action.image)
    shifts.set(family, known)
    return known
  }
  const leaves = (imageId: string): void => {
    const found = region.byId.get(imageId)
    if (found !== undefined && found.image.family !== "" && !found.image.deprecated) {
      of(found.image.family).leaving.add(imageId)
    }
  }
  switch (action.action) {
    case "import":
    case "retry":
    case "replace": {
      const family = action.request.family ?? action.afterwards.attributes?.family
      const name = action.action === "replace" ? action.name : action.request.name
      if (family !== undefined && action.afterwards.attributes?.deprecated !== true)
        of(family).arriving.push(name)
      if (action.action === "replace") for (const r of action.retire) leaves(r.imageId)
      return
    }
    case "update":
    case "adopt":
    case "restore": {
      const found = region.byId.get(action.imageId)
      const set = action.update.attributes
      if (action.action === "restore") for (const r of action.deprecate) leaves(r.imageId)
      const named = action.action === "restore" ? action.name : set?.name
      if (found !== undefined && named !== undefined) renamed.set(found.image.id, named)
      if (found === undefined || (set?.family === undefined && set?.deprecated === undefined)) return
      const before = found.image.deprecated ? "" : found.image.family
      const after = (set.deprecated ?? found.image.deprecated) ? "" : (set.family ?? found.image.family)
      if (before === after) return
      if (before !== "") of(before).leaving.add(found.image.id)
      if (after !== "") of(after).joining.push(found)
      return
    }
    case "deprecate":
    case "delete":
      leaves(action.imageId)
      return
    case "await":
    case "keep":
    case "refuse":
      return
  }
}

function member(
  c: Candidate | undefined,
  renamed: ReadonlyMap<string, string> = new Map(),
): FamilyMember | null {
  return c === undefined ? null : { name: renamed.get(c.image.id) ?? c.image.name, imageId: c.image.id }
}
