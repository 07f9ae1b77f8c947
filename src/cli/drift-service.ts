/**
 * What stands around a drift run: who is told, metrics, and with `--every` the schedule and the pages of a process that
 * goes on. The run itself is given; it loads manifests and credentials anew each time.
 */
import { setMaxListeners } from "node:events"
import { resolve } from "node:path"
import type { DriftReport } from "../model/drift.ts"
import { type DriftRunFacts, renderDriftMetrics } from "../report/drift-metrics.ts"
import { terminalText } from "../report/escape.ts"
import { EXIT, UnusableFile, UsageError } from "./exit.ts"
import { type Health, healthDocument } from "./health.ts"
import type { Io } from "./io.ts"
import { type Address, type Listening, listen, parseAddress } from "./listen.ts"
import { lastSuccessIn, writeMetricsFile } from "./metrics-file.ts"
import { parseDuration, parseSchedule, type Schedule } from "./schedule.ts"
import { parseReceivers, type Telling, type Told, tell } from "./tell.ts"
import { watch } from "./watch.ts"

export interface DriftServiceOptions {
  /** Where the last look, and who was told what, is kept. */
  readonly state?: string
  readonly notify?: readonly string[]
  readonly heartbeat?: string
  readonly notifyAllowHttp?: boolean
  readonly metricsFile?: string
  readonly every?: string
  readonly jitter?: string
  readonly listen?: string
}

/** What a run calls on its way. */
export interface DriftHooks {
  /** A request to the API is about to be sent. */
  readonly onRequest: () => void
  /** Tells receivers of the report, and gives back what each of them knows then. */
  readonly tell: (report: DriftReport, told: Told) => Promise<Told>
}

export interface DriftEnd {
  readonly code: number
  /** Absent: the manifests could not be read. */
  readonly stack?: string
  /** Absent: there is none, for a reason that was said on standard error. */
  readonly report?: DriftReport
}

/** One run. May throw what commands throw. */
export type DriftOnce = (io: Io, hooks: DriftHooks) => Promise<DriftEnd>

interface Settings {
  readonly telling: Telling
  readonly metricsFile?: string
  readonly schedule?: Schedule
  readonly jitterMs?: number
  readonly address?: Address
}

/** A tenth of the time between runs, and not more than this, is the random delay where none is asked for. In ms. */
const MOST_JITTER_MS = 5 * 60_000

/** Runs once, or by the schedule until a signal comes. Gives the exit code; throws what a single run throws. */
export async function driftService(io: Io, options: DriftServiceOptions, once: DriftOnce): Promise<number> {
  const settings = parseSettings(io, options)
  const run = runner(settings, once)
  const { schedule } = settings
  if (schedule === undefined) {
    const { code } = await run(io)
    // A signal while receivers were told leaves the report whole; who was not reached is told by the next run.
    return io.interrupted() ?? code
  }
  return goOn(io, { ...settings, schedule }, run)
}

function parseSettings(io: Io, options: DriftServiceOptions): Settings {
  const { heartbeat, metricsFile, every, jitter } = options
  const receivers = parseReceivers(options.notify ?? [])
  if (receivers.length > 0 && options.state === undefined) {
    throw new UsageError("--notify needs --state FILE: it remembers who was told what")
  }
  if (heartbeat !== undefined && receivers.length === 0) {
    throw new UsageError("--heartbeat needs somebody to tell: give --notify too")
  }
  for (const [name, value] of [
    ["--listen", options.listen],
    ["--jitter", jitter],
  ]) {
    if (value !== undefined && every === undefined) {
      throw new UsageError(`${name} is about a process that goes on: give --every too`)
    }
  }
  return {
    telling: {
      receivers,
      allowHttp: options.notifyAllowHttp === true,
      ...(heartbeat === undefined ? {} : { heartbeatMs: parseDuration("--heartbeat", heartbeat) }),
    },
    ...(metricsFile === undefined ? {} : { metricsFile: resolve(io.cwd, metricsFile) }),
    ...(every === undefined ? {} : { schedule: parseSchedule(every, io.clock.now()) }),
    ...(jitter === undefined ? {} : { jitterMs: parseDuration("--jitter", jitter) }),
    ...(options.listen === undefined ? {} : { address: parseAddress(options.listen) }),
  }
}

interface Run {
  (io: Io): Promise<DriftEnd>
  /** The metrics of the last run. */
  metrics(): string
}

