/** Verdicts as signs, words and levels; and what the rows of a drift report say. */
import { type DriftReport, type DriftRow, type DriftVerdict, VERDICTS } from "../model/drift.ts"
import type { Field } from "./field.ts"
import type { Gathering } from "./plan-groups.ts"
import type { Level } from "./plan-severity.ts"
import { reasonsText } from "./reasons.ts"
import type { Sign } from "./symbols.ts"
import { counted, durationText } from "./value.ts"

/** `~` the cloud moved, `x` failed, `!` in the way, `>` to apply, `-` orphan, `*` not ours, `?` wait, `??` unread. */
export const VERDICT_SIGNS: Readonly<Record<DriftVerdict, Sign>> = {
  drifted: { symbol: "~", tone: "alarm" },
  failed: { symbol: "x", tone: "alarm" },
  conflict: { symbol: "!", tone: "remove" },
  pending: { symbol: ">", tone: "change" },
  orphan: { symbol: "-", tone: "change" },
  unmanaged: { symbol: "*", tone: "dim" },
  in_progress: { symbol: "?", tone: "wait" },
  unknown: { symbol: "??", tone: "replace" },
  in_sync: { symbol: "=", tone: "dim" },
}

/** Every verdict, the most urgent first. */
export const VERDICT_LIST: readonly DriftVerdict[] = Object.keys(VERDICTS) as DriftVerdict[]

/** A verdict in words. */
export function verdictText(verdict: DriftVerdict): string {
  return verdict.replace("_", " ")
}

/** What stops the run is an error, whatever else is to be decided a warning. */
export function verdictLevel(report: DriftReport, verdict: DriftVerdict): Level {
  if ((report.failOn as readonly DriftVerdict[]).includes(verdict)) return "error"
  return verdict === "conflict" || verdict === "unknown" || verdict === "pending" || verdict === "orphan"
    ? "warning"
    : "note"
}

/** Rows that there is something to say about. */
export function findings(report: DriftReport): readonly DriftRow[] {
  return report.placements.filter(({ verdict }) => verdict !== "in_sync")
}

/** What is younger has just come. */
const MINUTE_MS = 60_000

/** Why, and since when as far as it is remembered. The mark follows whatever else differs. */
export function driftWhy(row: DriftRow, at: number): string {
  const told = row.reasons.filter(
    (r) =>
      r !== "provenance_outdated" &&
      !(r === "manifest_moved" && row.verdict === "pending" && row.reasons.length > 1),
  )
  const why = reasonsText(told.length === 0 ? row.reasons : told)
  return row.since === undefined || at - row.since < MINUTE_MS
    ? why
    : `${why}; for ${durationText(at - row.since)}`
}

/** What differs, what was said about it, and what to do next. */
export function driftFields(row: DriftRow): readonly Field[] {
  const facts: [string, string | undefined][] = [
    ["error", row.failure === undefined ? undefined : `${row.failure.code}: ${row.failure.message}`],
    ["request id", row.failure?.requestId],
    ["advice", row.advice],
  ]
  return [
    ...row.changes
      .filter(({ field }) => field !== "provenance" || row.changes.length === 1)
      .map(({ field, before, after, impact }): Field => {
        const plain = { kind: "change", name: field, before, after } as const
        return impact === "replacement" ? { ...plain, note: "needs a new image", warn: true } : plain
      }),
    ...facts.flatMap(([name, text]): Field[] => (text === undefined ? [] : [{ kind: "fact", name, text }])),
  ]
}

/** How rows of a report are gathered. */
export const DRIFT_GATHERING: Gathering<DriftRow> = { kind: ({ verdict }) => verdict, fields: driftFields }

/** The row that stands for its cell. */
export function leadingRow(rows: readonly DriftRow[]): DriftRow | undefined {
  return [...rows].sort((a, b) => VERDICT_LIST.indexOf(a.verdict) - VERDICT_LIST.indexOf(b.verdict))[0]
}

const ALWAYS: ReadonlySet<DriftVerdict> = new Set(["drifted", "failed", "pending"])

/** The last line: `Drift: 1 drifted, 0 failed, 2 pending. 12 in sync. 1 ignored. 2 notices.` */
export function driftSummary(report: DriftReport): string {
  const { summary, ignored, notices } = report
  const counts = VERDICT_LIST.filter((v) => v !== "in_sync" && (ALWAYS.has(v) || summary[v] > 0))
  const words = counts.map((v) => `${summary[v]} ${verdictText(v)}`).join(", ")
  return `Drift: ${words}. ${summary.in_sync} in sync. ${ignored} ignored. ${counted(notices.length, "notice")}.`
}

/** What is new and what healed, as one sentence; nothing without a memory of earlier runs. */
export function newsSummary({ news, at }: DriftReport): string {
  if (news === undefined) return ""
  const { last } = news
  const counts = `${news.new.length} new, ${news.healed.length} healed, ${news.unchanged.length} unchanged`
  return last === undefined
    ? `First report of this state: ${counts}.`
    : `Since the last report, ${durationText(at - last)} ago: ${counts}.`
}

/** The time of a report, to the minute. */
export function timeText(at: number): string {
  return new Date(at)
    .toISOString()
    .replace(/:\d\d\.\d+Z$/, " UTC")
    .replace("T", " ")
}

/** Where nothing is to be told. */
export function quietText({ placements, notConsidered }: DriftReport): string {
  if (placements.length > 0)
    return `No drift: ${counted(placements.length, "placement is", "placements are")} in sync.`
  return notConsidered > 0 ? "No drift: nothing is selected." : "No drift: no image is asked for."
}

/** Placements that a selection leaves out. */
export function notConsideredText({ notConsidered }: DriftReport): string {
  return `${counted(notConsidered, "placement")} not considered.`
}
