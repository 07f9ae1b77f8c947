/** From an import that was sent, or found under way, to its end: the wait, and the steps after NORMAL. */
import type { Failure } from "../../model/failure.ts"
import type { CloudImage } from "../../model/observed.ts"
import type { AwaitAction, ImportAction, ReplaceAction } from "../../model/plan.ts"
import type { ImportRequest, InPlaceUpdate } from "../../model/request.ts"
import { importFailedAdvice } from "../causes.ts"
import { importFailed, leaving, nameTaken, ourFailure } from "../failures.ts"
import { type Ending, placementOf, type Run } from "../run.ts"
import { takeSteps } from "../steps.ts"
import type { Target, Verdict } from "../verdict.ts"

/** An import whose end is waited for. */
export interface Import {
  readonly name: string
  readonly id?: string
  readonly ours: Target["ours"]
  /** Monotonic. */
  readonly since: number
  /** The service has it: a reply said so, or a listing showed it. */
  readonly accepted?: { readonly requestId?: string }
  /** The call got no readable reply. */
  readonly unclear?: Failure
  /** The service refused the name, so that nothing of ours was accepted. */
  readonly refused?: Failure
  /** What this run sent, or would have. */
  readonly request?: ImportRequest
  readonly afterwards: InPlaceUpdate
}

/** Tags attach late; after this long those of the request that are missing are attached by a call of their own. */
const TAGS_LATE_MS = 30 * 60_000

/** An import that was read at NORMAL. */
export interface Arrival {
  readonly image: CloudImage
  /** The steps that follow. */
  readonly update: InPlaceUpdate
  readonly requestId?: string
}

type Awaited = ImportAction | ReplaceAction | AwaitAction

/** Waits, holding the place in the region's room that the caller took, then takes the steps that follow. */
export async function waitFor(
  run: Run,
  action: Exclude<Awaited, ReplaceAction>,
  sent: Import,
): Promise<Ending> {
  const arrival = await arrive(run, action, sent)
  if ("outcome" in arrival) return arrival
  return takeSteps(run, action, arrival.image, arrival.update, arrival.requestId)
}

/** Waits until the image is NORMAL, holding the place in the region's room that the caller took. */
export async function arrive(run: Run, action: Awaited, sent: Import): Promise<Arrival | Ending> {
  const { watch, room } = run.region(action)
  if (!run.waits && sent.refused === undefined) {
    room.keep()
    return unfinished(action, sent, { kind: "stopped" }, sent.id !== undefined, soFar(sent))
  }
  const verdict = await watch.wait(target(run, sent), {
    state: (image) => {
      run.journal?.visible(action, image.id)
      run.emit({ type: "image.state", placement: placementOf(action), ...shown(image) })
    },
  })
  record(run, action, verdict)
  if (goesOn(verdict)) room.keep()
  else room.leave()
  if (verdict.kind !== "normal") return ending(action, sent, verdict)
  run.releases.arrived(action)
  const { image } = verdict
  const requestId = sent.accepted?.requestId
  const update = withLateTags(run, sent, image)
  return { image, update, ...(requestId === undefined ? {} : { requestId }) }
}

/** What the end of the wait says to the run after this one. */
function record({ journal }: Run, action: Awaited, verdict: Verdict): void {
  if (verdict.kind === "normal") journal?.arrived(action, verdict.image.id)
  if (verdict.kind === "failed") journal?.failed(action, verdict.image.state)
  if (verdict.kind === "gone") journal?.failed(action, "gone")
}

function soFar({ id, accepted, unclear }: Import): Pick<Ending, "imageId" | "requestId"> {
  const requestId = accepted?.requestId ?? unclear?.requestId
  return {
    ...(id === undefined ? {} : { imageId: id }),
    ...(requestId === undefined ? {} : { requestId }),
  }
}

function target(run: Run, sent: Import): Target {
  const { importTimeoutMs, visibilityWindowMs } = run.settings
  const limitMs = run.waits ? importTimeoutMs : 0
  const { name, id, ours, since } = sent
  return {
    name,
    ...(id === undefined ? {} : { id }),
    ours,
    refused: sent.refused !== undefined,
    since,
    invisibleUntil: since + visibilityWindowMs,
    until: since + limitMs,
  }
}

