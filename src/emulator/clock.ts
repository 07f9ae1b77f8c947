/**
 * Two kinds of time. The world's clock decides when an import becomes visible and when it ends; the server's own
 * (wall) clock decides whether a signature is fresh and how many requests fit into a second.
 */

/** The time of the world, in milliseconds since the epoch. */
export interface WorldClock {
  now(): number
  /** Moves the world ahead; absent on clocks that cannot be moved. */
  advance?(milliseconds: number): void
}

/** The server's own time: `now` in milliseconds since the epoch, `monotonic` in milliseconds from any start. */
export interface WallClock {
  now(): number
  /** Used for rate limits. Without it `now` is used. */
  monotonic?(): number
}

/** A clock that stands still until it is told to move. For tests. */
export class ManualClock implements WorldClock {
  #now: number

  /** `start` in milliseconds since the epoch; by default 2026-01-01T00:00:00Z. */
  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
  }
}

/** The machine's clock. */
export const machineClock: WallClock = { now: () => Date.now(), monotonic: () => performance.now() }

/** Where a running world stood: at wall time `wall` it showed `world` and ran `speed` times as fast. */
export interface Epoch {
  wall: number
  world: number
  speed: number
}

/** A world clock that runs `speed` times as fast as the wall clock, and the epoch from which it can be continued. */
export interface RunningClock extends WorldClock {
  advance(milliseconds: number): void
  epoch(): Epoch
}

/**
 * Starts a world clock, or goes on from an earlier one. Time also passes, at the earlier speed, while no emulator
 * runs; the world's time never goes back, whatever the two speeds.
 */
export function runningClock(wall: WallClock, speed: number, earlier?: Epoch): RunningClock {
  const start = wall.now()
  let base = earlier === undefined ? start : earlier.world + Math.max(0, start - earlier.wall) * earlier.speed
  const now = (): number => base + (wall.now() - start) * speed
  return {
    now,
    advance: (milliseconds) => {
      base += milliseconds
    },
    epoch: () => ({ wall: wall.now(), world: now(), speed }),
  }
}

/** Renders a time as the API does: `2026-01-01T00:00:00Z`, or with the offset form `+00:00`. */
export function apiTime(milliseconds: number, form: "Z" | "offset" = "Z"): string {
  const seconds = new Date(milliseconds).toISOString().slice(0, 19)
  return form === "Z" ? `${seconds}Z` : `${seconds}+00:00`
}
