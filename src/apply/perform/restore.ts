/**
 * An earlier image takes its place again: leftovers go, the image that bears the name is renamed away, the wanted one
 * in and made as wanted; then newer members of the family are deprecated, so that consumers boot the wanted one and
 * the family is never without a usable image.
 */
import type { ImageRef, RestoreAction } from "../../model/plan.ts"
import { failureFrom, ourFailure } from "../failures.ts"
import { ownerOf } from "../ownership.ts"
import { type Ending, type Run, skipped } from "../run.ts"
import { awaitRelease } from "../steps.ts"
import { Stop } from "../stop.ts"
import { deprecate } from "./deprecate.ts"
import { finish } from "./finish.ts"
import { removeLeftovers } from "./leftovers.ts"
import { takeName } from "./swap.ts"

export async function performRestore(run: Run, action: RestoreAction): Promise<Ending> {
  const { imageId, old } = action
  const { name = old === undefined ? undefined : action.name, ...attributes } = action.update.attributes ?? {}
  const bad = (await check(run, action)) ?? (await removeLeftovers(run, action))
  if (bad !== undefined) return { imageId, ...bad }
  const held = await awaitRelease(run, action)
  if (held !== undefined) return skipped(held, { imageId })
  const named: Ending =
    name === undefined ? { outcome: "done", imageId } : await takeName(run, action, imageId, name)
  if (named.outcome !== "done") return named
  const { attributes: _, ...rest } = action.update
  const update = Object.keys(attributes).length === 0 ? rest : { ...rest, attributes }
  const ending = await finish(run, action, imageId, name, update, named.requestId)
  if (ending.outcome !== "done") return ending
  let requestId = ending.requestId
  for (const member of action.deprecate) {
    const taken = await stepBack(run, action, member)
    if (taken.outcome !== "done") return { imageId, ...taken }
    requestId = taken.requestId ?? requestId
  }
  return { ...ending, ...(requestId === undefined ? {} : { requestId }) }
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
  } catch (error) {
    return unreadable(run, error)
  }
  return deprecate(run, action, imageId)
}

function unreadable(run: Run, error: unknown): Ending {
  if (run.stop.aborted) return skipped(new Stop("interrupted"))
  return { outcome: "failed", error: failureFrom(error) }
}
