/** Two sides of a difference for machines: the same shape in diff-plans and in stale results. */
import type { Change } from "../model/plan.ts"
import type { ComparedAction, MovedChange } from "./plan-compare.ts"

/** What is told of an action; null: there is none. */
export function sideShape(action: ComparedAction | undefined): object | null {
  if (action === undefined) return null
  const { action: verb, digest, reasons, imageId, spec } = action
  return { action: verb, digest, reasons, imageId, spec }
}

/** A field, and how each side changes it. */
export function movedChangeShape({ field, before, after }: MovedChange): object {
  return { field, before: changeShape(before), after: changeShape(after) }
}

function changeShape(change: Change | undefined): object | null {
  if (change === undefined) return null
  return { before: change.before, after: change.after, impact: change.impact }
}
