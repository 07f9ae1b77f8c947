/** What an image gets beside its name, and the reading that proves the name. */
import type { CloudImage } from "../../model/observed.ts"
import type { ReplaceAction, RestoreAction } from "../../model/plan.ts"
import type { InPlaceUpdate } from "../../model/request.ts"
import { failureFrom, ourFailure } from "../failures.ts"
import { isAsWanted } from "../look.ts"
import { ownerOf } from "../ownership.ts"
import { remaining } from "../remaining.ts"
import { type Ending, type Run, skipped } from "../run.ts"
import { takeSteps } from "../steps.ts"
import { Stop } from "../stop.ts"

type Named = ReplaceAction | RestoreAction

/** Makes the steps of the update that the cloud does not show as done. */
export async function takeRemaining(
  run: Run,
  action: Named,
  imageId: string,
  update: InPlaceUpdate,
  requestId?: string,
): Promise<Ending> {
  const so = { imageId, ...(requestId === undefined ? {} : { requestId }) }
  let image: CloudImage | undefined
  let left: InPlaceUpdate
  try {
    image = (await run.region(action).images.fresh()).byId.get(imageId)
    if (image === undefined) {
      return { outcome: "failed", ...so, error: ourFailure("ImageDisappeared", action, imageId) }
    }
    // A release may have been waited for since the image was looked at last.
    if (ownerOf(image, run.plan.stackId) !== "us") {
      return { outcome: "failed", ...so, error: ourFailure("ClientError.NotOurs", action, imageId) }
    }
    left = await remaining(run, action, image, update)
  } catch (error) {
    if (run.stop.aborted) return skipped(new Stop("interrupted"), so)
    return { outcome: "failed", ...so, error: failureFrom(error) }
  }
  return takeSteps(run, action, image, left, requestId)
}

/** The image is read under its name: nothing less is done. */
export async function proven(run: Run, action: Named, name: string, ending: Ending): Promise<Ending> {
  const { outcome, imageId } = ending
  if (outcome !== "done" || imageId === undefined) return ending
  if (await isAsWanted(run, action, imageId, { attributes: { name } })) return ending
  return { ...ending, outcome: "unknown", error: ourFailure("ClientError.ReadBackMismatch", action) }
}
