/**
 * An earlier image takes its place again: leftovers go, it is made as wanted, newer members of the family are
 * deprecated, and it takes its name from the one that bears it. The family is never without a usable image. The name
 * comes last, because it is by the name that the next plan sees that something is left to be done.
 */
import type { ImageRef, RestoreAction } from "../../model/plan.ts"
import { PROTECT_TAG } from "../../model/provenance.ts"
import { isProtected } from "../barriers.ts"
import { failureFrom, ourFailure } from "../failures.ts"
import { ownerOf } from "../ownership.ts"
import { type Ending, type Run, skipped } from "../run.ts"
import { awaitRelease } from "../steps.ts"
import { Stop } from "../stop.ts"
import { deprecate } from "./deprecate.ts"
import { proven, takeRemaining } from "./finish.ts"
import { removeLeftovers } from "./leftovers.ts"
import { takeName } from "./swap.ts"

export async function performRestore(run: Run, action: RestoreAction): Promise<Ending> {
  const { imageId, old } = action
  const { attributes: all = {}, ...others } = action.update
  const { name = old === undefined ? undefined : action.name, ...attributes } = all
  const bad = (await check(run, action)) ?? (await removeLeftovers(run, action))
  if (bad !== undefined) return { imageId, ...bad }
  const held = await awaitRelease(run, action)
  if (held !== undefined) return skipped(held, { imageId })
  let ending = await takeRemaining(run, action, imageId, { ...others, attributes })
  for (const member of action.deprecate) {
    if (ending.outcome !== "done") return ending
    ending = { ...ending, ...(await stepBack(run, action, member)) }
  }
  if (ending.outcome !== "done" || name === undefined) return ending
  return proven(run, action, name, { ...ending, ...(await takeName(run, action, imageId, name)) })
}

/** Before anything is written: the wanted image is there, ours and usable. */
async function check(run: Run, action: RestoreAction): Promise<Ending | undefined> {
  try {
    const image = (await run.region(action).images.fresh()).byId.get(action.imageId)
    if (image === undefined) return { outcome: "failed", error: ourFailure("ImageDisappeared", action) }
    if (ownerOf(image, run.plan.stackId) !== "us") {
      return { outcome: "failed", error: ourFailure("ClientError.NotOurs", action) }
    }
    if (image.state === "NORMAL") return undefined
    return { outcome: "failed", error: ourFailure("ClientError.NotNormal", action, action.imageId) }
  } catch (error) {
    return unreadable(run, error)
  }
}

/** A newer member of the family is deprecated, unless it is so already or gone. */
async function stepBack(
  run: Run,
  action: RestoreAction,
  { imageId }: ImageRef,
): Promise<Omit<Ending, "imageId">> {
  try {
    const image = (await run.region(action).images.fresh()).byId.get(imageId)
    if (image === undefined || image.deprecated) return { outcome: "done" }
    if (ownerOf(image, run.plan.stackId) !== "us") {
      return { outcome: "failed", error: ourFailure("ClientError.NotOurs", action, imageId) }
    }
    if (isProtected(image)) {
      const about = `${imageId}: it has the tag ${PROTECT_TAG}`
      return { outcome: "failed", error: ourFailure("ClientError.NotRetirable", action, about) }
    }
  } catch (error) {
    return unreadable(run, error)
  }
  return deprecate(run, action, imageId)
}

function unreadable(run: Run, error: unknown): Ending {
  if (run.stop.aborted) return skipped(new Stop("interrupted"))
  return { outcome: "failed", error: failureFrom(error) }
}
