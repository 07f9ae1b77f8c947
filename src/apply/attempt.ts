/** Calls that may be made again without harm: the only ones that are. An import is never among them. */
import type { Failure } from "../model/failure.ts"
import { failureFrom } from "./failures.ts"
import type { Run } from "./run.ts"
import { Stop } from "./stop.ts"

const PAUSES_MS = [1_000, 3_000]

/** What a call gave: its value, the failure that stays, or the stop that kept it from being made. */
export type Attempt<T> = { readonly value: T } | { readonly failure: Failure } | { readonly stop: Stop }

/** One call on the wire, made once. */
export async function attempt<T>(
  run: Run,
  lane: string,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<Attempt<T>> {
  try {
    return { value: await run.wire.send(lane, signal, call) }
  } catch (error) {
    return error instanceof Stop ? { stop: error } : { failure: failureFrom(error) }
  }
}

/** One call that changes nothing or is the same when made twice: up to three times where that may help. */
export async function attemptAgain<T>(
  run: Run,
  lane: string,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<Attempt<T>> {
  let result = await attempt(run, lane, signal, call)
  for (const delayMs of PAUSES_MS) {
    if (!("failure" in result) || !result.failure.retryable) break
    run.emit({ type: "call.retried", failure: result.failure, delayMs })
    try {
      await run.clock.sleep(delayMs, signal)
    } catch {
      break
    }
    result = await attempt(run, lane, signal, call)
  }
  return result
}
