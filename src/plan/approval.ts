/**
 * Approval sets: `approve(plan, set)` keeps of a plan made now what was reviewed before.
 *
 * An action is approved when its digest is in the set, or when it is visibly the rest of one that is: the same
 * placement and spec, and nothing in it that the approved action would not have done. Everything that is kept is an
 * action of the plan at hand, so that a forged set can leave out, and never add.
 *
 * | in the set | derived now                       | verdict      |
 * |------------|-----------------------------------|--------------|
 * | yes        | the same, or the rest of it       | approved     |
 * | yes        | nothing to do any more            | done         |
 * | yes        | something else, or a refusal      | stale        |
 * | no         | something                         | not approved |
 */
import type { ApprovalSet } from "../model/approval.ts"
import { comparePlacements, placementKey } from "../model/placement.ts"
import { type Action, type Plan, VERBS, type Verb } from "../model/plan.ts"
import { canonical, checksumOf, planFingerprint } from "./fingerprint.ts"
import { summarise } from "./refs.ts"

/** An approved action that is not the one to do now. */
export interface Stale {
  readonly approved: Action
  /** Absent: the plan has nothing for the placement that could be named. */
  readonly derived?: Action
}

export interface Approval {
  /** The plan at hand without what is not approved; what to apply. */
  readonly plan: Plan
  readonly done: readonly Action[]
  readonly stale: readonly Stale[]
  readonly notApproved: readonly Action[]
}

/** Narrows a plan to what a set approves. Both must be of one stack; see `approvalProblem`. */
export function approve(plan: Plan, set: ApprovalSet): Approval {
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
    const candidates = approvedOf.get(deedKey(action)) ?? []
    if (!isDeed(action)) {
      kept.push(action)
      continue
    }
    const match = candidates.find((approved) => approved.digest === action.digest || isRest(action, approved))
    const [first] = candidates
    if (match !== undefined) {
      met.add(match)
      kept.push(action)
    } else if (first === undefined) {
      notApproved.push(action)
    } else {
      met.add(first)
      stale.push({ approved: first, derived: action })
    }
  }
  const derivedNow = new Map(plan.actions.map((a) => [placementKey(a), a]))
  const done: Action[] = []
  for (const approved of [...approvedOf.values()].flat()) {
    if (met.has(approved)) continue
    const now = derivedNow.get(placementKey(approved))
    if (now?.action === "refuse") stale.push({ approved, derived: now })
    else done.push(approved)
  }
  return {
    plan: narrowed(plan, kept),
    done: done.sort(comparePlacements),
    stale: stale.sort((a, b) => comparePlacements(a.approved, b.approved)),
    notApproved,
  }
}

/** The plan with fewer actions: what they moved and what they would have exceeded is gone with them. */
function narrowed(plan: Plan, kept: readonly Action[]): Plan {
  const images = new Set(kept.filter(isDeed).map((a) => a.image))
  return {
    ...plan,
    actions: kept,
    summary: summarise(kept),
    fingerprint: planFingerprint(plan.stackId, kept),
    families: plan.families.filter((move) => move.images.some((image) => images.has(image))),
    brakes: plan.brakes.flatMap((brake) => {
      const still = brake.images.filter((image) => images.has(image))
      return still.length > brake.allowed ? [{ ...brake, count: still.length, images: still }] : []
    }),
  }
}

/** Why a set cannot be used with a plan, as a sentence; undefined: it can. */
export function approvalProblem(plan: Plan, set: ApprovalSet): string | undefined {
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

/** Reads a saved set, or says in a sentence why it is none. Never throws. */
export function parseApprovalSet(text: string): ApprovalSet | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return "it is not JSON; it may have been cut short"
  }
  if (!isObject(value)) return "it is no approval set"
  const { checksum, ...parts } = value
  if (value.kind !== "ApprovalSet") return "it is no approval set; plan --out writes one"
  if (value.formatVersion !== 1)
    return `its format version is ${JSON.stringify(value.formatVersion)}, and this version reads 1`
  if (checksum !== checksumOf(parts)) return "its checksum does not fit: it was damaged or edited"
  return isWhole(parts) ? (value as unknown as ApprovalSet) : "parts of it are missing"
}

/** The least that reading code relies on; the rest is held by the checksum. */
function isWhole(parts: Record<string, unknown>): boolean {
  const { plan, choices, rehearsed, information } = parts
  if (!isObject(plan) || !isObject(choices) || !isObject(rehearsed) || !isObject(information)) return false
  if (typeof plan.stackId !== "string" || typeof plan.stack !== "string" || !Array.isArray(plan.actions))
    return false
  const lists = [choices.images, choices.regions, choices.accounts, choices.labels]
  if (!lists.every((l) => Array.isArray(l) && l.every((x) => typeof x === "string"))) return false
  if (!isObject(choices.prune) || !isObject(choices.allow)) return false
  return plan.actions.every(
    (a) =>
      isObject(a) &&
      [a.image, a.account, a.region, a.digest].every((x) => typeof x === "string") &&
      (VERBS as readonly unknown[]).includes(a.action) &&
      Array.isArray(a.changes) &&
      Array.isArray(a.reasons),
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Whether an action changes something, or waits for what will. */
function isDeed(action: Action): boolean {
  return action.action !== "keep" && action.action !== "refuse"
}

/** Retirements are apart from what a placement is otherwise about. */
function deedKey(action: Action): string {
  const retires = action.action === "deprecate" || action.action === "delete"
  return `${placementKey(action)}\u0000${retires ? action.imageId : ""}`
}

const IMPORTING: readonly Verb[] = ["import", "retry", "replace"]

/**
 * Whether an action is the rest of an approved one that was stopped on the way: waiting for its import, the remaining
 * steps of its swap, or the attributes that it was still to give.
 */
function isRest(action: Action, approved: Action): boolean {
  if (!("spec" in action) || !("spec" in approved) || action.spec !== approved.spec) return false
  const imports = IMPORTING.includes(approved.action)
  switch (action.action) {
    case "await":
      return imports && withinChanges(action, approved)
    case "replace":
      return approved.action === "replace" && action.reasons.some((reason) => reason.startsWith("half_done"))
    case "restore":
      return approved.action === "restore" && action.imageId === approved.imageId
    case "update":
      return (imports || approved.action === "restore") && withinChanges(action, approved)
    default:
      return false
  }
}

/** Nothing is changed to a value that the approved action would not have left behind. */
function withinChanges(action: Action, approved: Action): boolean {
  const wanted = new Set(approved.changes.map((c) => canonical([c.field, c.after])))
  return action.changes.every((c) => wanted.has(canonical([c.field, c.after])))
}
