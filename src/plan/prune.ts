/**
 * What leaves use beside the manifests' own images: leftovers of finished placements, orphans, and what lies beyond a
 * retention. Every image is named once; images that an action of a manifest is about are never touched here.
 */
import type { Desired, DesiredFamily, DesiredPlacement } from "../model/desired.ts"
import { compareText, type Scope, scopeKey } from "../model/placement.ts"
import { type Action, isLeftover, type PlanNotice, type Reason } from "../model/plan.ts"
import { IMAGE_TAG } from "../model/provenance.ts"
import { imageHash } from "./fingerprint.ts"
import { isReplaced, swapRole } from "./names.ts"
import type { Candidate } from "./own.ts"
import { digested } from "./refs.ts"
import type { RegionIndex } from "./region.ts"
import { leave } from "./retire.ts"

/** Which prunings a run carries out (`--prune=...`); without them they are notices. */
export interface Pruning {
  readonly orphans: boolean
  readonly retention: boolean
}

/** What the manifests decided in one placement. */
export interface Decided {
  readonly placement: DesiredPlacement
  readonly action: Action
  /** Leftovers of ours that no action of the placement removes. */
  readonly leftovers: readonly Candidate[]
}

export interface Pruned {
  readonly actions: readonly Action[]
  readonly notices: readonly PlanNotice[]
}

interface Row {
  readonly scope: Scope
  readonly image: string
  readonly candidate: Candidate
  readonly how: "keep" | "deprecate" | "delete"
  readonly deleteSnapshots: boolean
  readonly reason: Reason
  readonly at: Action["manifest"]
  /** False: only a notice, since this run was not told to. */
  readonly told: boolean
  readonly region: RegionIndex
}

/** The retirements of a plan. `observedAt` is the time of the listing, for retentions by age. */
export function prune(
  desired: Desired,
  regions: ReadonlyMap<string, { readonly scope: Scope; readonly index: RegionIndex }>,
  decided: readonly Decided[],
  pruning: Pruning,
  observedAt: number,
): Pruned {
  const taken = new Set(decided.flatMap((d) => targets(d.action).map((id) => key(d.placement, id))))
  const rows = [
    ...decided.flatMap((d) => leftoverRows(d, regions)),
    ...decided.flatMap((d) => previousRows(d, regions, pruning)),
    ...familyRows(desired, regions, pruning, observedAt),
    ...orphanRows(desired, regions, pruning),
  ]
  const actions: Action[] = []
  const notices: PlanNotice[] = []
  for (const row of rows) {
    const id = key(row.scope, row.candidate.image.id)
    if (taken.has(id)) continue
    taken.add(id)
    const outcome = retire(row)
    if ("action" in outcome) actions.push(outcome)
    else if (outcome.message !== "") notices.push(outcome)
  }
  return { actions, notices }
}

function retire(row: Row): Action | PlanNotice {
  const { image } = row.candidate
  const leftover = isLeftover(row.reason)
  // Nobody boots from a failed or a staged image: neither families nor shares can stand against its removal.
  const verdict = leftover ? ({ leave: "delete" } as const) : leave(row.candidate, row.how, row.region)
  if (!row.told || row.how === "keep" || verdict.leave === "nothing" || verdict.leave === "barred") {
    const silent = verdict.leave === "nothing" && row.how !== "keep"
    return {
      code: verdict.leave === "barred" && row.told ? reasonCode(verdict.why) : reasonCode(row.reason),
      message: silent ? "" : noticeText(row, verdict.leave === "barred" && row.told),
      account: row.scope.account,
      region: row.scope.region,
      imageId: image.id,
    }
  }
  return digested({
    image: row.image,
    account: row.scope.account,
    region: row.scope.region,
    manifest: row.at,
    action: verdict.leave,
    reasons: [row.reason],
    changes:
      verdict.leave === "deprecate"
        ? [{ field: "deprecated", before: false, after: true, impact: "in_place" }]
        : [{ field: "name", before: image.name, after: null, impact: "in_place" }],
    notices: [],
    imageId: image.id,
    name: image.name,
    deleteSnapshots: verdict.leave === "delete" && row.deleteSnapshots,
    snapshotIds: [...image.snapshotIds].sort(compareText),
  })
}

function noticeText(row: Row, barred: boolean): string {
  const { name } = row.candidate.image
  const what = row.reason.startsWith("orphaned")
    ? `${name} was imported by this stack, and no manifest asks for it any more`
    : `${name} is beyond what the retention keeps`
  if (!barred) return what
  const unread = row.candidate.image.sharesUnread
  const why =
    unread === undefined
      ? ""
      : `: who it is shared with could not be read (${unread.code}: ${unread.message})`
  return `${what}, but it has to stay${why}`
}

function reasonCode(reason: Reason): PlanNotice["code"] {
  return reason.split(":", 1)[0] as PlanNotice["code"]
}

