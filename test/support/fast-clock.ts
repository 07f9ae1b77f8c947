import type { WallClock, WorldClock } from "../../src/emulator/index.ts"
import type { Clock } from "../../src/model/clock.ts"
import { afterSteady, steadyNow } from "./steady.ts"

/**
 * One clock for the tool and for the world: minutes pass in fractions of a second, and both agree on the time. A stall of
 * this machine is no time: a second of it would be minutes here, in which calls are late and windows end.
 */
export class FastClock implements Clock, WorldClock, WallClock {
  readonly #began = steadyNow()
  readonly #speed: number
  readonly #from: number
  #skipped = 0

  /** `speed`: so many times as fast as time. At its own speed it tells the real time, but for stalls. */
  constructor(speed: number) {
    this.#speed = speed
    this.#from = speed === 1 ? Date.now() : Date.UTC(2026, 10, 2, 9)
  }

  now(): number {
    return this.#from + this.monotonic()
  }

  monotonic(): number {
    return (steadyNow() - this.#began) * this.#speed + this.#skipped
  }

  /** Lets time pass that nobody waits for. */
  advance(milliseconds: number): void {
    this.#skipped += milliseconds
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error)
      const onAbort = (): void => {
        takeBack()
        reject(signal?.reason as Error)
      }
      const takeBack = afterSteady(ms / this.#speed, () => {
        signal?.removeEventListener("abort", onAbort)
        resolve()
      })
      signal?.addEventListener("abort", onAbort, { once: true })
    })
  }
}
