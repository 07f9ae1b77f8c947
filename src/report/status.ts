/** What is under way, as text and for machines. */
import type { StatusReport, UnderWay } from "../model/status.ts"
import { jsonText } from "./json.ts"
import { gap, type Line, padEnd, paint, span, type TextOptions, textWidth } from "./line.ts"
import { scopeText } from "./plan-groups.ts"
import { percentText } from "./progress.ts"
import { counted, durationText } from "./value.ts"

/** A line per placement, with a newline at its end. */
export function renderStatus(report: StatusReport, options: TextOptions): string {
  const { at, run, placements, unread } = report
  const accounts = new Set(placements.map((p) => p.account)).size > 1
  const rows = placements.map((p) => [
    span(p.image, "bold"),
    span(scopeText(p, accounts)),
    span(p.phase, p.phase === "unknown" ? "change" : "wait"),
    span(words(p, at)),
  ])
  const widths = [0, 1, 2].map((i) => Math.max(0, ...rows.map((row) => textWidth(row[i]?.text ?? ""))))
  const lines: Line[] = [
    ...(run === undefined
      ? []
      : [[span(`Process ${run.pid} applies this stack, for ${durationText(at - run.since)} so far.`)]]),
    ...rows.map(
      (row): Line => [gap(2), ...row.flatMap((cell, i) => [...padEnd(cell, widths[i] ?? 0), gap(2)])],
    ),
    ...unread.map(
      ({ account, region, code }): Line => [
        span(`${scopeText({ account, region }, accounts)} could not be read: ${code}`, "alarm"),
      ],
    ),
    [span(summary(report), "bold")],
  ]
  return paint(lines, options.color)
}

function words(p: UnderWay, at: number): string {
  const since = p.since === undefined ? undefined : durationText(at - p.since)
  const left = p.estimateMs === undefined || p.since === undefined ? 0 : p.estimateMs - (at - p.since)
  return [
    p.imageId,
    p.state,
    p.progress === undefined ? undefined : percentText(p.progress),
    since === undefined ? undefined : `since ${since}`,
    left >= 1000 ? `about ${durationText(left)} left` : undefined,
    p.imageId === undefined && p.requestId !== undefined ? `request id ${p.requestId}` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join("  ")
}

function summary({ stack, placements }: StatusReport): string {
  if (placements.length === 0) return `Stack ${stack}: nothing is under way.`
  return `Stack ${stack}: ${counted(placements.length, "placement")} under way. Go on with: cvmimg wait`
}

/** The same for machines, in the shape of schemas/status.schema.json. */
export function renderStatusJson({ stack, at, run, placements, unread }: StatusReport): string {
  return jsonText({
    formatVersion: 1,
    stack,
    at: time(at),
    run: run === undefined ? undefined : { pid: run.pid, since: time(run.since) },
    placements: placements.map((p) => ({
      image: p.image,
      account: p.account,
      region: p.region,
      phase: p.phase,
      state: p.state,
      imageId: p.imageId,
      requestId: p.requestId,
      progress: p.progress,
      since: p.since === undefined ? undefined : time(p.since),
      estimateMs: p.estimateMs,
    })),
    unread,
  })
}

function time(at: number): string {
  return new Date(at).toISOString()
}