/** Failed imports and stale staged images beside a placement that needs nothing else. */
function leftoverRows(d: Decided, regions: Parameters<typeof prune>[1]): Row[] {
  const region = regions.get(scopeKey(d.placement))
  if (region === undefined) return []
  return d.leftovers.map((candidate) => ({
    scope: region.scope,
    image: d.placement.image,
    candidate,
    how: "delete",
    deleteSnapshots: true,
    reason: swapRole(candidate.image.name, d.placement) === "staged" ? "leftover:next" : "leftover:failed",
    at: d.placement.at,
    told: true,
    region: region.index,
  }))
}

/** What `lifecycle.keepPrevious` does not keep, where no replacement of this run sees to it. */
function previousRows(d: Decided, regions: Parameters<typeof prune>[1], pruning: Pruning): Row[] {
  const { placement: p, action } = d
  const region = regions.get(scopeKey(p))
  if (region === undefined || p.match !== "name" || p.lifecycle.protect) return []
  if (action.action !== "keep" && action.action !== "update") return []
  const previous = (region.index.byOwnedImage.get(imageHash(p.image)) ?? []).filter(
    (c) => c.image.state === "NORMAL" && c.image.id !== action.imageId && isReplaced(c.image.name, p),
  )
  return previous.slice(p.lifecycle.keepPrevious).map((candidate) => ({
    scope: region.scope,
    image: p.image,
    candidate,
    how: p.lifecycle.retire,
    deleteSnapshots: p.lifecycle.deleteSnapshots,
    reason: "over_retention:keepPrevious",
    at: p.at,
    told: pruning.retention,
    region: region.index,
  }))
}

/** Members of ours beyond the Family's retention: kept if among the newest, or young enough. */
function familyRows(
  desired: Desired,
  regions: Parameters<typeof prune>[1],
  pruning: Pruning,
  observedAt: number,
): Row[] {
  const families = desired.families.filter(
    ({ retain }) => retain.last !== undefined || retain.withinMs !== undefined,
  )
  if (families.length === 0) return []
  const names = new Map<string, string>()
  const protectedImages = new Set<string>()
  for (const { image, lifecycle } of desired.placements) {
    const hash = imageHash(image)
    names.set(hash, image)
    if (lifecycle.protect) protectedImages.add(hash)
  }
  const rowsOf = (
    family: DesiredFamily,
    { scope, index }: { readonly scope: Scope; readonly index: RegionIndex },
  ): Row[] => {
    const { last, withinMs } = family.retain
    const members = (index.ownedByFamily.get(family.name) ?? []).filter((c) => c.image.state === "NORMAL")
    return members.flatMap((candidate, position): Row[] => {
      const { createdAt } = candidate.image
      const hash = candidate.ownership.owner === "us" ? candidate.ownership.image : ""
      const young = withinMs !== undefined && (createdAt === undefined || observedAt - createdAt < withinMs)
      if ((last !== undefined && position < last) || young || protectedImages.has(hash)) return []
      return [
        {
          scope,
          image: names.get(hash) ?? candidate.image.tags[IMAGE_TAG] ?? candidate.image.name,
          candidate,
          how: family.beyond,
          deleteSnapshots: true,
          reason: "over_retention:family",
          at: family.at,
          told: pruning.retention,
          region: index,
        },
      ]
    })
  }
  return [...regions.values()].flatMap((region) => families.flatMap((family) => rowsOf(family, region)))
}

/** Images of this stack that no manifest asks for any more. */
function orphanRows(desired: Desired, regions: Parameters<typeof prune>[1], pruning: Pruning): Row[] {
  const wanted = new Set(
    desired.placements.flatMap((p) => [p.image, ...p.formerNames].map((name) => key(p, imageHash(name)))),
  )
  return [...regions.values()].flatMap(({ scope, index }) =>
    [...index.byOwnedImage]
      .filter(([hash]) => !wanted.has(key(scope, hash)))
      .flatMap(([, candidates]) =>
        candidates.map((candidate) => ({
          scope,
          image: candidate.image.tags[IMAGE_TAG] ?? candidate.image.name,
          candidate,
          how: desired.stack.prune.orphans,
          deleteSnapshots: true,
          reason: "orphaned" as const,
          at: desired.stack.at,
          told: pruning.orphans,
          region: index,
        })),
      ),
  )
}

/** Every image that an action is about. */
function targets(action: Action): string[] {
  switch (action.action) {
    case "import":
    case "retry":
      return action.remove.map((r) => r.imageId)
    case "replace":
      return [
        ...action.remove,
        ...action.retire,
        ...(action.old === undefined ? [] : [action.old]),
        ...(action.staged === undefined ? [] : [action.staged]),
      ].map((r) => r.imageId)
    case "restore":
      return [
        action.imageId,
        ...[...action.remove, ...action.deprecate, ...(action.old === undefined ? [] : [action.old])].map(
          (r) => r.imageId,
        ),
      ]
    case "refuse":
      return [...action.imageIds]
    default:
      return action.imageId === undefined ? [] : [action.imageId]
  }
}

function key(scope: Scope, id: string): string {
  return `${scopeKey(scope)}\u0000${id}`
}
