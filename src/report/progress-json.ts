/**
 * What an apply says while it runs, one JSON object per line, in the shape of schemas/event.schema.json: for log
 * collectors and for programs that follow a run. docs/events.md tells every type.
 */
import type { Failure } from "../model/failure.ts"
import { type ApplyEvent, OUTCOMES, type Result } from "../model/outcome.ts"
import { type Placement, placementKey } from "../model/placement.ts"
import { failureShape } from "./failure-json.ts"
import { jsonLine } from "./json.ts"

/** Turns events into lines; it remembers when steps began, so that their ends have a duration. */
export interface EventLog {
  /** One line, without a newline. */
  line(event: ApplyEvent): string
}

/** A log of one run. */
export function eventLog(): EventLog {
  const begun = new Map<string, number>()
  const since = (key: string, event: ApplyEvent): number | undefined => {
    const at = begun.get(key)
    begun.delete(key)
    return at === undefined ? undefined : Math.max(0, Math.round(event.at - at))
  }
  return {
    line(event) {
      const key = timerOf(event)
      if (key !== undefined && event.type.endsWith(".started")) begun.set(key, event.at)
      const durationMs = key !== undefined && event.type.endsWith(".settled") ? since(key, event) : undefined
      return envelope(event.type, event.at, {
        ...bodyOf(event),
        ...(durationMs === undefined ? {} : { durationMs }),
      })
    },
  }
}

/** What is said in plain words beside the events, such as an error that ends the run. */
export function messageLine(text: string, at: number): string {
  return envelope("message", at, { text })
}

function envelope(type: string, at: number, body: object): string {
  return jsonLine({ formatVersion: 1, type, time: new Date(at).toISOString(), ...body })
}

/** What a started and its settled have in common. Placements bring their own duration. */
function timerOf(event: ApplyEvent): string | undefined {
  switch (event.type) {
    case "run.started":
    case "run.settled":
      return "run"
    case "tags.started":
    case "tags.settled":
      return "tags"
    case "rehearsal.started":
    case "rehearsal.settled":
      return "rehearsal"
    case "update.started":
    case "update.settled":
      return `${placementKey(event.placement)}\u0000${event.imageId}\u0000${event.step}`
    default:
      return undefined
  }
}

function bodyOf(event: ApplyEvent): object {
  switch (event.type) {
    case "run.started":
      return { actions: event.actions }
    case "tags.started":
      return { pairs: event.pairs }
    case "tags.settled":
      return { created: event.created, ...failed(event.error) }
    case "rehearsal.started":
      return { imports: event.imports }
    case "rehearsal.checked":
      return { ...placed(event.placement), requestId: event.requestId, ...failed(event.error) }
    case "rehearsal.settled":
      return { failed: event.failed }
    case "placement.started": {
      const { action, imageId, estimateMs } = event
      const estimate = estimateMs === undefined ? {} : { estimateMs: Math.round(estimateMs) }
      return { ...placed(event.placement), action, imageId, ...estimate }
    }
    case "import.accepted":
      return { ...placed(event.placement), imageId: event.imageId, requestId: event.requestId }
    case "import.unclear":
      return { ...placed(event.placement), ...failed(event.error) }
    case "image.state": {
      const { imageId, state, progress } = event
      return { ...placed(event.placement), imageId, state, progress }
    }
    case "update.started":
    case "update.settled": {
      const { imageId, step, requestId, error } = event
      return { ...placed(event.placement), imageId, step, requestId, ...failed(error) }
    }
    case "call.retried":
      return { attempt: event.attempt, delayMs: Math.round(event.delayMs), ...failed(event.failure) }
    case "interrupted":
      return {}
    case "placement.settled":
      return settled(event.result)
    case "run.settled":
      return { outcomes: countsOf(event.results) }
  }
}

function settled(result: Result): object {
  const { action, outcome, imageId, requestId, error, reason, durationMs } = result
  const facts = { action, outcome, imageId, requestId, reason, durationMs: Math.round(durationMs) }
  return { ...placed(result), ...facts, ...failed(error) }
}

function placed({ image, account, region }: Placement): object {
  return { placement: { image, account, region } }
}

function failed(failure: Failure | undefined): object {
  return failure === undefined ? {} : { error: failureShape(failure) }
}

function countsOf(results: readonly Result[]): object {
  const counts = OUTCOMES.map(
    (outcome) => [outcome, results.filter((r) => r.outcome === outcome).length] as const,
  )
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}
