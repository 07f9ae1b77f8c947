/**
 * One image takes the name of another: the old one is renamed away, the new one in. Between the two the name is
 * absent, so both are made in one place on the wire, and neither an interrupt nor a shut gate comes between them. If
 * the second cannot be made, the first is undone; if that cannot be made either, the error says what stands where.
 */
import type { Accepted } from "../../cloud/port.ts"
import type { Failure } from "../../model/failure.ts"
import type { CloudImage } from "../../model/observed.ts"
import type { ImageRef, ReplaceAction, RestoreAction } from "../../model/plan.ts"
import { attemptWrite } from "../attempt.ts"
import { failureFrom, leaving, nameTaken, ourFailure } from "../failures.ts"
import { isAsWanted } from "../look.ts"
import { ownerOf } from "../ownership.ts"
import type { Listing } from "../region-images.ts"
import { type Ending, placementOf, type Run, skipped } from "../run.ts"
import { ended } from "../steps.ts"
import { Stop } from "../stop.ts"

type Swapping = ReplaceAction | RestoreAction

/** Pauses before the second rename is made again: it sets a name, and is the same when made twice. */
const PAUSES_MS = [1_000, 3_000]

/** Gives the image its name. Looks first: what the cloud shows done is not done again. */
export async function takeName(run: Run, action: Swapping, imageId: string, name: string): Promise<Ending> {
  const plan = await lookAround(run, action, imageId, name)
  if ("outcome" in plan) return plan
  const { incoming, outgoing } = plan
  if (incoming === undefined) return { outcome: "done", imageId }
  const done = await attemptWrite(run, run.region(action), "writes", (signal) => {
    run.start(action)
    return swap(run, action, { incoming, ...(outgoing === undefined ? {} : { outgoing }) }, name, signal)
  })
  if ("stop" in done) return skipped(done.stop, { imageId })
  return { imageId, ...("value" in done ? done.value : ended(done.failure)) }
}

interface Exchange {
  readonly incoming: ImageRef
  /** The image that bears the name, or a former one, with the name that it gets. */
  readonly outgoing?: ImageRef & { readonly to: string }
}

/** What is to be renamed; no `incoming`: nothing. */
async function lookAround(
  run: Run,
  action: Swapping,
  imageId: string,
  name: string,
): Promise<Partial<Exchange> | Ending> {
  const failed = (error: Failure): Ending => ({ outcome: "failed", imageId, error })
  try {
    const { byId, byName } = await run.region(action).images.fresh()
    const incoming = byId.get(imageId)
    if (incoming === undefined) return failed(ourFailure("ImageDisappeared", action, imageId))
    if (ownerOf(incoming, run.plan.stackId) !== "us") return failed(ourFailure("ClientError.NotOurs", action))
    if (incoming.state !== "NORMAL") return failed(ourFailure("ClientError.NotNormal", action, imageId))
    const [holder, second] = (byName.get(name) ?? []).filter((image) => image.id !== imageId)
    const stranger = holder?.id === action.old?.imageId ? second : holder
    if (stranger !== undefined) {
      return failed(nameTaken(ourFailure("ClientError.NameTaken", action, stranger.id), stranger))
    }
    const from = { imageId, name: incoming.name }
    const leaving = holder ?? formerly(action, byId)
    if (leaving === undefined) return incoming.name === name ? {} : { incoming: from }
    if (ownerOf(leaving, run.plan.stackId) !== "us") {
      return failed(ourFailure("ClientError.NotOurs", action, leaving.id))
    }
    const to = action.oldName ?? `${name}.prev-${leaving.id}`
    return { incoming: from, outgoing: { imageId: leaving.id, name: leaving.name, to } }
  } catch (error) {
    if (run.stop.aborted) return skipped(new Stop("interrupted"), { imageId })
    return failed(failureFrom(error))
  }
}

/** The old image where it still has a former name of the placement, as the plan saw it; else it is left alone. */
function formerly({ old, name }: Swapping, byId: Listing["byId"]): CloudImage | undefined {
  if (old === undefined || old.name === name) return undefined
  const image = byId.get(old.imageId)
  return image?.name === old.name ? image : undefined
}

async function swap(
  run: Run,
  action: Swapping,
  { incoming, outgoing }: Exchange,
  name: string,
  signal: AbortSignal,
): Promise<Omit<Ending, "imageId">> {
  if (outgoing !== undefined) {
    const away = await rename(run, action, outgoing.imageId, outgoing.to, signal)
    if ("failure" in away) return ended(away.failure)
  }
  if (incoming.name === name) return { outcome: "done" }
  const second = await renameFirmly(run, action, incoming.imageId, name)
  if (!("failure" in second)) {
    return { outcome: "done", ...(second.requestId === "" ? {} : { requestId: second.requestId }) }
  }
  const { failure } = second
  const newStands = `The new image ${incoming.imageId} stands as ${incoming.name}`
  if (outgoing === undefined) return ended(leaving(failure, `${newStands}; nothing bears the name ${name}.`))
  const { imageId: oldId, name: oldName, to } = outgoing
  if (failure.ambiguous) {
    // It may still be carried out: undoing the first now could leave two images of one name.
    return ended(leaving(failure, `${newStands} or as ${name}; the old one ${oldId} stands as ${to}.`))
  }
  const back = await renameFirmly(run, action, oldId, oldName)
  const stands =
    "failure" in back
      ? `${newStands}; the old one ${oldId} stands as ${to} and could not be renamed back (${back.failure.code}): nothing bears the name ${name}.`
      : `${newStands}; the old one ${oldId} has the name ${oldName} again.`
  return ended(leaving(failure, stands))
}

type Renamed = Accepted | { readonly failure: Failure }

/** Until it is made, or refused for good. Nothing stops it. */
async function renameFirmly(run: Run, action: Swapping, imageId: string, name: string): Promise<Renamed> {
  let renamed = await rename(run, action, imageId, name)
  for (const delayMs of PAUSES_MS) {
    if (!("failure" in renamed)) break
    const { failure } = renamed
    if (!failure.ambiguous && !failure.retryable) break
    run.emit({ type: "call.retried", failure, delayMs })
    await run.clock.sleep(delayMs)
    renamed = await rename(run, action, imageId, name)
  }
  return renamed
}

/** One rename; where its reply is lost, a look tells. */
async function rename(
  run: Run,
  action: Swapping,
  imageId: string,
  name: string,
  signal?: AbortSignal,
): Promise<Renamed> {
  const { scope, gates } = run.region(action)
  const about = { placement: placementOf(action), imageId, step: "name" as const }
  run.emit({ type: "update.started", ...about })
  try {
    const done = await run
      .writing(action)
      .modifyImage(scope, imageId, { name }, signal === undefined ? {} : { signal })
    run.emit({ type: "update.settled", ...about, requestId: done.requestId })
    return done
  } catch (error) {
    if (error instanceof Stop) throw error
    const failure = failureFrom(error)
    gates.learn(failure)
    const carriedOut = failure.ambiguous && (await isAsWanted(run, action, imageId, { attributes: { name } }))
    run.emit({ type: "update.settled", ...about, ...(carriedOut ? {} : { error: failure }) })
    return carriedOut ? { requestId: "" } : { failure }
  }
}
