/**
 * When a failed call is made again, and how long to wait before that.
 *
 * Reads and rehearsals: on every failure that may pass, a few times, while the budget lasts. Writes: only when the
 * service certainly did not accept them. A throttled call is no failure but a queue: it is repeated for as long as
 * `throttleMs`, outside the budget, because the lane's lowered rate already bounds what that costs.
 */
import type { Failure } from "../model/failure.ts"

/**
 * A token bucket as the AWS SDKs use it: each repetition costs, each success refills, so that a service which is down
 * is not hammered by everyone's retries. One bucket a client.
 */
export interface RetryBudget {
  /** Takes the price of a repetition, or says that there is none left. */
  take(timeout: boolean): boolean
  succeeded(): void
}

const CAPACITY = 100
const PRICE = 5
const TIMEOUT_PRICE = 10

export function createRetryBudget(): RetryBudget {
  let tokens = CAPACITY
  return {
    take(timeout) {
      const price = timeout ? TIMEOUT_PRICE : PRICE
      if (tokens < price) return false
      tokens -= price
      return true
    },
    succeeded() {
      tokens = Math.min(CAPACITY, tokens + 1)
    },
  }
}

export interface RetryPolicy {
  /** Calls in all, the first included; throttled ones do not count. */
  readonly attempts: number
  /** First upper bound of a delay; doubles each time. */
  readonly baseMs: number
  readonly maxMs: number
  /** How long throttled calls are repeated. */
  readonly throttleMs: number
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 5,
  baseMs: 250,
  maxMs: 8_000,
  throttleMs: 15 * 60_000,
}

const isThrottle = (failure: Failure): boolean => failure.blame === "rate"

export interface Attempt {
  readonly failure: Failure
  /** The call changes something; a rehearsal does not. */
  readonly write: boolean
  /** Calls made that were not throttled, this one included. */
  readonly made: number
  /** Since the first call, in ms. */
  readonly elapsedMs: number
}

/** Milliseconds to wait before the call is made again, or null: it is not. `random` gives 0 <= x < 1. */
export function retryDelay(
  attempt: Attempt,
  policy: RetryPolicy,
  budget: RetryBudget,
  random: () => number,
): number | null {
  const { failure, write, made, elapsedMs } = attempt
  if (!failure.retryable || (write && failure.ambiguous)) return null
  if (isThrottle(failure)) {
    // The random part keeps many processes from coming back together.
    return elapsedMs < policy.throttleMs ? 1_000 + random() * policy.baseMs : null
  }
  if (made >= policy.attempts) return null
  if (!budget.take(failure.code === "ClientError.Timeout")) return null
  return random() * Math.min(policy.maxMs, policy.baseMs * 2 ** (made - 1))
}
