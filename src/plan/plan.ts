/**
 * plan(desired, observed) -> Plan. Pure and synchronous: the same values give the same bytes, whatever their order.
 *
 * Each region is indexed once (region.ts), each placement is settled by the matching table (match.ts), the verdict
 * becomes an action with its field changes (act.ts), what no manifest asks for is retired or told (prune.ts), and the
 * whole is held against the stack's limits (guard.ts).
 */
import type { Desired, DesiredPlacement } from "../model/desired.ts"
import type { Failure } from "../model/failure.ts"
import type { OpenIntent } from "../model/intent.ts"
import type { Observed } from "../model/observed.ts"
import { comparePlacements, compareText, placementKey, type Scope, scopeKey } from "../model/placement.ts"
import type { Action, Plan, PlanNotice, Reason } from "../model/plan.ts"
import { act, refusalAction } from "./act.ts"
import type { Comparison } from "./differences.ts"
import { familyMoves } from "./families.ts"
import { imageHash, planFingerprint, specHash } from "./fingerprint.ts"
import { type Allowances, guard } from "./guard.ts"
import { lineagesByScope } from "./lineage.ts"
import { match } from "./match.ts"
import { swapRole } from "./names.ts"
import { type Decided, type Pruning, prune } from "./prune.ts"
import { summarise } from "./refs.ts"
import { indexRegion, type RegionIndex } from "./region.ts"
import { type Question, refuse, type Verdict } from "./verdict.ts"

export interface PlanOptions {
  /** Which placements to consider; the others are counted. Default: all. */
  readonly select?: (p: DesiredPlacement) => boolean
  /** Safety limits lifted for this run. */
  readonly allow?: Allowances
  /** Import again what failed before with the same spec and source. */
  readonly retryFailed?: boolean
  /** Which prunings to carry out. A selection considers none: it names what a run is about. */
  readonly prune?: Partial<Pruning>
  /** Imports of earlier runs that may still turn up: an action that would import them again says so. */
  readonly open?: readonly OpenIntent[]
  /** Records of earlier runs before this time may be missing, milliseconds since the epoch. */
  readonly doubt?: number
}

/** Compares what is desired with what was observed. Regions that were not observed are refused, never assumed empty. */
export function plan(desired: Desired, observed: Observed, options: PlanOptions = {}): Plan {
  const { stack } = desired
  const considered = options.select ? desired.placements.filter(options.select) : desired.placements
  const lineages = lineagesByScope(desired.placements)
  const regions = new Map<string, { readonly scope: Scope; readonly index: RegionIndex }>()
  const failures = new Map<string, { readonly scope: Scope; readonly failure: Failure }>()
  for (const seen of observed.scopes) {
    const scope = { account: seen.account, region: seen.region }
    if ("failure" in seen) failures.set(scopeKey(scope), { scope, failure: seen.failure })
    else {
      const index = indexRegion(seen.images, stack.id, lineages.get(scopeKey(scope)))
      regions.set(scopeKey(scope), { scope, index })
    }
  }

  const decided = refuseSharedTargets(
    considered.map((p): Decided => {
      const region = regions.get(scopeKey(p))
      if (region === undefined) {
        const failure = failures.get(scopeKey(p))?.failure
        const action = refusalAction(p, refuse("not_observed", [], failure === undefined ? {} : { failure }))
        return { placement: p, action, leftovers: [] }
      }
      return decide(p, region.index, desired, observed, options.retryFailed === true)
    }),
  )
  const pruned =
    options.select === undefined
      ? prune(desired, regions, decided, { orphans: false, retention: false, ...options.prune }, observed.at)
      : { actions: [], notices: [] }
  const told = maybeImporting(options.open ?? [])
  const actions = [...decided.map((d) => told(d.action)), ...pruned.actions].sort(compareActions)
  const families = familyMoves(actions, regions)
  const images = new Set(desired.placements.map((p) => p.image)).size
  return {
    formatVersion: 1,
    stack: stack.name,
    stackId: stack.id,
    site: stack.site,
    fingerprint: planFingerprint(stack.id, actions),
    summary: summarise(actions),
    actions,
    families,
    brakes: guard(actions, families, stack.safety, images, options.allow),
    notices: [
      ...(options.doubt === undefined ? [] : missingRecords(actions)),
      ...[...pruned.notices, ...unread(failures, considered)].sort(compareNotices),
    ],
    notConsidered: desired.placements.length - considered.length,
  }
}

/** Regions that only orphans could be in, and that could not be read. */
function unread(
  failures: ReadonlyMap<string, { readonly scope: Scope; readonly failure: Failure }>,
  placements: readonly DesiredPlacement[],
): PlanNotice[] {
  const told = new Set(placements.map(scopeKey))
  return [...failures].flatMap(([key, { scope, failure }]): PlanNotice[] =>
    told.has(key)
      ? []
      : [
          {
            code: "not_observed",
            message: `images of this stack were not looked for: ${failure.code}`,
            ...scope,
          },
        ],
  )
}

