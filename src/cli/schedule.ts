/** `--every`: a duration (`6h`), or five fields of cron in the time zone of the machine. */
import { Cron } from "croner"
import { durationMs } from "../manifest/duration.ts"
import { UsageError } from "./exit.ts"

export interface Schedule {
  readonly text: string
  /** When the next run is due after a time; both milliseconds since the epoch. */
  next(after: number): number
}

/** Parses `--every`. Throws UsageError. `now`: milliseconds since the epoch. */
export function parseSchedule(text: string, now: number): Schedule {
  const every = durationMs(text)
  // Multiples of the first run's time, so that a slow run does not push the later ones back.
  if (every !== undefined) {
    return { text, next: (after) => now + (Math.floor((after - now) / every) + 1) * every }
  }
  const cron = cronOf(text)
  const next = (after: number): number | undefined => cron?.nextRun(new Date(after))?.getTime()
  if (next(now) === undefined) {
    throw new UsageError(
      `--every takes a duration such as 30m or 6h, or five fields of cron such as "0 */6 * * *" that come to pass; not '${text}'`,
    )
  }
  return { text, next: (after) => next(after) ?? Number.POSITIVE_INFINITY }
}

function cronOf(text: string): Cron | undefined {
  try {
    return new Cron(text, { paused: true, mode: "5-part" })
  } catch {
    return undefined
  }
}

/** Parses a duration option. Throws UsageError. */
export function parseDuration(option: string, text: string): number {
  if (text === "0" || text === "0s") return 0
  const ms = durationMs(text)
  if (ms === undefined)
    throw new UsageError(`${option} takes a duration such as 30s, 5m or 24h; not '${text}'`)
  return ms
}
