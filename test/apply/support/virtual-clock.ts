import type { Clock } from "../../../src/model/clock.ts"

interface Timer {
  readonly at: number
  readonly serial: number
  readonly ring: () => void
}

/** Time that runs by itself: whenever nothing else is to be done, it jumps to the next timer. */
export class VirtualClock implements Clock {
  private time = 0
  private serial = 0
  private timers: Timer[] = []
  private pumping = false
  private readonly start: number

  constructor(start: number = Date.UTC(2026, 10, 1, 12)) {
    this.start = start
  }

  now(): number {
    return this.start + this.time
  }

  monotonic(): number {
    return this.time
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error)
      const onAbort = (): void => {
        this.timers = this.timers.filter((other) => other !== timer)
        reject(signal?.reason as Error)
      }
      const ring = (): void => {
        signal?.removeEventListener("abort", onAbort)
        resolve()
      }
      this.serial += 1
      const timer: Timer = { at: this.time + Math.max(0, ms), serial: this.serial, ring }
      this.timers.push(timer)
      signal?.addEventListener("abort", onAbort, { once: true })
      this.pump()
    })
  }

  /** Runs `what` when the time has come. */
  at(ms: number, what: () => void): void {
    void this.sleep(ms - this.time).then(what)
  }

  private pump(): void {
    if (this.pumping) return
    this.pumping = true
    setImmediate(() => {
      this.pumping = false
      const next = this.timers.reduce<Timer | undefined>(
        (a, b) => (a === undefined || b.at < a.at || (b.at === a.at && b.serial < a.serial) ? b : a),
        undefined,
      )
      if (next === undefined) return
      this.timers = this.timers.filter((other) => other !== next)
      this.time = Math.max(this.time, next.at)
      next.ring()
      this.pump()
    })
  }
}
