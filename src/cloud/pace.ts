/**
 * Calls per second, kept below the documented limits on our side, because a refused call costs more than a late one.
 *
 * A lane is one account, region and action. Its grants are first come, first served. Two conditions hold a grant back:
 * - the schedule: calls that change something are spaced evenly, 101 ms for 10 a second. The schedule is absolute, so
 *   that a timer which fires late does not slow the lane down for good. Reads have no schedule and may come as a burst.
 * - the window: never more than the limit within any second, counted by the times at which requests really left, with
 *   those granted and not yet gone (a connection is being made) counted as leaving now. Without this guard a slow first
 *   connection and fast later ones would arrive as 11 in a second. What counts is when the service gets them: a request
 *   that was answered later than the quickest one may have been on its way for so much longer, and is taken for it, up
 *   to 50 ms, so that a service which takes its time cannot cost more than a twentieth of the rate.
 * Throttled all the same (others use the account too), the lane halves its rate, down to one call in two seconds, and
 * wins a twentieth back with each success. But a refusal now and then costs less than slowing down for it: three
 * successes pay for one, and up to five may be saved up. Where a tenth of all calls is refused the lane so keeps its
 * pace; where half of them are, it does not. Times are monotonic: a clock that jumps cannot open the gate.
 */
import type { Clock } from "../model/clock.ts"

/** A right to send one request. Exactly one of `sent` and `unused` is to be called; later calls do nothing. */
export interface Slot {
  /** Its place in the order in which calls first came. */
  readonly ticket: number
  /** The request is leaving now. */
  sent(): void
  /** Its reply is there, or nobody waits for it any more. */
  answered(): void
  /** The request will not leave. */
  unused(): void
}

export interface LaneLimit {
  readonly perSecond: number
  /** Spread evenly instead of in bursts. */
  readonly spaced: boolean
}

export interface Lane {
  /** Rejects with the signal's reason. `turnedAway`: the slot of a refused call, which keeps its place in the order. */
  acquire(signal?: AbortSignal, turnedAway?: Slot): Promise<Slot>
  succeeded(): void
  /**
   * The service turned a call away: slower, and nothing for so long, a second at least. Or, where successes have paid
   * for it, the lane goes on and only that call has to wait: "open".
   */
  throttled(pauseMs?: number): "open" | "shut"
  /** Calls per second at present. */
  rate(): number
}

interface Waiter {
  readonly ticket: number
  readonly grant: (slot: Slot) => void
  readonly detach: () => void
}

const WINDOW_MS = 1_005
const SPACING = 1.01
const SLOWEST = 0.5
const PAUSE_MS = 1_000
const DELAYED_MS = 50
/** What a success pays towards a refusal, and the most that is saved up. */
const PAID = 1 / 3
const SAVED = 5

