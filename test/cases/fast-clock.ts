import type { WallClock, WorldClock } from "../../src/emulator/index.ts"
import type { Clock } from "../../src/model/clock.ts"

/** Real time, so many times as fast: slow enough that a request of some milliseconds stays a matter of seconds. */
const SPEED = 300

/** One clock for the tool and for the world: minutes pass in fractions of a second, and both agree on the time. */
export class FastClock implements Clock, WorldClock, WallClock {
  readonly #began = performance.now()
  #skipped = 0

  now(): number {
    return Date.UTC(2026, 10, 2, 9) + this.monotonic()
  }

  monotonic(): number {
    return (performance.now() - this.#began) * SPEED + this.#skipped
  }

  /** Lets time pass that nobody waits for. */
  advance(milliseconds: number): void {
    this.#skipped += milliseconds
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error)
      const onAbort = (): void => {
        clearTimeout(timer)
        reject(signal?.reason as Error)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort)
        resolve()
      }, ms / SPEED)
      signal?.addEventListener("abort", onAbort, { once: true })
    })
  }
}
