/**
 * plan(desired, observed) -> Plan. Pure and synchronous: the same values give the same bytes, whatever their order.
 *
 * Each region is indexed once (region.ts), each placement is settled by the matching table (match.ts), the verdict
 * becomes an action with its field changes (act.ts), and actions that would write to the same image are refused.
 */
import type { Desired, DesiredPlacement } from "../model/desired.ts"
import type { Failure } from "../model/failure.ts"
import type { Observed } from "../model/observed.ts"
import { comparePlacements, compareText, type Scope, scopeKey } from "../model/placement.ts"
import { type Action, type Plan, type PlanNotice, VERBS, type Verb } from "../model/plan.ts"
import { act, refusalAction } from "./act.ts"
import { familyMoves } from "./families.ts"
import { imageHash, planFingerprint, specHash } from "./fingerprint.ts"
import { type Allowances, guard } from "./guard.ts"
import { match } from "./match.ts"
import { indexRegion, type RegionIndex } from "./region.ts"
import { refuse } from "./verdict.ts"

export interface PlanOptions {
  /** Which placements to consider; the others are counted. Default: all. */
  readonly select?: (p: DesiredPlacement) => boolean
  /** Safety limits lifted for this run. */
  readonly allow?: Allowances
}

/** Compares what is desired with what was observed. Regions that were not observed are refused, never assumed empty. */
export function plan(desired: Desired, observed: Observed, options: PlanOptions = {}): Plan {
  const { stack } = desired
  const considered = options.select ? desired.placements.filter(options.select) : desired.placements
  const regions = new Map<string, RegionIndex>()
  const failures = new Map<string, Failure>()
  for (const scope of observed.scopes) {
    if ("failure" in scope) failures.set(scopeKey(scope), scope.failure)
    else regions.set(scopeKey(scope), indexRegion(scope.images, stack.id))
  }

  const decided = considered.map((p): [DesiredPlacement, Action] => {
    const region = regions.get(scopeKey(p))
    if (region === undefined)
      return [p, refusalAction(p, refuse("not_observed", []), failures.get(scopeKey(p)))]
    const spec = specHash(p)
    const comparison = { placement: p, stack, spec, observedAt: observed.at }
    return [p, act(comparison, match(p, spec, region), region)]
  })
  const actions = refuseSharedTargets(decided).sort(comparePlacements)
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
    notices: orphans(desired, observed, regions),
    notConsidered: desired.placements.length - considered.length,
  }
}

/** Whether the plan has anything but images that are as they should be. */
export function isEmpty(p: Plan): boolean {
  return p.actions.every((action) => action.action === "keep")
}

function summarise(actions: readonly Action[]): Record<Verb, number> {
  const summary = Object.fromEntries(VERBS.map((verb) => [verb, 0])) as Record<Verb, number>
  for (const action of actions) summary[action.action] += 1
  return summary
}

/** Two manifests must not write to one image, each undoing the other's marks. */
function refuseSharedTargets(decided: readonly [DesiredPlacement, Action][]): Action[] {
  const count = new Map<string, number>()
  for (const [, action] of decided) {
    if (action.action !== "update" && action.action !== "adopt") continue
    const key = target(action, action.imageId)
    count.set(key, (count.get(key) ?? 0) + 1)
  }
  return decided.map(([p, action]) => {
    if (action.action !== "update" && action.action !== "adopt") return action
    if (count.get(target(action, action.imageId)) === 1) return action
    const refused = refusalAction(p, refuse("ambiguous", [], { reasons: ["adopt_requested"] }))
    return refused.action === "refuse"
      ? { ...refused, imageId: action.imageId, imageIds: [action.imageId] }
      : refused
  })
}

function target(scope: Scope, imageId: string): string {
  return `${scopeKey(scope)}\u0000${imageId}`
}

/** Images of this stack that no manifest asks for any more, in the regions that were read. */
function orphans(
  desired: Desired,
  observed: Observed,
  regions: ReadonlyMap<string, RegionIndex>,
): PlanNotice[] {
  const wanted = new Set(
    desired.placements.flatMap((p) => [p.image, ...p.formerNames].map((name) => target(p, imageHash(name)))),
  )
  const notices = observed.scopes.flatMap((scope) =>
    [...(regions.get(scopeKey(scope))?.byOwnedImage ?? [])]
      .filter(([hash]) => !wanted.has(target(scope, hash)))
      .flatMap(([, candidates]) =>
        candidates.map(
          (c): PlanNotice => ({
            code: "orphan",
            message: `${c.image.name} was imported by this stack, and no manifest asks for it any more`,
            account: scope.account,
            region: scope.region,
            imageId: c.image.id,
          }),
        ),
      ),
  )
  return notices.sort(
    (a, b) =>
      compareText(a.account ?? "", b.account ?? "") ||
      compareText(a.region ?? "", b.region ?? "") ||
      compareText(a.imageId ?? "", b.imageId ?? ""),
  )
}
