/** Calls through the wire, their errors as values. */
import type { Failure } from "../model/failure.ts"
import { failureFrom } from "./failures.ts"
import type { Region, Run } from "./run.ts"
import { ownSignal, Stop } from "./stop.ts"

const PAUSES_MS = [1_000, 3_000]

/** What a call gave: its value, the failure that stays, or the stop that kept it from being made. */
export type Attempt<T> = { readonly value: T } | { readonly failure: Failure } | { readonly stop: Stop }

/** One call on the wire, made once. `failed` is told before anybody else gets the place on the wire. */
export async function attempt<T>(
  run: Run,
  lane: string,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
  failed?: (failure: Failure) => void,
): Promise<Attempt<T>> {
  const told = async (own: AbortSignal): Promise<T> => {
    try {
      return await call(own)
    } catch (error) {
      if (!(error instanceof Stop)) failed?.(failureFrom(error))
      throw error
    }
  }
  try {
    return { value: await run.wire.send(lane, signal, told) }
  } catch (error) {
    return error instanceof Stop ? { stop: error } : { failure: failureFrom(error) }
  }
}

/** One write in a region. What its failure says about others is heeded from the next call on. */
export function attemptWrite<T>(
  run: Run,
  { lane, gates }: Region,
  gate: "imports" | "writes",
  call: (signal: AbortSignal) => Promise<T>,
): Promise<Attempt<T>> {
  return attempt(run, lane, gates[gate], call, (failure) => gates.learn(failure))
}

/**
 * One call that is the same when made twice: up to three times if its reply is lost. What was certainly not accepted
 * is made again by the cloud itself.
 */
export async function attemptAgain<T>(
  run: Run,
  lane: string,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<Attempt<T>> {
  let result = await attempt(run, lane, signal, call)
  for (const [before, delayMs] of PAUSES_MS.entries()) {
    if (!("failure" in result) || !result.failure.ambiguous) break
    run.emit({ type: "call.retried", failure: result.failure, delayMs, attempt: before + 1 })
    try {
      await run.clock.sleep(delayMs, ownSignal(signal))
    } catch {
      break
    }
    result = await attempt(run, lane, signal, call)
  }
  return result
}
