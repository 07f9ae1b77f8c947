/**
 * An import that an earlier run may have made, and that no listing shows: it is looked for until the visibility window
 * that began with it is over, and in three complete listings of this run at least. Only then is it certain enough that
 * there is none, and the import may be sent.
 */
import type { Failure } from "../../model/failure.ts"
import type { ImportAction, ReplaceAction } from "../../model/plan.ts"
import { failureFrom, ourFailure } from "../failures.ts"
import type { Earlier } from "../journal.ts"
import { isImageOf } from "../journal-open.ts"
import type { Listing } from "../region-images.ts"
import { type Ending, placementOf, type Run } from "../run.ts"
import { ownSignal } from "../stop.ts"

/** Complete listings without the image, until there is none. */
const LOOKS = 3

export interface EarlierImport {
  readonly id: string
  readonly requestId?: string
}

/** What an earlier run brought, undefined if it is certain that nothing came, or how the action ends here. */
export async function lookForEarlier(
  run: Run,
  action: ImportAction | ReplaceAction,
  ours: (listing: Listing) => string | undefined,
): Promise<EarlierImport | Ending | undefined> {
  const earlier = run.journal?.earlier(action)
  if (earlier === undefined) return undefined
  run.start(action)
  // What waits here sends nothing soon: the others may have its share of the wire.
  run.sent(action)
  const error = maybe(action, earlier)
  run.emit({ type: "import.unclear", placement: placementOf(action), error })
  const requestId = earlier.requestId === undefined ? {} : { requestId: earlier.requestId }
  const until = run.clock.monotonic() + leftOf(run, earlier)
  if (!run.waits && run.clock.monotonic() < until) return unsettled(earlier, error)
  for (let looks = 0; ; ) {
    const listing = await list(run, action)
    if ("byId" in listing) {
      looks += 1
      const id = ours(listing)
      if (id !== undefined) return { id, ...requestId }
      const other = otherOf(earlier, listing)
      if (other !== undefined) {
        return {
          outcome: "failed",
          imageId: other,
          error: ourFailure("ClientError.EarlierImport", action, other),
        }
      }
      if (looks >= LOOKS && run.clock.monotonic() >= until) break
    } else if (run.stop.aborted || run.clock.monotonic() >= until) return unsettled(earlier, listing)
    if (!(await paused(run, looks, until))) return unsettled(earlier, error)
  }
  // What this run does not send, the next one has to look for as well.
  if (!run.imports) return unsettled(earlier, error)
  run.journal?.failed(action, "absent")
  return undefined
}

/** Milliseconds until the service must show it. An image that was seen is gone as soon as it is not seen any more. */
function leftOf({ clock, settings }: Run, { at, state }: Earlier): number {
  if (state === "visible") return 0
  return Math.min(settings.visibilityWindowMs, Math.max(0, at + settings.visibilityWindowMs - clock.now()))
}

/** The import turned up, and is not the one that is wanted now. */
function otherOf(earlier: Earlier, { byId }: Listing): string | undefined {
  const { attempt, name, stamp, others, ...rest } = earlier
  if (attempt === undefined || name === undefined || stamp === undefined || others === undefined)
    return undefined
  const intent = { image: "", account: "", region: "", attempt, name, stamp, others, ...rest }
  for (const image of byId.values()) if (isImageOf(intent, image)) return image.id
  return undefined
}

function maybe(action: ImportAction | ReplaceAction, { at, state }: Earlier): Failure {
  const when = `${new Date(at).toISOString()}${state === "intent" ? "" : `, ${state}`}`
  return ourFailure("ClientError.MaybeImporting", action, when)
}

/** The service has it for certain where a reply or a listing said so. */
function unsettled({ state, requestId, imageId }: Earlier, error: Failure): Ending {
  return {
    outcome: state === "accepted" || state === "visible" ? "running" : "unknown",
    ...(imageId === undefined ? {} : { imageId }),
    ...(requestId === undefined ? {} : { requestId }),
    error,
  }
}

async function list(run: Run, action: ImportAction | ReplaceAction): Promise<Listing | Failure> {
  try {
    return await run.region(action).images.fresh()
  } catch (error) {
    return failureFrom(error)
  }
}

/** Until the next look: soon for those that are needed anyway, ever slower for the rest of the window. */
async function paused(run: Run, looks: number, until: number): Promise<boolean> {
  const { minMs, maxMs } = run.poll
  const left = until - run.clock.monotonic()
  const wanted = Math.min(maxMs, minMs * 2 ** Math.min(looks, 10))
  const ms = looks >= LOOKS ? Math.max(minMs, Math.min(wanted, left)) : minMs
  return run.clock.sleep(ms, ownSignal(run.stop)).then(
    () => true,
    () => false,
  )
}
