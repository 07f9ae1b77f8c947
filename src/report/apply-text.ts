/**
 * The results of an apply for people: a row per placement, then what went wrong with the advice for it, then the
 * count. The same failure of several placements is told once.
 */
import { type ApplyReport, OUTCOMES, type Result } from "../model/outcome.ts"
import { comparePlacements } from "../model/placement.ts"
import { causeText, problemsOf, skipText } from "./apply-problems.ts"
import { cutMiddle, hang } from "./fit.ts"
import {
  gap,
  type Line,
  lineWidth,
  type Paper,
  padEnd,
  padStart,
  paint,
  paper,
  type Span,
  span,
  type TextOptions,
  textWidth,
} from "./line.ts"
import { scopeText } from "./plan-groups.ts"
import { OUTCOME_TONES, outcomeText, SIGNS } from "./symbols.ts"
import { durationText } from "./value.ts"

/**
 * The report as text, with a newline at its end. Request ids have a column where the width allows; on narrower
 * terminals they stand only with what did not get done. Placements that were only kept are counted.
 */
export function renderApply(report: ApplyReport, options: TextOptions): string {
  const on = paper(options)
  const rows = report.results.filter((r) => r.action !== "keep").sort(comparePlacements)
  const accounts = new Set(report.results.map((r) => r.account)).size > 1
  const lines: Line[] = [
    ...tableLines(rows, accounts, on),
    ...problemLines(rows, accounts, on),
    [span(applySummary(report, rows), "bold")],
  ]
  return paint(lines, options.color)
}

interface Column {
  readonly title: string
  readonly cell: (row: Result) => Span
  readonly right?: boolean
}

function tableLines(rows: readonly Result[], accounts: boolean, on: Paper): Line[] {
  if (rows.length === 0) return []
  const columns: Column[] = [
    { title: "image", cell: (r) => span(r.image) },
    ...(accounts ? [{ title: "account", cell: (r: Result) => span(r.account) }] : []),
    { title: "region", cell: (r) => span(r.region) },
    { title: "action", cell: (r) => span(r.action, SIGNS[r.action].tone) },
    { title: "outcome", cell: (r) => span(outcomeText(r.outcome), OUTCOME_TONES[r.outcome]) },
    { title: "image id", cell: (r) => span(r.imageId ?? "-", r.imageId === undefined ? "dim" : "plain") },
    { title: "request id", cell: (r) => span(r.requestId ?? "-", "dim") },
    {
      title: "duration",
      cell: (r) => span(r.durationMs > 0 ? durationText(r.durationMs) : "-"),
      right: true,
    },
  ]
  const sized = columns.map((column) => ({
    ...column,
    width: Math.max(textWidth(column.title), ...rows.map((r) => textWidth(column.cell(r).text))),
  }))
  const total = (list: readonly { width: number }[]): number => list.reduce((sum, c) => sum + c.width + 2, 0)
  // What a reader misses least goes first: request ids, then durations, then the image's own id.
  let shown = sized
  for (const title of ["request id", "duration", "image id"]) {
    if (total(shown) > on.width) shown = shown.filter((c) => c.title !== title)
  }
  const fitted = narrowed(shown, on.width - total(shown))
  const cells = (cell: (c: (typeof fitted)[number]) => Span): Line =>
    fitted.flatMap((c) => {
      const s = cell(c)
      const text = { ...s, text: cutMiddle(s.text, c.width, on.ellipsis) }
      return [gap(2), ...(c.right === true ? padStart(text, c.width) : padEnd(text, c.width))]
    })
  return [cells((c) => span(c.title, "dim")), ...rows.map((row) => cells((c) => c.cell(row))), []]
}

/** The widest columns give up what is missing. */
function narrowed<C extends { readonly width: number }>(columns: readonly C[], spare: number): C[] {
  const result = [...columns]
  for (let missing = -spare; missing > 0; missing -= 1) {
    const widest = result.reduce((best, c, i) => (c.width > (result[best]?.width ?? 0) ? i : best), 0)
    const column = result[widest]
    if (column === undefined || column.width <= 6) break
    result[widest] = { ...column, width: column.width - 1 }
  }
  return result
}

/** Everything that is not done, with what is known about it. */
function problemLines(rows: readonly Result[], accounts: boolean, on: Paper): Line[] {
  const problems = problemsOf(rows)
  return OUTCOMES.flatMap((outcome) => {
    const those = problems.filter((problem) => problem.outcome === outcome)
    if (those.length === 0) return []
    const title = outcomeText(outcome)
    return [
      [span(title.charAt(0).toUpperCase() + title.slice(1), OUTCOME_TONES[outcome])],
      ...those.flatMap(({ rows: members }) => [
        ...members.flatMap((row) => placementLines(row, accounts, on)),
        ...causeLines(members[0], on),
      ]),
      [],
    ]
  })
}

function placementLines(row: Result, accounts: boolean, on: Paper): Line[] {
  const { symbol, tone } = SIGNS[row.action]
  const request = row.error?.requestId ?? row.requestId
  const first: Line = [...padStart(span(symbol, tone), 3), gap(1)]
  const body: Line = [
    span(row.image, "bold"),
    gap(2),
    span(scopeText(row, accounts)),
    gap(2),
    span(row.action, tone),
    ...(row.imageId === undefined ? [] : [gap(2), span(row.imageId)]),
  ]
  if (request === undefined) return hang(first, body, on.width)
  const id = span(`request id ${request}`, "dim")
  if (lineWidth([...first, ...body, id]) + 2 <= on.width) return [[...first, ...body, gap(2), id]]
  return [...hang(first, body, on.width), ...hang([gap(6)], [id], on.width)]
}

function causeLines(row: Result, on: Paper): Line[] {
  const indented = (body: Line): Line[] => hang([gap(6)], body, on.width)
  if (row.error === undefined) return indented([span(causeText(row))])
  const lines: Line[] = row.reason === undefined ? [] : indented([span(skipText(row.reason))])
  lines.push(...indented([span(row.error.code, "alarm"), span(`: ${row.error.message}`)]))
  for (const advice of row.error.advice.split("\n")) {
    const bullet = /^(\s*[-*] )(.*)$/.exec(advice)
    if (bullet === null) lines.push(...indented([span(advice)]))
    else lines.push(...hang([gap(6), span(bullet[1] ?? "")], [span(bullet[2] ?? "")], on.width))
  }
  return lines
}

/** The last line: `Apply: 12 done, 1 failed, 1 running.` */
export function applySummary(
  report: ApplyReport,
  rows: readonly Result[] = report.results.filter((r) => r.action !== "keep"),
): string {
  const counts = OUTCOMES.map((outcome) => ({
    outcome,
    count: rows.filter((r) => r.outcome === outcome).length,
  })).filter(({ outcome, count }) => outcome === "done" || count > 0)
  const kept = report.results.length - rows.length
  const text = counts.map(({ outcome, count }) => `${count} ${outcomeText(outcome)}`).join(", ")
  return `Apply: ${text}.${kept > 0 ? ` ${kept} unchanged.` : ""}`
}
