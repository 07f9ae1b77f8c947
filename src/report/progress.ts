/** What an apply says while it runs, one line per event: for logs that only grow. */
import type { Failure } from "../model/failure.ts"
import type { ApplyEvent, Result, UpdateStep } from "../model/outcome.ts"
import type { Placement } from "../model/placement.ts"
import { terminalText } from "./escape.ts"
import { outcomeText } from "./symbols.ts"
import { clockText, counted, durationText, timeOfDay } from "./value.ts"

export interface ProgressTime {
  /** Milliseconds since the epoch: times are counted from here. Absent: the time of day in UTC. */
  readonly since?: number
}

/**
 * One line for an event, without a newline, or undefined where there is nothing to say: `12:03:04Z  ubuntu-22.04-base
 * ap-singapore  import accepted, img-8toqc6s3, request id …`. Of a failure its code, sentence and request id are said;
 * the advice is left to the final table.
 */
export function progressLine(event: ApplyEvent, time: ProgressTime = {}): string | undefined {
  const what = eventText(event)
  if (what === undefined) return undefined
  const stamp = time.since === undefined ? `${timeOfDay(event.at)}Z` : `+${clockText(event.at - time.since)}`
  const where = placementOf(event)
  const parts = [stamp, ...(where === undefined ? [] : [placementText(where)]), what]
  return parts.map(terminalText).join("  ")
}

/** A placement in one line; the account is named where it is not the only one's usual name. */
function placementText({ image, account, region }: Placement): string {
  return `${image}  ${account === "default" ? region : `${account}/${region}`}`
}

function placementOf(event: ApplyEvent): Placement | undefined {
  if (event.type === "placement.settled") return event.result
  return "placement" in event ? event.placement : undefined
}

function eventText(event: ApplyEvent): string | undefined {
  switch (event.type) {
    case "run.started":
      return `apply started: ${counted(event.actions, "action")}`
    case "tags.started":
      return `creating ${counted(event.pairs, "tag")} that the account may not have yet`
    case "tags.settled":
      return event.error === undefined
        ? `${counted(event.created, "tag")} created`
        : `tags not created: ${failureText(event.error)}`
    case "rehearsal.started":
      return `rehearsing ${counted(event.imports, "import")}`
    case "rehearsal.checked":
      // That it passed is said once, for all.
      return event.error === undefined ? undefined : `rehearsal failed: ${failureText(event.error)}`
    case "rehearsal.settled":
      return event.failed === 0 ? "rehearsal passed" : `rehearsal: ${event.failed} failed`
    case "placement.started":
      return undefined
    case "import.accepted":
      return `import accepted${event.imageId === undefined ? "" : `, ${event.imageId}`}${requestText(event.requestId)}`
    case "import.unclear":
      return `import unclear, looking for the image: ${failureText(event.error)}`
    case "image.state":
      // What NORMAL leads to, a further step or the end, has a line of its own.
      return event.state === "NORMAL"
        ? undefined
        : `${event.imageId} ${event.state}${event.progress === undefined ? "" : ` ${percentText(event.progress)}`}`
    case "update.started":
      return `${doingText(event.step)}${ofText(event.step)} ${event.imageId}`
    case "update.settled":
      return event.error === undefined
        ? `${doneText(event.step, event.imageId, "")}${requestText(event.requestId)}`
        : `${doneText(event.step, event.imageId, "not ")}: ${failureText(event.error)}`
    case "call.retried":
      return `${retriedText(event.failure)}, again in ${durationText(event.delayMs)}`
    case "interrupted":
      return "interrupted: nothing new is started, what is on the wire is awaited; a second signal leaves at once"
    case "placement.settled":
      return settledText(event.result)
    case "run.settled":
      return undefined
  }
}

/** What a step is doing: `setting tags`, `removing`. */
export function doingText(step: UpdateStep): string {
  if (step === "removal") return "removing"
  return step === "deprecation" ? "deprecating" : `setting ${step}`
}

function ofText(step: UpdateStep): string {
  return step === "removal" || step === "deprecation" ? "" : " of"
}

function doneText(step: UpdateStep, imageId: string, not: "" | "not "): string {
  if (step === "removal") return `${imageId} ${not}removed`
  return step === "deprecation" ? `${imageId} ${not}deprecated` : `${step} of ${imageId} ${not}set`
}

function settledText(result: Result): string {
  const { action, outcome, imageId, requestId, error, reason, durationMs } = result
  const id = imageId === undefined ? "" : `, ${imageId}`
  const why = error === undefined ? (reason === undefined ? "" : `: ${reason}`) : `: ${failureText(error)}`
  const request = error?.requestId === undefined ? requestText(requestId) : ""
  return `${action} ${outcomeText(outcome)}${id}, ${durationText(durationMs)}${why}${request}`
}

function retriedText(failure: Failure): string {
  const call = [failure.action, failure.account === "default" ? undefined : failure.account, failure.region]
  return `${call.filter((part) => part !== undefined).join(" ")}: ${failure.code}${requestText(failure.requestId)}`
}

function failureText(failure: Failure): string {
  return `${failure.code}: ${failure.message}${requestText(failure.requestId)}`
}

function requestText(requestId: string | undefined): string {
  return requestId === undefined ? "" : ` (request id ${requestId})`
}

/** A percentage, kept between 0 and 100. */
export function percentText(progress: number): string {
  const clean = Number.isFinite(progress) ? Math.min(100, Math.max(0, Math.floor(progress))) : 0
  return `${clean}%`
}
