/**
 * An apply as a trace: events to the spans of a run, its placements and their steps. Pure, and without a word of
 * OpenTelemetry's SDK: who has a tracer carries the operations out. Attributes hold names, ids, codes and outcomes,
 * never a URL or a setting.
 */
import type { Failure } from "../model/failure.ts"
import type { ApplyEvent, Result } from "../model/outcome.ts"
import { type Placement, placementKey } from "../model/placement.ts"

export type SpanAttributes = Readonly<Record<string, string | number>>

/** What is to be done with a span; times are in milliseconds since the epoch. */
export type SpanOp = { readonly key: string; readonly at: number; readonly attributes: SpanAttributes } & (
  | { readonly op: "start"; readonly name: string; readonly parent?: string }
  | { readonly op: "note"; readonly name: string }
  | { readonly op: "end"; readonly failed?: string }
)

const RUN = "run"

/** The operations of each event of one run, in order. It remembers which spans are open. */
export function spanOps(stack: string): (event: ApplyEvent) => readonly SpanOp[] {
  const open = new Set<string>()
  const start = (
    at: number,
    key: string,
    name: string,
    parent?: string,
    attributes: SpanAttributes = {},
  ): SpanOp[] => {
    if (open.has(key)) return []
    open.add(key)
    return [{ op: "start", key, name, at, attributes, ...(parent === undefined ? {} : { parent }) }]
  }
  const end = (at: number, key: string, error?: Failure, attributes: SpanAttributes = {}): SpanOp[] => {
    if (!open.delete(key)) return []
    const failure = error === undefined ? {} : { failed: `${error.code}: ${error.message}` }
    return [{ op: "end", key, at, attributes: { ...attributes, ...failureFacts(error) }, ...failure }]
  }
  const note = (at: number, key: string, name: string, attributes: SpanAttributes): SpanOp[] =>
    open.has(key) ? [{ op: "note", key, name, at, attributes }] : []
  /** Several retirements may concern one placement: they have the image's id in their key. */
  const keyOf = (p: Placement, imageId?: string): string => {
    const own = `${placementKey(p)}\u0000${imageId ?? ""}`
    return open.has(own) ? own : placementKey(p)
  }

  return (event) => {
    const { at } = event
    switch (event.type) {
      case "run.started":
        return start(at, RUN, "cvmimg apply", undefined, {
          "cvmimg.stack": stack,
          "cvmimg.actions": event.actions,
        })
      case "tags.started":
        return start(at, "tags", "create tags", RUN, { "cvmimg.tags": event.pairs })
      case "tags.settled":
        return end(at, "tags", event.error)
      case "rehearsal.started":
        return start(at, "rehearsal", "rehearse", RUN, { "cvmimg.imports": event.imports })
      case "rehearsal.checked":
        return note(at, "rehearsal", event.error === undefined ? "passed" : "failed", {
          ...placeFacts(event.placement),
          ...idFacts(event),
          ...failureFacts(event.error),
        })
      case "rehearsal.settled":
        return end(at, "rehearsal", undefined, { "cvmimg.failed": event.failed })
      case "placement.started": {
        const { placement, action, imageId } = event
        const key =
          imageId === undefined ? placementKey(placement) : `${placementKey(placement)}\u0000${imageId}`
        return start(at, key, action, RUN, { ...placeFacts(placement), ...idFacts(event) })
      }
      case "import.accepted": {
        const key = keyOf(event.placement)
        return [
          ...note(at, key, "accepted", idFacts(event)),
          ...start(at, `${key} wait`, "wait for NORMAL", key, placeFacts(event.placement)),
        ]
      }
      case "import.unclear":
        return note(at, keyOf(event.placement), "unclear", failureFacts(event.error))
      case "image.state": {
        const key = keyOf(event.placement)
        const state = { "cvmimg.state": event.state, ...idFacts(event) }
        return event.state === "NORMAL"
          ? end(at, `${key} wait`, undefined, state)
          : note(at, key, "state", state)
      }
      case "update.started": {
        const key = keyOf(event.placement, event.imageId)
        const facts = { ...placeFacts(event.placement), ...idFacts(event) }
        return start(at, `${key} ${event.step} ${event.imageId}`, event.step, key, facts)
      }
      case "update.settled": {
        const key = keyOf(event.placement, event.imageId)
        return end(at, `${key} ${event.step} ${event.imageId}`, event.error, idFacts(event))
      }
      case "call.retried":
        return note(at, RUN, "retried", { "cvmimg.delay_ms": event.delayMs, ...failureFacts(event.failure) })
      case "interrupted":
        return note(at, RUN, "interrupted", {})
      case "placement.settled": {
        const { result } = event
        const key = keyOf(result, result.imageId)
        // What ends before it began, such as a refusal, is seen as well.
        const begun = start(at, key, result.action, RUN, placeFacts(result))
        const waited = end(at, `${key} wait`, result.error)
        return [
          ...begun,
          ...waited,
          ...end(at, key, result.error, { ...idFacts(result), ...endFacts(result) }),
        ]
      }
      case "run.settled": {
        const undone = event.results.filter((r) => r.outcome !== "done").length
        return end(at, RUN, undefined, { "cvmimg.not_done": undone })
      }
    }
  }
}

function placeFacts({ image, account, region }: Placement): SpanAttributes {
  return { "cvmimg.image": image, "cvmimg.account": account, "cloud.region": region }
}

function endFacts({ outcome, reason }: Result): SpanAttributes {
  return { "cvmimg.outcome": outcome, ...(reason === undefined ? {} : { "cvmimg.reason": reason }) }
}

function idFacts(event: { readonly imageId?: string; readonly requestId?: string }): SpanAttributes {
  return {
    ...(event.imageId === undefined ? {} : { "cvmimg.image_id": event.imageId }),
    ...(event.requestId === undefined ? {} : { "cvmimg.request_id": event.requestId }),
  }
}

function failureFacts(failure: Failure | undefined): SpanAttributes {
  if (failure === undefined) return {}
  const { code, blame, action, requestId } = failure
  return {
    "error.type": code,
    "cvmimg.blame": blame,
    ...(action === undefined ? {} : { "cvmimg.api": action }),
    ...(requestId === undefined ? {} : { "cvmimg.request_id": requestId }),
  }
}