/** One run with its metrics. Of earlier runs only numbers are kept, so that a process does not grow. */
function runner({ telling, metricsFile }: Settings, once: DriftOnce): Run {
  let facts: DriftRunFacts | undefined
  const run = async (io: Io): Promise<DriftEnd> => {
    const began = io.clock.monotonic()
    let requests = 0
    let undelivered: Readonly<Record<string, number>> = {}
    let end: DriftEnd | undefined
    try {
      end = await once(io, {
        onRequest: () => {
          requests += 1
        },
        tell: async (report, told) => {
          const result = await tell(io, report, told, telling)
          undelivered = result.undelivered
          return result.told
        },
      })
    } finally {
      const endedAt = io.clock.now()
      const stack = end?.stack ?? facts?.stack
      const report = end?.report === undefined ? facts?.report : numbersOf(end.report)
      const success = isSuccess(end)
      const before =
        facts?.lastSuccessAt ?? (metricsFile === undefined ? undefined : lastSuccessIn(metricsFile))
      const lastSuccessAt = success ? endedAt : before
      facts = {
        success,
        endedAt,
        durationMs: io.clock.monotonic() - began,
        requests,
        undelivered,
        ...(stack === undefined ? {} : { stack }),
        ...(report === undefined ? {} : { report }),
        ...(lastSuccessAt === undefined ? {} : { lastSuccessAt }),
      }
      if (metricsFile !== undefined && !io.signal.aborted) write(io, metricsFile, facts, end)
    }
    return end
  }
  return Object.assign(run, { metrics: () => (facts === undefined ? "" : renderDriftMetrics(facts)) })
}

/** Drift that was found is no failure; a region that could not be read is. */
function isSuccess(end: DriftEnd | undefined): boolean {
  return end?.report !== undefined && end.code !== EXIT.failed
}

/** A file that cannot be written fails a run that went well; of one that failed, its own failure is what counts. */
function write(io: Io, file: string, facts: DriftRunFacts, end: DriftEnd | undefined): void {
  try {
    writeMetricsFile(file, renderDriftMetrics(facts))
  } catch (error) {
    if (end !== undefined || !(error instanceof UnusableFile)) throw error
    io.stderr.write(plainError(error))
  }
}

function plainError(error: Error): string {
  return `cvmimg: ${terminalText(error.message)}\n`
}

function numbersOf({ summary, ignored }: DriftReport): Pick<DriftReport, "summary" | "ignored"> {
  return { summary, ignored }
}

async function goOn(io: Io, settings: Settings & { readonly schedule: Schedule }, run: Run): Promise<number> {
  const { schedule, address } = settings
  let health: Health = { startedAt: io.clock.now(), failuresInARow: 0 }
  let pages: Listening | undefined
  if (address !== undefined) {
    pages = await listen(address, {
      health: () => healthDocument(health, io.clock.now()),
      metrics: run.metrics,
    })
    io.stderr.write(`Listening at ${pages.url}\n`)
  }
  const first = schedule.next(io.clock.now())
  try {
    await watch(io, {
      schedule,
      jitterMs: settings.jitterMs ?? Math.min(MOST_JITTER_MS, (schedule.next(first) - first) / 10),
      random: Math.random,
      changed: (now) => {
        health = now
        if (now.runningSince === undefined && now.nextRunAt !== undefined && !io.signal.aborted) {
          io.stderr.write(`Next run at ${new Date(now.nextRunAt).toISOString()}\n`)
        }
      },
      run: async () => {
        try {
          return isSuccess(await withOwnSignal(io, run))
        } catch (error) {
          // What was typed is as wrong in each later run as it is in the first.
          if (error instanceof UsageError && health.lastRunAt === undefined) throw error
          if (!io.signal.aborted) io.stderr.write(await errorText(error, io.env))
          return false
        }
      },
    })
  } finally {
    await pages?.close()
  }
  return io.interrupted() ?? EXIT.done
}

async function errorText(error: unknown, env: NodeJS.ProcessEnv): Promise<string> {
  if (error instanceof UsageError || error instanceof UnusableFile) return plainError(error)
  const { renderError } = await import("./errors.ts")
  return renderError(error, env)
}

/** A signal for one run: whatever a run has hung on to it goes with it. */
async function withOwnSignal(io: Io, run: Run): Promise<DriftEnd> {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const onAbort = (): void => controller.abort(io.signal.reason)
  if (io.signal.aborted) onAbort()
  io.signal.addEventListener("abort", onAbort, { once: true })
  try {
    return await run({ ...io, signal: controller.signal })
  } finally {
    io.signal.removeEventListener("abort", onAbort)
  }
}
