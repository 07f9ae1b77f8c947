/**
 * Removing one image. An id is never used twice, so the call is the same when made twice: what other tasks hold up and
 * what got no readable reply is made again after a look, until a complete listing no longer holds the image.
 */
import type { Failure } from "../model/failure.ts"
import type { Action } from "../model/plan.ts"
import { attemptWrite } from "./attempt.ts"
import { failureFrom, ourFailure } from "./failures.ts"
import { type Ending, placementOf, type Run, skipped } from "./run.ts"
import { ended } from "./steps.ts"
import { ownSignal } from "./stop.ts"

/** How long a deletion is repeated and then waited for. */
const LIMIT_MS = 5 * 60_000

/** Deletes the image and waits until it is gone: `done`, or `running` where it was accepted and is still listed. */
export async function removeImage(
  run: Run,
  action: Action,
  imageId: string,
  snapshots: boolean,
): Promise<Ending> {
  const about = { placement: placementOf(action), imageId, step: "removal" as const }
  let told = false
  const begin = (): void => {
    run.start(action)
    if (!told) run.emit({ type: "update.started", ...about })
    told = true
  }
  const ending = await remove(run, action, imageId, snapshots, begin)
  const { requestId, error } = ending
  const so = { ...(requestId === undefined ? {} : { requestId }), ...(error === undefined ? {} : { error }) }
  if (told) run.emit({ type: "update.settled", ...about, ...so })
  return ending
}

async function remove(
  run: Run,
  action: Action,
  imageId: string,
  snapshots: boolean,
  begin: () => void,
): Promise<Ending> {
  const region = run.region(action)
  const until = run.clock.monotonic() + LIMIT_MS
  let unclear: Failure | undefined
  for (let attempts = 1; ; attempts += 1) {
    const done = await attemptWrite(run, region, "writes", (signal) => {
      begin()
      return run.writing(action).deleteImage(region.scope, imageId, { snapshots }, { signal })
    })
    if ("value" in done) return gone(run, action, imageId, until, done.value.requestId)
    if ("stop" in done) {
      return unclear === undefined ? skipped(done.stop, { imageId }) : { imageId, ...ended(unclear) }
    }
    const { failure } = done
    if (failure.ambiguous) unclear = failure
    if (!failure.retryable && !failure.ambiguous) return { imageId, ...ended(failure) }
    if (run.clock.monotonic() >= until) return { imageId, ...ended(unclear ?? failure) }
    const delayMs = pause(run, attempts)
    run.emit({ type: "call.retried", failure, delayMs })
    if (!(await slept(run, delayMs))) return { imageId, ...ended(unclear ?? failure) }
    if ((await isGone(run, action, imageId)) === true) return { outcome: "done", imageId }
  }
}

/** The deletion was accepted: waits until no listing holds the image. */
async function gone(
  run: Run,
  action: Action,
  imageId: string,
  until: number,
  requestId: string,
): Promise<Ending> {
  const so = { imageId, ...(requestId === "" ? {} : { requestId }) }
  for (let looks = 1; ; looks += 1) {
    const seen = await isGone(run, action, imageId)
    if (seen === true) return { outcome: "done", ...so }
    if (run.clock.monotonic() >= until) {
      const error = seen === false ? ourFailure("ClientError.StillRemoving", action, imageId) : seen
      return { outcome: "running", ...so, error }
    }
    if (!(await slept(run, pause(run, looks)))) return { outcome: "running", ...so }
  }
}

async function isGone(run: Run, action: Action, imageId: string): Promise<boolean | Failure> {
  try {
    return !(await run.region(action).images.fresh()).byId.has(imageId)
  } catch (error) {
    return failureFrom(error)
  }
}

function pause({ poll }: Run, nth: number): number {
  return Math.min(poll.maxMs, poll.minMs * 2 ** (nth - 1))
}

async function slept(run: Run, ms: number): Promise<boolean> {
  return run.clock.sleep(ms, ownSignal(run.stop)).then(
    () => true,
    () => false,
  )
}
