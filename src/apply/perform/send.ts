/**
 * Sending an import: look, then send once.
 *
 * The API has no token that would make a second call harmless, so the call is made at most once, whatever happens.
 * Before it, the region is looked at once more (a listing of the last minute will do): the plan may be older than
 * what another run has done since. A reply that cannot be read, or a refused name, leads to looking for the image by
 * its exact name and the mark that travelled in the call; only that decides.
 */
import type { Failure } from "../../model/failure.ts"
import type { CloudImage } from "../../model/observed.ts"
import type { ImportAction, ReplaceAction } from "../../model/plan.ts"
import { type Stamp, splitDescription } from "../../model/provenance.ts"
import { attemptWrite } from "../attempt.ts"
import { failureFrom, ourFailure } from "../failures.ts"
import { bears } from "../ownership.ts"
import type { Listing } from "../region-images.ts"
import { type Ending, placementOf, type Region, type Run, skipped } from "../run.ts"
import { Stop } from "../stop.ts"
import { lookForEarlier } from "./earlier.ts"
import { removeLeftovers } from "./leftovers.ts"
import type { Import } from "./wait.ts"

/** How old a listing may be that says that nothing of the name is there. */
const LOOK_AGE_MS = 60_000

type Sending = ImportAction | ReplaceAction

/**
 * Takes a place in the region's room, removes what an earlier attempt left behind, and sends the import. The place is
 * given back where the end comes already. `refused`: the rehearsal met the name; nothing is sent.
 */
export async function sendImport(run: Run, action: Sending, refused?: Failure): Promise<Import | Ending> {
  const region = run.region(action)
  try {
    await region.room.enter(region.gates.imports)
  } catch (error) {
    if (error instanceof Stop) return skipped(error)
    throw error
  }
  const sent =
    (run.imports ? await removeLeftovers(run, action) : undefined) ??
    (await send(run, action, region, refused))
  run.sent(action)
  if ("outcome" in sent) region.room.leave()
  return sent
}

async function send(run: Run, action: Sending, region: Region, refused?: Failure): Promise<Import | Ending> {
  const { stamp } = splitDescription(action.request.description)
  const unsent: Import = {
    name: action.request.name,
    ours: (image) => bears(image, stamp),
    since: run.clock.monotonic(),
    afterwards: action.afterwards,
    request: action.request,
  }
  if (refused !== undefined) {
    run.start(action)
    return unclear(run, action, { ...unsent, refused })
  }
  const before = await lookBefore(region, action, stamp)
  if ("outcome" in before) return before
  if (before.id !== undefined) {
    run.start(action)
    return { ...unsent, id: before.id, accepted: {} }
  }
  const earlier = await lookForEarlier(run, action, (listing) => ofThisImport(listing, action, stamp)?.id)
  if (earlier !== undefined) {
    if ("outcome" in earlier) return earlier
    const { id, ...accepted } = earlier
    return { ...unsent, id, accepted }
  }
  return run.imports ? sendOnce(run, action, region, unsent) : skipped(new Stop("not_sent"))
}

async function sendOnce(run: Run, action: Sending, region: Region, unsent: Import): Promise<Import | Ending> {
  const { scope } = region
  const done = await attemptWrite(run, region, "imports", (signal) => {
    run.start(action)
    return run.writing(action).importImage(scope, action.request, { signal })
  })
  if ("stop" in done) return skipped(done.stop)
  const since = run.clock.monotonic()
  if ("value" in done) {
    const { requestId, imageId } = done.value
    const id = imageId === undefined ? {} : { imageId }
    run.emit({ type: "import.accepted", placement: placementOf(action), requestId, ...id })
    return { ...unsent, since, accepted: { requestId }, ...(imageId === undefined ? {} : { id: imageId }) }
  }
  const { failure } = done
  if (failure.code === "InvalidImageName.Duplicate")
    return unclear(run, action, { ...unsent, since, refused: failure })
  if (failure.ambiguous) return unclear(run, action, { ...unsent, since, unclear: failure })
  const { requestId } = failure
  return { outcome: "failed", error: failure, ...(requestId === undefined ? {} : { requestId }) }
}

function unclear(run: Run, action: Sending, sent: Import): Import {
  const error = sent.refused ?? sent.unclear
  if (error !== undefined) run.emit({ type: "import.unclear", placement: placementOf(action), error })
  return sent
}

/** Who has the name before anything is sent: nobody, this very import (its id), or somebody else. */
async function lookBefore(
  region: Region,
  action: Sending,
  stamp: Stamp | undefined,
): Promise<{ readonly id?: string } | Ending> {
  try {
    const listing = await region.images.recent(LOOK_AGE_MS)
    const found = ofThisImport(listing, action, stamp)
    if (found !== undefined) return { id: found.id }
    const [holder] = listing.byName.get(action.request.name) ?? []
    if (holder === undefined) return {}
    return { outcome: "failed", error: ourFailure("ClientError.NameTaken", action, holder.id) }
  } catch (error) {
    const { aborted } = region.gates.imports
    if (aborted || error instanceof Stop) return skipped(new Stop("interrupted"))
    return { outcome: "failed", error: failureFrom(error) }
  }
}

/** The image of this very import, rather one that did not fail. */
function ofThisImport(
  { byName }: Listing,
  { request }: Sending,
  stamp: Stamp | undefined,
): CloudImage | undefined {
  const ours = (byName.get(request.name) ?? []).filter((image) => bears(image, stamp))
  const [found] = ours.sort((a, b) => Number(isFailed(a.state)) - Number(isFailed(b.state)))
  return found
}

function isFailed(state: string): boolean {
  return state === "IMPORTFAILED" || state === "CREATEFAILED"
}
