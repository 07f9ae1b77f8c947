/** How a long-running drift fares, as `/healthz` tells it. Pure; the shape of schemas/health.schema.json. */

export interface Health {
  readonly startedAt: number
  /** The run that is under way. */
  readonly runningSince?: number
  readonly lastRunAt?: number
  readonly lastSuccessAt?: number
  /** When the next run is due, its random delay included. */
  readonly nextRunAt?: number
  readonly failuresInARow: number
}

/** So many failed runs in a row are not well. */
const MOST_FAILURES = 3
/** So long after it should have been there a run's end is overdue, in ms. */
const GRACE_MS = 15 * 60_000

export interface HealthDocument {
  readonly formatVersion: 1
  readonly status: "ok" | "failing" | "overdue"
  readonly startedAt: string
  readonly lastRunAt?: string
  readonly lastSuccessAt?: string
  readonly nextRunAt?: string
  readonly failuresInARow: number
}

/** `now` and all times: milliseconds since the epoch. */
export function healthDocument(health: Health, now: number): HealthDocument {
  const expected = health.runningSince ?? health.nextRunAt ?? health.startedAt
  const overdue = now > expected + GRACE_MS
  const failing = health.failuresInARow >= MOST_FAILURES
  return {
    formatVersion: 1,
    status: overdue ? "overdue" : failing ? "failing" : "ok",
    startedAt: iso(health.startedAt),
    ...(health.lastRunAt === undefined ? {} : { lastRunAt: iso(health.lastRunAt) }),
    ...(health.lastSuccessAt === undefined ? {} : { lastSuccessAt: iso(health.lastSuccessAt) }),
    ...(health.nextRunAt === undefined || !Number.isFinite(health.nextRunAt)
      ? {}
      : { nextRunAt: iso(health.nextRunAt) }),
    failuresInARow: health.failuresInARow,
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
