/**
 * A call from parameters to reply: credentials, pacing, sending, and what may be repeated repeated. Knows no SDK: one
 * request is the `request` of a client that it is given.
 */
import type { Clock } from "../model/clock.ts"
import type { Failure } from "../model/failure.ts"
import { CloudError } from "./failure.ts"
import type { Service } from "./hosts.ts"
import type { CredentialSource, Keys } from "./keys.ts"
import type { Lane, Slot } from "./pace.ts"
import { createRetryBudget, type RetryBudget, type RetryPolicy, retryDelay } from "./retry.ts"
import type { RequestSettings, SdkClient, Skew } from "./tencent-client.ts"

export interface WireCall {
  readonly service: Service
  readonly account: string
  readonly region: string | undefined
  readonly action: string
  readonly params: object | ((keys: Keys) => object | Promise<object>)
  /** The call changes something; a rehearsal does not. */
  readonly write: boolean
  /** Instead of the account's: to get those in the first place. null: sent without a signature. */
  readonly keys?: Keys | null
  readonly signal?: AbortSignal | undefined
}

export interface Deadlines {
  /** From sending to the last byte of the reply, in ms. */
  readonly readMs: number
  readonly writeMs: number
}

export interface WireSettings {
  readonly clock: Clock
  readonly credentials: CredentialSource
  readonly client: (call: WireCall) => SdkClient
  readonly lane: (call: WireCall) => Lane
  readonly skew: Skew
  readonly deadlines: Deadlines
  readonly retry: RetryPolicy
  readonly random: () => number
  readonly onRetry?: (failure: Failure, delayMs: number, attempt: number) => void
}

export type Wire = (call: WireCall) => Promise<Record<string, unknown>>

/** Less than this is not why a signature was refused; the service allows five minutes. */
const SKEW_MS = 60_000

const TOKEN_REFUSED = new Set(["AuthFailure.TokenFailure", "UnauthorizedOperation.InvalidToken"])

export function createWire(settings: WireSettings): Wire {
  const { clock, credentials, retry, skew } = settings
  const budgets = new Map<SdkClient, RetryBudget>()
  const budgetOf = (client: SdkClient): RetryBudget => {
    let budget = budgets.get(client)
    if (budget === undefined) {
      budget = createRetryBudget()
      budgets.set(client, budget)
    }
    return budget
  }

  return async (call) => {
    const { signal, write } = call
    const client = settings.client(call)
    const lane = settings.lane(call)
    const budget = budgetOf(client)
    const totalMs = write ? settings.deadlines.writeMs : settings.deadlines.readMs
    const start = clock.monotonic()
    let made = 0
    let attempts = 0
    let turnedAway: Slot | undefined
    let clockCorrected = false
    let renewed: Keys | undefined
    for (;;) {
      signal?.throwIfAborted()
      const keys =
        call.keys === undefined ? (renewed ?? (await credentials.of(call.account, signal))) : call.keys
      const params = typeof call.params === "object" ? call.params : await call.params(keys as Keys)
      const slot = await lane.acquire(signal, turnedAway)
      const offset = skew.offsetMs
      try {
        // A write that leaves is never called back: it may have been carried out, and its reply tells.
        const own = write ? undefined : signal
        const reply = await client
          .request(call.action, params, requestOf(keys, totalMs, own, slot))
          .finally(() => slot.answered())
        lane.succeeded()
        budget.succeeded()
        return reply
      } catch (error) {
        if (!(error instanceof CloudError)) throw error
        const { failure } = error
        attempts++
        turnedAway = failure.blame === "rate" ? slot : undefined
        if (turnedAway === undefined) {
          made++
          // An answer of any kind but this one says that the rate is not too high.
          if (failure.requestId !== undefined) lane.succeeded()
        }
        if (failure.code === "AuthFailure.SignatureExpire" && !clockCorrected) {
          clockCorrected = true
          const correction = -1_000 * (error.skewSeconds ?? 0)
          // Another call may have corrected it meanwhile; what counts is the offset that this one was signed with.
          if (error.skewSeconds !== undefined && Math.abs(correction - offset) >= SKEW_MS) {
            skew.offsetMs = correction
            continue
          }
        }
        if (
          TOKEN_REFUSED.has(failure.code) &&
          renewed === undefined &&
          call.keys === undefined &&
          keys !== null
        ) {
          renewed = await credentials.renew(call.account, keys, signal)
          if (!renewed.same(keys)) continue
        }
        const elapsedMs = clock.monotonic() - start
        const delayMs = retryDelay({ failure, write, made, elapsedMs }, retry, budget, settings.random)
        const shut = turnedAway !== undefined && lane.throttled(delayMs ?? 0) === "shut"
        if (delayMs === null) throw error
        settings.onRetry?.(failure, delayMs, attempts)
        // A throttled call waits in its lane where that is shut for so long; in either case it keeps its place.
        if (!shut) await clock.sleep(delayMs, signal)
      } finally {
        slot.unused()
      }
    }
  }
}

function requestOf(
  keys: Keys | null,
  totalMs: number,
  signal: AbortSignal | undefined,
  slot: Slot,
): RequestSettings {
  return { keys, totalMs, signal, onSent: () => slot.sent() }
}
