import type { CloudImage } from "../../model/observed.ts"
import type { UpdateAction } from "../../model/plan.ts"
import { failureFrom, ourFailure } from "../failures.ts"
import { ownerOf } from "../ownership.ts"
import { type Ending, type Run, skipped } from "../run.ts"
import { takeSteps } from "../steps.ts"
import { Stop } from "../stop.ts"

/** How old a listing may be that says whose the image is. */
const LOOK_AGE_MS = 60_000

/** Changes an image of ours in place. Looks once more before the first write, so that only ours is written to. */
export async function performUpdate(run: Run, action: UpdateAction): Promise<Ending> {
  return changeInPlace(run, action, (owner) => owner === "us")
}

/** The look that `update` and `adopt` share; `may` says whether an image of that owner may be written to. */
export async function changeInPlace(
  run: Run,
  action: UpdateAction,
  may: (owner: ReturnType<typeof ownerOf>) => boolean,
): Promise<Ending> {
  const { images } = run.region(action)
  const { imageId } = action
  let image: CloudImage | undefined
  try {
    image = (await images.recent(LOOK_AGE_MS)).byId.get(imageId)
    if (image === undefined) {
      return { outcome: "failed", imageId, error: ourFailure("ImageDisappeared", action) }
    }
    if (!may(ownerOf(image, run.plan.stackId))) {
      return { outcome: "failed", imageId, error: ourFailure("ClientError.NotOurs", action) }
    }
  } catch (error) {
    if (run.stop.aborted) return skipped(new Stop("interrupted"), { imageId })
    return { outcome: "failed", imageId, error: failureFrom(error) }
  }
  return takeSteps(run, action, image, action.update)
}
