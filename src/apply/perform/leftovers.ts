/**
 * What earlier attempts left behind, removed as part of the action that it stands in the way of: failed imports of
 * ours, and staged images that nothing waits for any more. Each is looked at once more, and removed only if nobody
 * can boot from it.
 */
import type { Action, ImageRef } from "../../model/plan.ts"
import { leftoverBarrier } from "../barriers.ts"
import { failureFrom, ourFailure } from "../failures.ts"
import { removeImage } from "../removal.ts"
import { type Ending, type Run, skipped } from "../run.ts"
import { sharesBarrier } from "../shares.ts"
import { Stop } from "../stop.ts"

/** Removes them all and waits until they are gone; why the action cannot go on, if one of them is not. */
export async function removeLeftovers(
  run: Run,
  action: Action & { readonly remove: readonly ImageRef[] },
): Promise<Ending | undefined> {
  if (action.remove.length === 0) return undefined
  const endings = await Promise.all(action.remove.map(({ imageId }) => removeLeftover(run, action, imageId)))
  const [first] = endings.filter(({ outcome }) => outcome !== "done")
  if (first === undefined) return undefined
  if (run.stop.aborted) return skipped(new Stop("interrupted"))
  // Of what the action is about, nothing was begun: a removal that goes on is no import that does.
  return first.outcome === "running" ? { ...first, outcome: "failed" } : first
}

async function removeLeftover(run: Run, action: Action, imageId: string): Promise<Ending> {
  try {
    const image = (await run.region(action).images.fresh()).byId.get(imageId)
    if (image === undefined) return { outcome: "done" }
    const why = leftoverBarrier(image, run.plan.stackId) ?? (await sharesBarrier(run, action, imageId))
    if (why !== undefined) {
      const about = `${imageId}: ${why}`
      return { outcome: "failed", error: ourFailure("ClientError.NotRetirable", action, about) }
    }
  } catch (error) {
    return { outcome: "failed", error: failureFrom(error) }
  }
  const { imageId: _, ...ending } = await removeImage(run, action, imageId, true)
  return ending
}
