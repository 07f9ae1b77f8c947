/** Tells receivers what of a report they do not know yet, and remembers what each of them has accepted. */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import type { DriftMemory, DriftNews, DriftReport } from "../model/drift.ts"
import {
  deliver,
  notificationOf,
  parseTarget,
  resolveTarget,
  type SecretRef,
  type Target,
  type TargetSpec,
  targetText,
} from "../notify/index.ts"
import { driftNews, remember } from "../plan/index.ts"
import { terminalText } from "../report/escape.ts"
import { UsageError } from "./exit.ts"
import type { Io } from "./io.ts"
import { openWebhooks } from "./webhooks.ts"

export type Told = Readonly<Record<string, DriftMemory>>

export interface Telling {
  readonly receivers: readonly TargetSpec[]
  /** Without news, say after so long that somebody looks; absent: keep quiet. In ms. */
  readonly heartbeatMs?: number
  readonly allowHttp: boolean
}

export interface ToldResult {
  /** What each receiver knows now; the same object as before if none of them was told anything. */
  readonly told: Told
  /** Receivers by kind, and how many of them did not accept what they should know. */
  readonly undelivered: Readonly<Record<string, number>>
}

/** Parses every `--notify`. Throws UsageError, also for a receiver that is named twice. */
export function parseReceivers(texts: readonly string[]): readonly TargetSpec[] {
  const found: TargetSpec[] = []
  for (const text of texts) {
    const parsed = parseTarget(text)
    if ("problem" in parsed) throw new UsageError(parsed.problem)
    if (found.some(({ id }) => id === parsed.id)) {
      throw new UsageError(`--notify names one receiver of kind ${parsed.kind} twice`)
    }
    found.push(parsed)
  }
  return found
}

/**
 * Sends to all receivers side by side. What is not accepted is said on standard error and changes nothing else; the
 * receiver is told with the next run, as it is after a signal in the middle.
 */
export async function tell(io: Io, report: DriftReport, told: Told, how: Telling): Promise<ToldResult> {
  const webhooks = openWebhooks(io.env)
  const after: Record<string, DriftMemory> = { ...told }
  const undelivered: Record<string, number> = {}
  const one = async (spec: TargetSpec): Promise<void> => {
    const { id, kind } = spec
    undelivered[kind] ??= 0
    const news: DriftNews = driftNews(report, told[id])
    const notification = notificationOf(report, news, how.heartbeatMs)
    if (notification === undefined) return
    const target = resolveTarget(spec, (ref) => secretOf(io, ref), how.allowHttp)
    if ("problem" in target) {
      undelivered[kind] += 1
      complain(io, target.problem, "it is not told; the next run tells it")
      return
    }
    const world = { post: webhooks.post, clock: io.clock, signal: io.signal, random: Math.random }
    undelivered[kind] += 1
    const delivery = await deliver(target, notification, world)
    if (delivery.accepted) {
      undelivered[kind] -= 1
      after[id] = remember(report, told[id])
    } else {
      complain(io, failedText(target, delivery), `${delivery.advice}; the next run tells it`)
    }
  }
  try {
    const ends = await Promise.allSettled(how.receivers.map(one))
    for (const end of ends) if (end.status === "rejected" && !io.signal.aborted) throw end.reason
  } finally {
    webhooks.close()
  }
  const same = Object.keys(after).every((id) => after[id] === told[id])
  return { told: same ? told : after, undelivered }
}

function failedText(target: Target, delivery: { problem: string; code: string; attempts: number }): string {
  const times = delivery.attempts === 1 ? "" : `, ${delivery.attempts} times`
  return `${targetText(target)}: notify_${delivery.problem}: ${delivery.code}${times}`
}

function complain(io: Io, what: string, next: string): void {
  io.stderr.write(`cvmimg: not notified: ${terminalText(what)}\n  ${terminalText(next)}\n`)
}

/** The text of a reference; undefined where there is none, whatever the reason. */
function secretOf(io: Io, ref: SecretRef): string | undefined {
  if (ref.from === "argument") return ref.value
  if (ref.from === "env") return io.env[ref.name]
  try {
    return readFileSync(resolve(io.cwd, ref.path), "utf8")
  } catch {
    return undefined
  }
}
