/**
 * Taking images out of use, last of all. Nothing of an image or a family whose import is not done is touched, and
 * each image is looked at once more before: what changed since the plan stays. A share is never ended for it.
 */
import type { CloudImage } from "../../model/observed.ts"
import { type Action, isLeftover, type ReplaceAction, type RetireAction } from "../../model/plan.ts"
import { leftoverBarrier, retirementBarrier } from "../barriers.ts"
import { failureFrom, ourFailure } from "../failures.ts"
import type { Listing } from "../region-images.ts"
import { removeImage } from "../removal.ts"
import { type Ending, type Run, skipped } from "../run.ts"
import { sharesBarrier } from "../shares.ts"
import { Stop, stopOf } from "../stop.ts"
import { deprecate } from "./deprecate.ts"

/** What is retired, and how. */
interface Retiring {
  readonly imageId: string
  readonly how: "deprecate" | "delete"
  readonly deleteSnapshots: boolean
  /** The name that it had in the plan, where another one means that it is in use again. */
  readonly name?: string
  /** What an earlier attempt left: brakes do not count it, so that it must still be one. */
  readonly leftover?: boolean
}

/** An orphan, one beyond a retention, or what an earlier attempt left beside what needs nothing else. */
export async function performRetire(run: Run, action: RetireAction): Promise<Ending> {
  const { imageId, name, deleteSnapshots, reasons } = action
  const leftover = reasons.some(isLeftover)
  const what = { imageId, how: action.action, deleteSnapshots, name, leftover }
  return { imageId, ...(await retire(run, action, what)) }
}

/** What a replacement leaves behind. `done`: how the replacement ended, which is what the row tells of. */
export async function retireReplaced(run: Run, action: ReplaceAction, done: Ending): Promise<Ending> {
  for (const { imageId, how, deleteSnapshots } of action.retire) {
    const { requestId, ...ending } = await retire(run, action, { imageId, how, deleteSnapshots })
    if (ending.outcome === "done") continue
    // The new image stands; the request id is the one to ask about it.
    const asked = done.requestId ?? requestId
    return { ...done, ...ending, ...(asked === undefined ? {} : { requestId: asked }) }
  }
  return done
}

async function retire(run: Run, action: Action, what: Retiring): Promise<Omit<Ending, "imageId">> {
  const { imageId, how, deleteSnapshots } = what
  if (run.undone.holds(action.image, "")) return skipped(new Stop("import_not_done"))
  const { writes } = run.region(action).gates
  if (writes.aborted) return skipped(stopOf(writes))
  try {
    const listing = await run.region(action).images.fresh()
    const image = listing.byId.get(imageId)
    if (image === undefined || (how === "deprecate" && image.deprecated)) return { outcome: "done" }
    if (isComing(image, listing) || run.undone.holds(action.image, image.family)) {
      return skipped(new Stop("import_not_done"))
    }
    const why =
      renamed(image, what) ??
      (what.leftover === true
        ? leftoverBarrier(image, run.plan.stackId)
        : retirementBarrier(image, how, listing, run.plan.stackId)) ??
      (how === "delete" ? await sharesBarrier(run, action, imageId) : undefined)
    if (why !== undefined) {
      const error = ourFailure("ClientError.NotRetirable", action, `${imageId}: ${why}`)
      return skipped(new Stop("not_retirable", error))
    }
  } catch (error) {
    if (run.stop.aborted) return skipped(new Stop("interrupted"))
    return { outcome: "failed", error: failureFrom(error) }
  }
  if (how === "deprecate") return deprecate(run, action, imageId)
  const { imageId: _, ...ending } = await removeImage(run, action, imageId, deleteSnapshots)
  return ending
}

function renamed({ name }: CloudImage, what: Retiring): string | undefined {
  return what.name === undefined || what.name === name ? undefined : `it is called ${name} now`
}

/** An import of the family is under way, whoever began it. */
function isComing({ family }: CloudImage, { byId }: Listing): boolean {
  if (family === "") return false
  for (const image of byId.values()) if (image.family === family && image.state === "IMPORTING") return true
  return false
}
