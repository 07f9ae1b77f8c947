import type { Failure } from "../model/failure.ts"
import type { Skip } from "../model/outcome.ts"

/** Why something that was not started yet is not started any more. The reason of every signal in this room. */
export class Stop extends Error {
  readonly reason: Skip
  /** What led to it, where it was a failed call. */
  readonly failure: Failure | undefined
  constructor(reason: Skip, failure?: Failure) {
    super(reason)
    this.name = "Stop"
    this.reason = reason
    this.failure = failure
  }
}

/** The stop behind an aborted signal. */
export function stopOf(signal: AbortSignal): Stop {
  return signal.reason instanceof Stop ? signal.reason : new Stop("interrupted")
}

/** The same signal for one listener alone: Node takes many listeners on one signal for a leak, and says so. */
export function ownSignal(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal])
}

/**
 * What may still be started in one account and region. The run's own stop closes both gates; a refused right closes
 * both here; a used-up quota closes only the imports here.
 */
export class Gates {
  readonly writes: AbortSignal
  readonly imports: AbortSignal
  private readonly unauthorized = new AbortController()
  private readonly exhausted = new AbortController()

  constructor(run: AbortSignal) {
    this.writes = AbortSignal.any([run, this.unauthorized.signal])
    this.imports = AbortSignal.any([this.writes, this.exhausted.signal])
  }

  /** Closes what the failure of a write says is in vain from now on. */
  learn(failure: Failure): void {
    if (failure.code === "ImageQuotaLimitExceeded") this.exhausted.abort(new Stop("quota_exhausted", failure))
    if (failure.blame === "permission") this.unauthorized.abort(new Stop("unauthorized", failure))
  }
}
