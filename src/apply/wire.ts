/**
 * Requests on the wire. Two limits, one inside the other: the run's `concurrency` over everything, and in each lane
 * (an account and region) an equal share of it among the lanes that have something to send. The rate limits are
 * paced inside the cloud while a place is held here; without shares, one region that is throttled hard would come to
 * hold every place and starve all others. Who will send soon reserves a share, so that those who come first leave it.
 */
import pLimit, { type LimitFunction } from "p-limit"
import { ownSignal } from "./stop.ts"

interface Lane {
  readonly limit: LimitFunction
  /** Calls in the lane, expected, waiting or on the wire. */
  calls: number
}

export class Wire {
  private readonly concurrency: number
  private readonly all: LimitFunction
  private readonly lanes = new Map<string, Lane>()
  private busy = 0

  constructor(concurrency: number) {
    this.concurrency = concurrency
    this.all = pLimit(concurrency)
  }

  /** Something will be sent in this lane. Gives the share up when called, once or more often. */
  reserve(name: string): () => void {
    const lane = this.enter(name)
    let held = true
    return () => {
      if (held) this.leave(lane)
      held = false
    }
  }

  /** Makes the call when there is a place for it; rejects with the signal's reason if it is aborted until then. */
  async send<T>(name: string, signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const lane = this.enter(name)
    try {
      return await lane.limit(() =>
        this.all(() => {
          signal.throwIfAborted()
          return call(ownSignal(signal))
        }),
      )
    } finally {
      this.leave(lane)
    }
  }

  private enter(name: string): Lane {
    const lane = this.lanes.get(name) ?? { limit: pLimit(this.concurrency), calls: 0 }
    this.lanes.set(name, lane)
    lane.calls += 1
    if (lane.calls === 1) this.share(1)
    return lane
  }

  private leave(lane: Lane): void {
    lane.calls -= 1
    if (lane.calls === 0) this.share(-1)
  }

  private share(change: 1 | -1): void {
    this.busy += change
    const each = Math.max(1, Math.ceil(this.concurrency / Math.max(1, this.busy)))
    for (const { limit } of this.lanes.values()) if (limit.concurrency !== each) limit.concurrency = each
  }
}
