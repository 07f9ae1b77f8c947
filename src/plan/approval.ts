/**
 * Approval sets: `approve(plan, set)` keeps of a plan made now what was reviewed before.
 *
 * An action is approved when its digest is in the set, or when it is visibly the rest of one that is: the same
 * placement and spec, and nothing in it that the approved action would not have done. Everything that is kept is an
 * action of the plan at hand, or a part of one, so that a forged set can leave out, and never add.
 *
 * | in the set | derived now                       | verdict                      |
 * |------------|-----------------------------------|------------------------------|
 * | yes        | the same, or the rest of it       | approved                     |
 * | yes        | that, and tags missing since      | approved, without these tags |
 * | yes        | nothing to do any more            | done                         |
 * | yes        | something else, or a refusal      | stale                        |
 * | yes        | an image of nobody's has the name | stale                        |
 * | yes        | the same, of another object       | stale                        |
 * | no         | something                         | not approved                 |
 */
import type { ApprovalSet, Stale } from "../model/approval.ts"
import type { Observed } from "../model/observed.ts"
import { comparePlacements, placementKey, scopeKey } from "../model/placement.ts"
import type { Action, Plan, RetireAction } from "../model/plan.ts"
import { checksumOf, planFingerprint } from "./fingerprint.ts"
import { counted } from "./guard.ts"
import { sourceDifferences } from "./pins.ts"
import { summarise } from "./refs.ts"
import { approvedPart, isRest } from "./rest.ts"

export interface Approval {
  /** The plan at hand without what is not approved; what to apply. */
  readonly plan: Plan
  readonly done: readonly Action[]
  readonly stale: readonly Stale[]
  readonly notApproved: readonly Action[]
}

/**
 * Narrows a plan to what a set approves. Both must be of one stack; see `approvalProblem`. `sources` are the objects as
 * they were seen just now; one that the set pins and that is not among them cannot be shown to be the same.
 */
export function approve(plan: Plan, set: ApprovalSet, sources: Observed["sources"] = {}): Approval {
  const approvedOf = new Map<string, Action[]>()
  for (const action of set.plan.actions) {
    if (!isDeed(action)) continue
    const key = deedKey(action)
    approvedOf.set(key, [...(approvedOf.get(key) ?? []), action])
  }
  const met = new Set<Action>()
  const kept: Action[] = []
  const stale: Stale[] = []
  const notApproved: Action[] = []
  for (const action of plan.actions) {
    const candidates = approvedOf.get(deedKey(action)) ?? retiringIt(action, approvedOf)
    if (!isDeed(action)) {
      kept.push(action)
      continue
    }
    const [match] = candidates.flatMap((approved) => {
      const part = approvedPart(action, approved)
      return part === undefined ? [] : [{ approved, part }]
    })
    const approved = match?.approved ?? candidates[0]
    // Nothing of it was approved, or nothing of what was approved is left.
    if (approved === undefined || match?.part === "nothing") {
      notApproved.push(action)
      continue
    }
    met.add(approved)
    const others = sourceDifferences(action, set.sources, sources)
    if (match !== undefined && others.length === 0) kept.push(match.part)
    else stale.push({ approved, derived: action, ...(others.length === 0 ? {} : { sources: others }) })
  }
  const done: Action[] = []
  for (const approved of [...approvedOf.values()].flat()) {
    if (met.has(approved)) continue
    const now = hindrance(plan, approved)
    if (now === undefined) done.push(approved)
    else stale.push({ approved, ...now })
  }
  return {
    plan: narrowed(plan, kept),
    done: done.sort(comparePlacements),
    stale: stale.sort((a, b) => comparePlacements(a.approved, b.approved)),
    notApproved,
  }
}

/** Why an approved action that is not derived any more is not done either; undefined: it is. */
function hindrance(plan: Plan, approved: Action): Omit<Stale, "approved"> | undefined {
  const row = plan.actions.find((a) => placementKey(a) === placementKey(approved) && standsInTheWay(a))
  if (!isRetirement(approved)) return row === undefined ? undefined : { derived: row }
  if (row?.action === "refuse" && row.refusal === "not_observed") return { derived: row }
  // It has to stay after all, or nobody could look.
  const told = plan.notices.some((n) =>
    n.imageId === undefined
      ? n.code === "not_observed" && n.account === approved.account && n.region === approved.region
      : n.imageId === approved.imageId,
  )
  return told ? {} : undefined
}

/** A refusal, or somebody else's image in the place of what was to be there. */
function standsInTheWay(action: Action): boolean {
  return action.action === "refuse" || (action.action === "keep" && action.reasons.includes("unmanaged"))
}

/** The plan with fewer actions: what they moved and what they would have exceeded is gone with them. */
function narrowed(plan: Plan, kept: readonly Action[]): Plan {
  const deeds = kept.filter(isDeed)
  const families = plan.families.filter((move) =>
    deeds.some((a) => scopeKey(a) === scopeKey(move) && move.images.includes(a.image)),
  )
  return {
    ...plan,
    actions: kept,
    summary: summarise(kept),
    fingerprint: planFingerprint(plan.stackId, kept),
    families,
    brakes: plan.brakes.flatMap((brake) => {
      const still = { ...brake, ...counted(brake.limit, kept, families) }
      return still.count > brake.allowed ? [still] : []
    }),
  }
}

/** Why a set cannot be used with a stack, as a sentence; undefined: it can. */
export function approvalProblem(
  plan: Pick<Plan, "stack" | "stackId" | "site">,
  set: ApprovalSet,
): string | undefined {
  const { stack, stackId, site } = set.plan
  if (stackId !== plan.stackId)
    return `it was made for the stack ${stack} (${stackId}), and this is ${plan.stack} (${plan.stackId})`
  return site === plan.site
    ? undefined
    : `it was made for the site ${site}, and this stack is for ${plan.site}`
}

/** Seals a set: its checksum over everything else. */
export function sealApprovalSet(parts: Omit<ApprovalSet, "checksum">): ApprovalSet {
  return { ...parts, checksum: checksumOf(parts) }
}

/** Whether an action changes something, or waits for what will. */
function isDeed(action: Action): boolean {
  return action.action !== "keep" && action.action !== "refuse"
}

/** Replacements of the placement that were to retire the image: stopped before, they leave that to a row of its own. */
function retiringIt(action: Action, approvedOf: ReadonlyMap<string, readonly Action[]>): readonly Action[] {
  if (!isRetirement(action)) return []
  const replaced = approvedOf.get(`${placementKey(action)}\u0000`) ?? []
  return replaced.filter((approved) => isRest(action, approved))
}

/** Retirements are apart from what a placement is otherwise about. */
function deedKey(action: Action): string {
  return `${placementKey(action)}\u0000${isRetirement(action) ? action.imageId : ""}`
}

function isRetirement(action: Action): action is RetireAction {
  return action.action === "deprecate" || action.action === "delete"
}
