/**
 * What an apply leaves behind for those who use the images: the ids of what is in place, and what is not. The rows of
 * an apply leave out what was only kept, so that they are completed here from the plan that the run was made of.
 */
import type { ApplyReport, Outcome, Result } from "../model/outcome.ts"
import { comparePlacements, type Placement, placementKey } from "../model/placement.ts"
import type { Action, Plan, Verb } from "../model/plan.ts"
import type { Position } from "../model/position.ts"

/** An image that can be used: it is NORMAL, and of the spec that its manifest asks for. */
export interface ImageInPlace extends Placement {
  readonly imageId: string
}

/** A placement that no id is given of, with why. */
export interface Absence extends Placement {
  readonly action: Verb
  readonly outcome?: Outcome
}

/** The results of an apply with everything that the formats need beside them. */
export interface ApplyOutput extends ApplyReport {
  readonly images: readonly ImageInPlace[]
  readonly absent: readonly Absence[]
  /** Where a placement's action was asked for, by its key. */
  readonly manifests: ReadonlyMap<string, Position>
  /** The stack has more than one account: outputs that nest name them, whatever this run was about. */
  readonly accounts: boolean
  /** Placements that a selection left out. */
  readonly notConsidered: number
}

export interface ApplyOutputParts {
  /** The whole plan, what an approval set leaves out included. */
  readonly plan: Plan
  readonly results: readonly Result[]
  readonly accounts: boolean
}

/** Completes the results of a run. Rows come out sorted. */
export function applyOutput({ plan, results, accounts }: ApplyOutputParts): ApplyOutput {
  const ends = new Map(results.filter((r) => !retires(r.action)).map((r) => [placementKey(r), r]))
  const images: ImageInPlace[] = []
  const absent: Absence[] = []
  for (const action of plan.actions) {
    if (retires(action.action)) continue
    const { image, account, region } = action
    const end = ends.get(placementKey(action))
    const imageId = imageInPlace(action, end)
    if (imageId !== undefined) images.push({ image, account, region, imageId })
    else {
      const outcome = end === undefined ? {} : { outcome: end.outcome }
      absent.push({ image, account, region, action: action.action, ...outcome })
    }
  }
  return {
    formatVersion: 1,
    stack: plan.stack,
    results: results.toSorted(comparePlacements),
    images: images.sort(comparePlacements),
    absent: absent.sort(comparePlacements),
    manifests: new Map(
      plan.actions
        // What the placement itself is about comes last, and stays.
        .toSorted((a, b) => Number(retires(b.action)) - Number(retires(a.action)))
        .map((action) => [placementKey(action), action.manifest]),
    ),
    accounts,
    notConsidered: plan.notConsidered,
  }
}

/**
 * The image of a placement after the run: one that was kept because it is as its manifest says, one that the run
 * brought there, or one whose attributes were to be changed and were not touched. Never that of an action which failed
 * or has not ended, and never one that is not managed: nobody compared it.
 */
function imageInPlace(action: Action, end: Result | undefined): string | undefined {
  if (action.reasons.some((reason) => reason === "released" || reason === "unmanaged")) return undefined
  if (action.action === "keep") return action.imageId
  if (action.action === "refuse") return undefined
  if (end?.outcome === "done") return end.imageId ?? ("imageId" in action ? action.imageId : undefined)
  const untouched = end === undefined || end.outcome === "skipped" || end.outcome === "not_approved"
  return action.action === "update" && untouched && end?.requestId === undefined ? action.imageId : undefined
}

/** True for verbs that several rows of one placement may have, each about another image. */
export function retires(verb: Verb): boolean {
  return verb === "deprecate" || verb === "delete"
}
