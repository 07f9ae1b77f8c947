/** Time as an argument, so that tests can replace it. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch: for what people read. */
  now(): number
  /** Milliseconds that never step back or jump: for limits, deadlines and durations. */
  monotonic(): number
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
