import { systemClock } from "../../src/cloud/clock.ts"
import type { WallClock, WorldClock } from "../../src/emulator/index.ts"
import type { Clock } from "../../src/model/clock.ts"

/** One clock for the tool and for the world: minutes pass in fractions of a second, and both agree on the time. */
export class FastClock implements Clock, WorldClock, WallClock {
  readonly #began = performance.now()
  readonly #speed: number
  readonly #from: number
  #skipped = 0

  /** `speed`: so many times as fast as time. At its own speed it tells the real time. */
  constructor(speed: number) {
    this.#speed = speed
    this.#from = speed === 1 ? Date.now() : Date.UTC(2026, 10, 2, 9)
  }

  now(): number {
    return this.#from + this.monotonic()
  }

  monotonic(): number {
    return (performance.now() - this.#began) * this.#speed + this.#skipped
  }

  /** Lets time pass that nobody waits for. */
  advance(milliseconds: number): void {
    this.#skipped += milliseconds
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.#speed, signal)
  }
}
