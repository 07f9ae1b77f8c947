/** The end of what gave an image its name: what comes after, and the reading that proves it. */
import type { ReplaceAction, RestoreAction } from "../../model/plan.ts"
import type { InPlaceUpdate } from "../../model/request.ts"
import { failureFrom, ourFailure } from "../failures.ts"
import { isAsWanted } from "../look.ts"
import { remaining } from "../remaining.ts"
import { type Ending, type Run, skipped } from "../run.ts"
import { takeSteps } from "../steps.ts"
import { Stop } from "../stop.ts"

/** Makes the steps that are left, then reads the image under its name: nothing less is done. */
export async function finish(
  run: Run,
  action: ReplaceAction | RestoreAction,
  imageId: string,
  name: string | undefined,
  update: InPlaceUpdate,
  requestId: string | undefined,
): Promise<Ending> {
  const so = { imageId, ...(requestId === undefined ? {} : { requestId }) }
  let left: InPlaceUpdate
  try {
    const image = (await run.region(action).images.fresh()).byId.get(imageId)
    if (image === undefined) {
      return { outcome: "failed", ...so, error: ourFailure("ImageDisappeared", action, imageId) }
    }
    left = await remaining(run, action, image, update)
  } catch (error) {
    if (run.stop.aborted) return skipped(new Stop("interrupted"), so)
    return { outcome: "failed", ...so, error: failureFrom(error) }
  }
  const ending = await takeSteps(run, action, imageId, left, requestId)
  if (ending.outcome !== "done" || name === undefined) return ending
  if (await isAsWanted(run, action, imageId, { attributes: { name } })) return ending
  return { ...ending, outcome: "unknown", error: ourFailure("ClientError.ReadBackMismatch", action) }
}