export function createLane(limit: LaneLimit, clock: Clock): Lane {
  const queue = new WaitList<Waiter>()
  /** Those turned away, by ticket; never more than were on the wire at once. */
  const returned: Waiter[] = []
  let tickets = 0
  const left = new WaitList<{ at: number }>()
  /** The quickest round trip so far, in ms. */
  let quickest = Number.POSITIVE_INFINITY
  let rate = limit.perSecond
  let paid = 0
  let pending = 0
  let nextAt = Number.NEGATIVE_INFINITY
  let throttledAt = Number.NEGATIVE_INFINITY
  let running = false

  /** Milliseconds until the next grant; 0: now. Infinity: only when a pending one has gone. */
  const wait = (): number => {
    const now = clock.monotonic()
    while ((left.peek()?.at ?? now) <= now - WINDOW_MS) left.shift()
    const scheduled = Math.max(0, nextAt - now)
    if (left.size + pending < Math.max(1, Math.floor(limit.perSecond))) return scheduled
    const oldest = left.peek()
    return oldest === undefined ? Number.POSITIVE_INFINITY : Math.max(scheduled, oldest.at + WINDOW_MS - now)
  }

  const grant = (): void => {
    const waiter = returned.shift() ?? queue.shift()
    if (waiter === undefined) return
    const now = clock.monotonic()
    const interval = (1_000 / rate) * SPACING
    if (limit.spaced || rate < limit.perSecond) nextAt = Math.max(nextAt, now - interval) + interval
    pending++
    let open = true
    const close = (): boolean => {
      const was = open
      open = false
      if (was) pending--
      return was
    }
    let gone: { at: number } | undefined
    waiter.detach()
    waiter.grant({
      ticket: waiter.ticket,
      sent() {
        if (close()) {
          gone = { at: clock.monotonic() }
          left.push(gone)
        }
        void run()
      },
      answered() {
        if (gone === undefined) return
        const roundTrip = clock.monotonic() - gone.at
        quickest = Math.min(quickest, roundTrip)
        gone.at += Math.min(DELAYED_MS, roundTrip - quickest)
        gone = undefined
      },
      unused() {
        if (close()) void run()
      },
    })
  }

  const run = async (): Promise<void> => {
    if (running) return
    running = true
    try {
      while (returned.length + queue.size > 0) {
        const ms = wait()
        if (ms === Number.POSITIVE_INFINITY) break
        if (ms > 0) await clock.sleep(Math.max(1, Math.ceil(ms)))
        else grant()
      }
    } finally {
      running = false
    }
  }

  return {
    acquire(signal, turnedAway) {
      return new Promise<Slot>((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error)
        // Only a lane with work to do may make up for a late timer; an idle one has nothing saved up.
        if (returned.length + queue.size === 0) nextAt = Math.max(nextAt, clock.monotonic())
        const onAbort = (): void => {
          queue.remove(waiter)
          const at = returned.indexOf(waiter)
          if (at >= 0) returned.splice(at, 1)
          reject(signal?.reason as Error)
        }
        const waiter: Waiter = {
          ticket: turnedAway?.ticket ?? tickets++,
          grant: resolve,
          detach: () => signal?.removeEventListener("abort", onAbort),
        }
        signal?.addEventListener("abort", onAbort, { once: true })
        if (turnedAway === undefined) queue.push(waiter)
        else {
          const later = returned.findIndex((other) => other.ticket > waiter.ticket)
          returned.splice(later < 0 ? returned.length : later, 0, waiter)
        }
        void run()
      })
    },
    succeeded() {
      rate = Math.min(limit.perSecond, rate + limit.perSecond / 20)
      paid = Math.min(SAVED, paid + PAID)
    },
    throttled(pauseMs = PAUSE_MS) {
      const now = clock.monotonic()
      if (paid >= 1) {
        paid--
        return "open"
      }
      // Several refusals of one moment are one event.
      if (now - throttledAt >= PAUSE_MS) rate = Math.max(SLOWEST, rate / 2)
      throttledAt = now
      nextAt = Math.max(nextAt, now + Math.max(PAUSE_MS, pauseMs))
      return "shut"
    },
    rate: () => rate,
  }
}

/** A list in insertion order with constant time at both ends and for removal. */
class WaitList<T> {
  readonly #items = new Map<number, T>()
  readonly #keys = new Map<T, number>()
  #low = 0
  #high = 0
  get size(): number {
    return this.#items.size
  }
  push(item: T): void {
    this.#put(this.#high++, item)
  }
  peek(): T | undefined {
    this.#skip()
    return this.#items.get(this.#low)
  }
  shift(): T | undefined {
    const item = this.peek()
    if (item !== undefined) this.#drop(this.#low, item)
    return item
  }
  remove(item: T): void {
    const key = this.#keys.get(item)
    if (key !== undefined) this.#drop(key, item)
  }
  #put(key: number, item: T): void {
    this.#items.set(key, item)
    this.#keys.set(item, key)
  }
  #drop(key: number, item: T): void {
    this.#items.delete(key)
    this.#keys.delete(item)
  }
  #skip(): void {
    while (this.#low < this.#high && !this.#items.has(this.#low)) this.#low++
  }
}
