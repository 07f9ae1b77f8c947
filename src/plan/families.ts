/** What each family resolves to before and after: the newest usable member is what consumers boot. */
import { compareText, type Scope, scopeKey } from "../model/placement.ts"
import type { Action, FamilyMember, FamilyMove } from "../model/plan.ts"
import { type Candidate, newestFirst } from "./own.ts"
import type { RegionIndex } from "./region.ts"

/** The moves that the actions make, sorted by account, region and family. */
export function familyMoves(
  actions: readonly Action[],
  regions: ReadonlyMap<string, RegionIndex>,
): FamilyMove[] {
  const byScope = new Map<string, Action[]>()
  for (const action of actions) {
    const list = byScope.get(scopeKey(action))
    if (list === undefined) byScope.set(scopeKey(action), [action])
    else list.push(action)
  }
  return [...byScope]
    .flatMap(([key, ofScope]) => {
      const region = regions.get(key)
      const [first] = ofScope
      return region === undefined || first === undefined ? [] : movesOf(first, ofScope, region)
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
  joining: Candidate[]
  leaving: Set<string>
  imported: string[]
  images: Set<string>
}

function movesOf(scope: Scope, actions: readonly Action[], region: RegionIndex): FamilyMove[] {
  const shifts = new Map<string, Shift>()
  const shift = (family: string, action: Action): Shift => {
    const known = shifts.get(family) ?? { joining: [], leaving: new Set(), imported: [], images: new Set() }
    known.images.add(action.image)
    shifts.set(family, known)
    return known
  }
  for (const action of actions) {
    if (action.action === "import") {
      const family = action.request.family ?? action.afterwards.attributes?.family
      const usable = action.afterwards.attributes?.deprecated !== true
      if (family !== undefined && usable) shift(family, action).imported.push(action.request.name)
    } else if (action.action === "update" || action.action === "adopt") {
      const found = region.byId.get(action.imageId)
      const set = action.update.attributes
      if (found === undefined || (set?.family === undefined && set?.deprecated === undefined)) continue
      const before = found.image.deprecated ? "" : found.image.family
      const after = (set.deprecated ?? found.image.deprecated) ? "" : (set.family ?? found.image.family)
      if (before === after) continue
      if (before !== "") shift(before, action).leaving.add(found.image.id)
      if (after !== "") shift(after, action).joining.push(found)
    }
  }
  return [...shifts].flatMap(([family, s]) => {
    const usable = region.usableByFamily.get(family) ?? []
    const before = member(usable[0])
    const staying = [...usable.filter((c) => !s.leaving.has(c.image.id)), ...s.joining].sort(newestFirst)
    const [imported] = [...s.imported].sort(compareText)
    const after = imported === undefined ? member(staying[0]) : { name: imported }
    if (before?.name === after?.name && before?.imageId === after?.imageId) return []
    const { account, region: name } = scope
    return [{ account, region: name, family, before, after, images: [...s.images].sort(compareText) }]
  })
}

function member(c: Candidate | undefined): FamilyMember | null {
  return c === undefined ? null : { name: c.image.name, imageId: c.image.id }
}