function decide(
  p: DesiredPlacement,
  region: RegionIndex,
  { stack }: Desired,
  observed: Observed,
  retryFailed: boolean,
): Decided {
  const spec = specHash(p)
  const found = observed.sources?.[p.source.url]
  const asked: Question = { placement: p, hash: imageHash(p.image), spec, region, retryFailed }
  const compared: Comparison = { placement: p, stack, spec, observedAt: observed.at }
  const question = found === undefined ? asked : { ...asked, seen: found }
  const verdict = match(question)
  const action = act(found === undefined ? compared : { ...compared, seen: found }, question, verdict)
  const unread = unreadShares(question, action)
  return {
    placement: p,
    action: unread.length === 0 ? action : { ...action, notices: [...action.notices, ...unread] },
    leftovers: leftoversOf(verdict, action),
  }
}

/** Images of which nobody knows whether they are shared: replaced all the same, or left where they would be removed. */
function unreadShares({ placement: p, hash, region }: Question, action: Action): Reason[] {
  if (action.action === "refuse") return []
  const moves = action.action === "replace" || action.action === "restore"
  return (region.byOwnedImage.get(hash) ?? [])
    .filter(({ image }) => image.sharesUnread !== undefined)
    .filter(({ image }) => moves || swapRole(image.name, p) === "staged")
    .map(({ image }): Reason => `shares_unread:${image.id}`)
}

/** Leftovers that the placement's own action does not remove. */
function leftoversOf(verdict: Verdict, action: Action): Decided["leftovers"] {
  if (action.action === "refuse") return []
  return verdict.row === "manage" || verdict.row === "adopt" || verdict.row === "unmanaged"
    ? verdict.remove
    : []
}

/** Tells of imports that the action's own could be the second of; what is approved stays the same. */
function maybeImporting(open: readonly OpenIntent[]): (action: Action) => Action {
  const known = (states: readonly OpenIntent["state"][]): Set<string> =>
    new Set(open.filter(({ state }) => states.includes(state)).map(placementKey))
  const unclear = known(["intent", "unknown"])
  const accepted = known(["accepted", "visible"])
  return (action) => {
    if (!sendsImport(action)) return action
    const key = placementKey(action)
    const notice = accepted.has(key) ? "import_accepted" : unclear.has(key) ? "maybe_importing" : undefined
    return notice === undefined ? action : { ...action, notices: [...action.notices, notice] }
  }
}

/** What a damaged journal means for a plan; nothing where nothing is imported. */
function missingRecords(actions: readonly Action[]): PlanNotice[] {
  const count = actions.filter(sendsImport).length
  if (count === 0) return []
  const what = count === 1 ? "1 import" : `${count} imports`
  const message = `a journal of an earlier run is damaged, so that ${what} of this plan may have been sent already; apply looks for each before it sends it`
  return [{ code: "records_missing", message }]
}

function sendsImport(action: Action): boolean {
  if (action.action === "replace") return action.staged === undefined
  return action.action === "import" || action.action === "retry"
}

/** Whether the plan has anything but images that are as they should be. */
export function isEmpty(p: Plan): boolean {
  return p.actions.every((action) => action.action === "keep")
}

/** Two manifests must not write to one image, each undoing the other's marks. */
function refuseSharedTargets(decided: readonly Decided[]): Decided[] {
  const count = new Map<string, number>()
  const targetOf = ({ action }: Decided): string | undefined =>
    action.action === "update" || action.action === "adopt" || action.action === "restore"
      ? `${scopeKey(action)}\u0000${action.imageId}`
      : undefined
  for (const d of decided) {
    const target = targetOf(d)
    if (target !== undefined) count.set(target, (count.get(target) ?? 0) + 1)
  }
  return decided.map((d) => {
    const target = targetOf(d)
    if (target === undefined || count.get(target) === 1) return d
    const refused = refusalAction(d.placement, refuse("ambiguous", [], { reasons: ["adopt_requested"] }))
    const id = target.split("\u0000").at(-1) ?? ""
    const action = refused.action === "refuse" ? { ...refused, imageId: id, imageIds: [id] } : refused
    return { placement: d.placement, action, leftovers: [] }
  })
}

/** Placements first; rows of one placement by what they are about, so that the order is always the same. */
function compareActions(a: Action, b: Action): number {
  return comparePlacements(a, b) || rank(a) - rank(b) || compareText(idOf(a), idOf(b))
}

function idOf(a: Action): string {
  return "imageId" in a ? (a.imageId ?? "") : ""
}

function rank(a: Action): number {
  return a.action === "deprecate" || a.action === "delete" ? 1 : 0
}

function compareNotices(a: PlanNotice, b: PlanNotice): number {
  return (
    compareText(a.account ?? "", b.account ?? "") ||
    compareText(a.region ?? "", b.region ?? "") ||
    compareText(a.imageId ?? "", b.imageId ?? "")
  )
}
