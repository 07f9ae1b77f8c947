/** Two plans against each other, as values. Plans that were read from JSON will do: only what both have is looked at. */
import { comparePlacements, type Placement, placementKey } from "../model/placement.ts"
import { type Change, type Reason, VERBS, type Verb } from "../model/plan.ts"

/** What is compared of an action. */
export interface ComparedAction extends Placement {
  readonly action: Verb
  readonly digest: string
  readonly reasons: readonly Reason[]
  readonly changes: readonly Change[]
  readonly imageId?: string
  readonly spec?: string
}

/** What is compared of a plan: a plan, or its JSON. */
export interface ComparedPlan {
  readonly stack: string
  readonly fingerprint: string
  readonly summary: Readonly<Partial<Record<Verb, number>>>
  readonly actions: readonly ComparedAction[]
}

/** A field whose change is not the same in both plans; absent: it does not change there. */
export interface MovedChange {
  readonly field: string
  readonly before?: Change
  readonly after?: Change
}

/** A placement that has another action than before. Absent: no action. */
export interface MovedAction extends Placement {
  readonly moved: "added" | "removed" | "changed"
  readonly before?: ComparedAction
  readonly after?: ComparedAction
  readonly changes: readonly MovedChange[]
}

export interface PlanDifference {
  /** Nothing that a reviewer approves differs. */
  readonly sameFingerprint: boolean
  readonly moved: readonly MovedAction[]
  /** How many actions are the same in both. */
  readonly unmoved: number
  /** Verbs that are counted differently. */
  readonly summary: readonly { readonly action: Verb; readonly before: number; readonly after: number }[]
}

/** What moved from the first plan to the second, sorted by placement. */
export function comparePlans(a: ComparedPlan, b: ComparedPlan): PlanDifference {
  const placements = new Map<string, { old: ComparedAction[]; now: ComparedAction[] }>()
  const at = (action: ComparedAction): { old: ComparedAction[]; now: ComparedAction[] } => {
    const key = placementKey(action)
    const found = placements.get(key) ?? { old: [], now: [] }
    placements.set(key, found)
    return found
  }
  for (const action of a.actions) at(action).old.push(action)
  for (const action of b.actions) at(action).now.push(action)
  const pairs = Array.from(placements.values()).flatMap(({ old, now }) => paired(old, now))
  const moved = pairs.flatMap(movedOf).sort(comparePlacements)
  return {
    sameFingerprint: a.stack === b.stack && a.fingerprint === b.fingerprint,
    moved,
    unmoved: pairs.length - moved.length,
    summary: VERBS.map((action) => ({
      action,
      before: a.summary[action] ?? 0,
      after: b.summary[action] ?? 0,
    })).filter(({ before, after }) => before !== after),
  }
}

interface Pair {
  readonly before?: ComparedAction
  readonly after?: ComparedAction
}

/** A placement has one action of its own and any number of images that leave it; those pair by their ids. */
function paired(old: readonly ComparedAction[], now: readonly ComparedAction[]): Pair[] {
  const left = [...now]
  const pairs = old.map((before): Pair => {
    const i = left.findIndex((after) => partOf(after) === partOf(before))
    const [after] = i < 0 ? [] : left.splice(i, 1)
    return after === undefined ? { before } : { before, after }
  })
  return [...pairs, ...left.map((after) => ({ after }))]
}

function partOf({ action, imageId }: ComparedAction): string {
  return action === "delete" || action === "deprecate" ? `leaves ${imageId ?? ""}` : "own"
}

function movedOf({ before, after }: Pair): MovedAction[] {
  const one = after ?? before
  if (one === undefined) return []
  const { image, account, region } = one
  const placement = { image, account, region }
  if (after === undefined || before === undefined) {
    const moved = after === undefined ? "removed" : "added"
    return [{ ...placement, moved, ...(before && { before }), ...(after && { after }), changes: [] }]
  }
  const same =
    before.action === after.action &&
    before.digest === after.digest &&
    JSON.stringify(before.reasons) === JSON.stringify(after.reasons)
  if (same) return []
  return [changedAction(before, after)]
}

/** Two actions of one placement, side by side. */
export function changedAction(before: ComparedAction, after: ComparedAction): MovedAction {
  const { image, account, region } = after
  return { image, account, region, moved: "changed", before, after, changes: movedChanges(before, after) }
}

function movedChanges(old: ComparedAction, now: ComparedAction): MovedChange[] {
  const fields = Array.from(new Set([...old.changes, ...now.changes].map((change) => change.field)))
  return fields.flatMap((field) => {
    const before = old.changes.find((change) => change.field === field)
    const after = now.changes.find((change) => change.field === field)
    if (before !== undefined && after !== undefined && sameChange(before, after)) return []
    return [{ field, ...(before && { before }), ...(after && { after }) }]
  })
}

function sameChange(a: Change, b: Change): boolean {
  return JSON.stringify([a.before, a.after, a.impact]) === JSON.stringify([b.before, b.after, b.impact])
}
