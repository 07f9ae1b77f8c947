/**
 * A command run again and again by a schedule, in one process: never two runs at a time, no run lost to a failure of the
 * one before, and an end as soon as a signal comes.
 */
import type { Health } from "./health.ts"
import type { Io } from "./io.ts"
import type { Schedule } from "./schedule.ts"

export interface Watching {
  readonly schedule: Schedule
  /** Each run is late by a random part of this, in ms: many processes do not come all at once. */
  readonly jitterMs: number
  /** One run: whether it did its work. Must not throw, except because of a signal. */
  readonly run: () => Promise<boolean>
  readonly changed: (health: Health) => void
  /** 0 <= x < 1. */
  readonly random: () => number
}

/** A wait is looked at again after so long: the wall clock may have been set, and the machine asleep. */
const LOOK_MS = 30_000

/** Runs at once, and then by the schedule until a signal comes. */
export async function watch(io: Io, { schedule, jitterMs, run, changed, random }: Watching): Promise<void> {
  const { clock, signal } = io
  let health: Health = { startedAt: clock.now(), failuresInARow: 0 }
  const set = (more: Partial<Health>): void => {
    health = { ...health, ...more }
    changed(health)
  }
  while (!signal.aborted) {
    set({ runningSince: clock.now() })
    const success = await run()
    const now = clock.now()
    const { runningSince: _, ...ended } = health
    health = ended
    const next = schedule.next(now)
    const room = Math.min(jitterMs, Math.max(0, schedule.next(next) - next))
    set({
      lastRunAt: now,
      ...(success ? { lastSuccessAt: now } : {}),
      failuresInARow: success ? 0 : health.failuresInARow + 1,
      nextRunAt: next + random() * room,
    })
    await sleepUntil(io, health.nextRunAt ?? next)
  }
}

async function sleepUntil({ clock, signal }: Io, at: number): Promise<void> {
  for (;;) {
    const left = at - clock.now()
    if (left <= 0 || signal.aborted) return
    // The signal ends the wait, and the loop around it.
    await clock.sleep(Math.min(left, LOOK_MS), signal).catch(() => {})
  }
}