function shown({ id, state, progress }: CloudImage): { imageId: string; state: string; progress?: number } {
  return { imageId: id, state, ...(progress === undefined ? {} : { progress }) }
}

/** Nobody read that it ended: it may still be importing. */
function goesOn({ kind }: Verdict): boolean {
  return kind === "late" || kind === "blind" || kind === "invisible" || kind === "stopped"
}

function ending(action: Awaited, sent: Import, verdict: Exclude<Verdict, { kind: "normal" }>): Ending {
  const requestId = sent.accepted?.requestId ?? sent.unclear?.requestId ?? sent.refused?.requestId
  const image = "image" in verdict ? verdict.image : undefined
  const imageId = image?.id ?? sent.id
  const so = {
    ...(imageId === undefined ? {} : { imageId }),
    ...(requestId === undefined ? {} : { requestId }),
  }
  switch (verdict.kind) {
    case "failed": {
      const { osName } = verdict.image
      const advice = importFailedAdvice({
        ...(sent.request === undefined ? {} : { request: sent.request }),
        ...(osName === undefined ? {} : { osName }),
      })
      return { outcome: "failed", ...so, error: importFailed(action, verdict.image, advice, requestId) }
    }
    case "altered":
      return { outcome: "failed", ...so, error: ourFailure("ClientError.ReadBackMismatch", action) }
    case "gone":
      return { outcome: "failed", ...so, error: ourFailure("ImageDisappeared", action) }
    case "doubled":
      return {
        outcome: "unknown",
        ...so,
        error: ourFailure("ClientError.DoubleImport", action, verdict.ids.join(", ")),
      }
    case "taken":
      return {
        outcome: "failed",
        ...(requestId === undefined ? {} : { requestId }),
        error: nameTaken(sent.refused ?? ourFailure("ClientError.NameTaken", action), verdict.image),
      }
    case "invisible":
      return sent.refused === undefined
        ? { outcome: "unknown", ...so, error: sent.unclear ?? ourFailure("ClientError.NotVisible", action) }
        : { outcome: "failed", ...so, error: nameTaken(sent.refused, undefined) }
    case "late":
    case "blind":
    case "stopped":
      return unfinished(action, sent, verdict, image !== undefined, so)
  }
}

/** The wait ended, the import did not: running if the service has it, else what is known of the call. */
function unfinished(
  action: Awaited,
  sent: Import,
  verdict: Extract<Verdict, { kind: "late" | "blind" | "stopped" }>,
  seen: boolean,
  so: Pick<Ending, "imageId" | "requestId">,
): Ending {
  if (!seen && sent.accepted === undefined) {
    if (sent.refused !== undefined)
      return { outcome: "failed", ...so, error: nameTaken(sent.refused, undefined) }
    return { outcome: "unknown", ...so, ...(sent.unclear === undefined ? {} : { error: sent.unclear }) }
  }
  if (verdict.kind === "stopped") return { outcome: "running", ...so }
  const error =
    verdict.kind === "blind"
      ? leaving(verdict.failure, "The import goes on in the cloud: cvmimg wait, or apply again, picks it up.")
      : ourFailure("ClientError.StillImporting", action)
  return { outcome: "running", ...so, error }
}

/** The steps after NORMAL, with the tags of the request that had their time to attach and did not. */
export function withLateTags(
  run: Run,
  sent: Pick<Import, "request" | "since" | "afterwards">,
  image: CloudImage,
): InPlaceUpdate {
  const asked = sent.request?.tags ?? {}
  const age = image.createdAt === undefined ? 0 : run.clock.now() - image.createdAt
  const waited = run.clock.monotonic() - sent.since
  if (Math.max(age, waited) <= TAGS_LATE_MS) return sent.afterwards
  const missing = Object.entries(asked).filter(([key, value]) => image.tags[key] !== value)
  if (missing.length === 0) return sent.afterwards
  const { set = {}, remove = [] } = sent.afterwards.tags ?? {}
  return { ...sent.afterwards, tags: { set: { ...Object.fromEntries(missing), ...set }, remove } }
}
