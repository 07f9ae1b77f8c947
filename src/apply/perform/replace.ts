/**
 * Stage and swap. Every step looks first and is left out where the cloud shows it done, so that the action is the
 * whole of a replacement and the rest of one that was stopped anywhere: leftovers go; the new image is imported under
 * its staged name; at NORMAL, with our mark read, the old one is renamed away and the new one in; it gets what comes
 * after. Until then the old image is as it was. What is retired is retired last of all, when the run's imports ended.
 */
import type { Failure } from "../../model/failure.ts"
import type { CloudImage } from "../../model/observed.ts"
import type { ReplaceAction } from "../../model/plan.ts"
import { splitDescription } from "../../model/provenance.ts"
import { failureFrom, ourFailure } from "../failures.ts"
import { bears, ownerOf } from "../ownership.ts"
import type { Listing } from "../region-images.ts"
import { type Ending, type Run, skipped } from "../run.ts"
import { awaitRelease } from "../steps.ts"
import { Stop } from "../stop.ts"
import { proven, takeRemaining } from "./finish.ts"
import { removeLeftovers } from "./leftovers.ts"
import { sendImport } from "./send.ts"
import { takeName } from "./swap.ts"
import { type Arrival, arrive, type Import, withLateTags } from "./wait.ts"

/** Everything but what is retired. `refused`: the rehearsal met the staged name; nothing is sent. */
export async function performReplace(run: Run, action: ReplaceAction, refused?: Failure): Promise<Ending> {
  const arrival = await bring(run, action, refused)
  if ("outcome" in arrival) return arrival
  const { image, update, requestId } = arrival
  const so = { imageId: image.id, ...(requestId === undefined ? {} : { requestId }) }
  const held = await awaitRelease(run, action)
  if (held !== undefined) return skipped(held, so)
  const named = await takeName(run, action, image.id, action.name)
  if (named.outcome !== "done") return { ...so, ...named }
  const ending = await takeRemaining(run, action, image.id, update, requestId ?? named.requestId)
  return proven(run, action, action.name, ending)
}

/** The new image, read at NORMAL: found there, waited for, or imported. */
async function bring(run: Run, action: ReplaceAction, refused?: Failure): Promise<Arrival | Ending> {
  const found = await find(run, action)
  if ("outcome" in found) return found
  const { image } = found
  if (image === undefined) {
    if (action.staged !== undefined) {
      const { imageId } = action.staged
      return { outcome: "failed", imageId, error: ourFailure("ImageDisappeared", action, imageId) }
    }
    const sent = await sendImport(run, action, refused)
    return "outcome" in sent ? sent : arrive(run, action, sent)
  }
  run.sent(action)
  const stopped = await removeLeftovers(run, action)
  if (stopped !== undefined) return stopped
  const under = staged(run, action, image)
  if (image.state !== "NORMAL") {
    run.start(action)
    run.region(action).room.occupy()
    return arrive(run, action, under)
  }
  const names = [action.request.name, action.name, action.staged?.name]
  if (!under.ours(image) || !names.includes(image.name)) {
    const error = ourFailure("ClientError.ReadBackMismatch", action)
    return { outcome: "failed", imageId: image.id, error }
  }
  run.releases.arrived(action)
  return { image, update: withLateTags(run, under, image) }
}

/** An import of an earlier run, as it is waited for. */
function staged(run: Run, action: ReplaceAction, image: CloudImage): Import {
  const { request, afterwards } = action
  const { stamp } = splitDescription(request.description)
  return {
    name: image.id === action.staged?.imageId ? action.staged.name : request.name,
    id: image.id,
    ours: (seen) =>
      bears(seen, stamp) || (seen.id === action.staged?.imageId && isMarkedOtherwise(run, action, seen)),
    since: run.clock.monotonic(),
    accepted: {},
    request,
    afterwards,
  }
}

/**
 * What the plan took for the wanted one although its stamp is not the import's: its tags alone prove it ours, or it was
 * staged under a former name, with the same spec. It is stamped anew.
 */
function isMarkedOtherwise(run: Run, { spec }: ReplaceAction, image: CloudImage): boolean {
  const { stamp } = splitDescription(image.description)
  return (stamp === undefined || stamp.spec === spec) && ownerOf(image, run.plan.stackId) === "us"
}

/** The new image as far as it stands, under the staged name or already under its own. */
async function find(
  run: Run,
  action: ReplaceAction,
): Promise<{ readonly image: CloudImage | undefined } | Ending> {
  try {
    const candidates = newImages(action, await run.region(action).images.fresh())
    const alive = candidates.filter(({ state }) => state !== "IMPORTFAILED" && state !== "CREATEFAILED")
    if (alive.length > 1) {
      const ids = alive.map(({ id }) => id).sort()
      return { outcome: "unknown", error: ourFailure("ClientError.DoubleImport", action, ids.join(", ")) }
    }
    return { image: alive[0] ?? candidates[0] }
  } catch (error) {
    if (run.stop.aborted) return skipped(new Stop("interrupted"))
    return { outcome: "failed", error: failureFrom(error) }
  }
}

function newImages(action: ReplaceAction, listing: Listing): readonly CloudImage[] {
  const { request, name, remove, old } = action
  const known = action.staged === undefined ? undefined : listing.byId.get(action.staged.imageId)
  const others = new Set([...remove.map(({ imageId }) => imageId), old?.imageId, known?.id])
  const { stamp } = splitDescription(request.description)
  const same = [...(listing.byName.get(request.name) ?? []), ...(listing.byName.get(name) ?? [])].filter(
    (image) =>
      // Of two images of one spec, the source tells which is the new one.
      !others.has(image.id) &&
      bears(image, stamp) &&
      splitDescription(image.description).stamp?.source === stamp?.source,
  )
  return known === undefined ? same : [known, ...same]
}
