/**
 * Changes of an existing image, one step after the other: tags, attributes, shares. Each step sets what is wanted
 * and is the same when made twice. Attributes go before shares, since a service may refuse to change what is shared;
 * but a description carries our stamp and is written last, together with the other attributes in one call, so that a
 * stop between two steps leaves an image that the next plan still sees as to be updated. With `release: together` a
 * name or family waits before its step.
 */
import type { Accepted } from "../cloud/port.ts"
import type { Failure } from "../model/failure.ts"
import type { CloudImage } from "../model/observed.ts"
import type { UpdateStep } from "../model/outcome.ts"
import type { Action } from "../model/plan.ts"
import { STACK_TAG, splitDescription } from "../model/provenance.ts"
import type { InPlaceUpdate } from "../model/request.ts"
import { attemptWrite } from "./attempt.ts"
import { failureFrom, ourFailure } from "./failures.ts"
import { isAsWanted } from "./look.ts"
import { ownerOf } from "./ownership.ts"
import { type Ending, placementOf, type Run, skipped } from "./run.ts"
import { Stop, stopOf } from "./stop.ts"

export type ReleasedAction = Action & { readonly release: "perRegion" | "together" }

export interface Step {
  readonly step: UpdateStep
  readonly wanted: InPlaceUpdate
  readonly call: (signal: AbortSignal) => Promise<Accepted>
}

/**
 * Carries the update out on the image, which is as it was at the last look. `requestId`: of the call that brought it
 * here, if this run made one.
 */
export async function takeSteps(
  run: Run,
  action: ReleasedAction,
  image: CloudImage,
  update: InPlaceUpdate,
  requestId?: string,
): Promise<Ending> {
  const imageId = image.id
  let so = { imageId, ...(requestId === undefined ? {} : { requestId }) }
  for (const step of steps(run, action, image, update)) {
    const held = releases(step.wanted) ? await awaitRelease(run, action) : undefined
    if (held !== undefined) return skipped(held, so)
    const lost = releases(step.wanted) ? await changedHands(run, action, imageId) : undefined
    if (lost !== undefined) return { ...so, ...lost }
    const { accepted, ending } = await takeStep(run, action, imageId, step)
    if (ending !== undefined) return { ...so, ...ending }
    // The import's own request id stays: it is the one to ask the service about.
    if (requestId === undefined && accepted !== undefined) so = { imageId, requestId: accepted.requestId }
  }
  return { outcome: "done", ...so }
}

function steps(run: Run, action: Action, image: CloudImage, update: InPlaceUpdate): readonly Step[] {
  const imageId = image.id
  const cloud = run.writing(action)
  const { scope } = run.region(action)
  const { tags, shares, attributes } = update
  const list: Step[] = []
  const stamped = attributes?.description !== undefined
  if (tags !== undefined && Object.keys(tags.set).length + tags.remove.length > 0) {
    const call: Step["call"] = (signal) => cloud.modifyTags(scope, imageId, tags, { signal })
    list.push({ step: "tags", wanted: { tags }, call })
  }
  if (attributes !== undefined && Object.keys(attributes).length > 0) {
    const call: Step["call"] = (signal) => cloud.modifyImage(scope, imageId, attributes, { signal })
    list.push({ step: "attributes", wanted: { attributes }, call })
  }
  if (shares !== undefined && shares.add.length + shares.remove.length > 0) {
    const call: Step["call"] = (signal) => cloud.modifyShares(scope, imageId, shares, { signal })
    const step: Step = { step: "shares", wanted: { shares }, call }
    if (stamped) list.splice(-1, 0, step)
    else list.push(step)
  }
  const takesOnlyMark =
    tags?.remove.includes(STACK_TAG) === true && splitDescription(image.description).stamp === undefined
  if (!stamped || !takesOnlyMark) return list
  // Stamped first, whatever the plan saw: an image without any mark is nobody's, and is not written to any more.
  return [...list.filter((s) => s.step !== "tags"), ...list.filter((s) => s.step === "tags")]
}

function releases({ attributes }: InPlaceUpdate): boolean {
  return attributes?.name !== undefined || attributes?.family !== undefined
}

/** With `release: together`, waits until every placement of the image is NORMAL; why not, if that will not come. */
export async function awaitRelease(run: Run, action: ReleasedAction): Promise<Stop | undefined> {
  if (action.release === "perRegion") return undefined
  const { writes } = run.region(action).gates
  if (await run.releases.complete(action.image, writes)) return undefined
  return writes.aborted ? stopOf(writes) : new Stop("release_held")
}

/** Whose the image is may have changed while its release was waited for. */
async function changedHands(
  run: Run,
  action: ReleasedAction,
  imageId: string,
): Promise<Omit<Ending, "imageId"> | undefined> {
  if (action.release === "perRegion") return undefined
  try {
    const image = (await run.region(action).images.fresh()).byId.get(imageId)
    if (image === undefined)
      return { outcome: "failed", error: ourFailure("ImageDisappeared", action, imageId) }
    const owner = ownerOf(image, run.plan.stackId)
    if (owner === "us" || (owner === "nobody" && action.action === "adopt")) return undefined
    return { outcome: "failed", error: ourFailure("ClientError.NotOurs", action, imageId) }
  } catch (error) {
    if (run.stop.aborted) return skipped(new Stop("interrupted"))
    return { outcome: "failed", error: failureFrom(error) }
  }
}

export interface Taken {
  readonly accepted?: Accepted
  /** Set where the steps end here. */
  readonly ending?: Omit<Ending, "imageId">
}

/** One step: the call, and where its reply is lost, a look whether it was carried out. */
export async function takeStep(run: Run, action: Action, imageId: string, step: Step): Promise<Taken> {
  const about = { placement: placementOf(action), imageId, step: step.step }
  const done = await attemptWrite(run, run.region(action), "writes", (signal) => {
    run.start(action)
    run.emit({ type: "update.started", ...about })
    return step.call(signal)
  })
  if ("stop" in done) return { ending: skipped(done.stop) }
  if ("value" in done) {
    run.emit({ type: "update.settled", ...about, requestId: done.value.requestId })
    return { accepted: done.value }
  }
  const { failure } = done
  const carriedOut = failure.ambiguous && (await isAsWanted(run, action, imageId, step.wanted))
  run.emit({ type: "update.settled", ...about, ...(carriedOut ? {} : { error: failure }) })
  return carriedOut ? {} : { ending: ended(failure) }
}

/** How a step that failed for good ends its action. */
export function ended(failure: Failure): Omit<Ending, "imageId"> {
  const { requestId, ambiguous } = failure
  return {
    outcome: ambiguous ? "unknown" : "failed",
    error: failure,
    ...(requestId === undefined ? {} : { requestId }),
  }
}
