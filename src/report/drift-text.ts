/**
 * Drift for people: one line per placement that is not in sync, with sign, verdict and reason; below it what differs;
 * then what rules accept, what healed, notices, the matrix of regions and the count.
 */
import type { DriftReport, DriftRow } from "../model/drift.ts"
import { remarksOf } from "./drift-sections.ts"
import {
  DRIFT_GATHERING,
  driftSummary,
  driftWhy,
  findings,
  leadingRow,
  newsSummary,
  notConsideredText,
  quietText,
  timeText,
  VERDICT_SIGNS,
  verdictText,
} from "./drift-words.ts"
import { cutMiddle, hang, wrap } from "./fit.ts"
import { gap, type Line, type Paper, paint, paper, span, type TextOptions } from "./line.ts"
import { gather } from "./plan-groups.ts"
import { matrixOf } from "./plan-matrix.ts"
import { imageRows, severalAccounts } from "./plan-rows.ts"

/** The report as text, with a newline at its end; no line but the last is wider than `options.width`. */
export function renderDrift(report: DriftReport, options: TextOptions): string {
  const on = paper(options)
  const accounts = severalAccounts(report.placements)
  const shown = findings(report)
  const news = newsSummary(report)
  const lines: Line[] = [
    ...titleLines(report, on),
    ...imageRows(gather(shown, accounts, DRIFT_GATHERING), accounts, on, {
      sign: ({ verdict }) => VERDICT_SIGNS[verdict],
      word: ({ verdict }) => verdictText(verdict),
      why: (row) => driftWhy(row, report.at),
      id: ({ imageId }) => imageId ?? "",
      below: () => [],
    }),
    ...legendLines(shown, on),
    ...matrixOf(report.placements, accounts, on, {
      leading: leadingRow,
      sign: ({ verdict }) => VERDICT_SIGNS[verdict],
      isShown: ({ verdict }) => verdict !== "in_sync",
    }),
    ...remarkLines(report, accounts, on),
    ...(shown.length === 0 ? wrap([span(quietText(report))], on.width) : []),
    ...(report.notConsidered > 0 ? [[span(notConsideredText(report), "dim")]] : []),
    ...(news === "" ? [] : wrap([span(news)], on.width)),
    [span(driftSummary(report), "bold")],
  ]
  return paint(lines, options.color)
}

function titleLines(report: DriftReport, on: Paper): Line[] {
  const rest = `  ${timeText(report.at)}`
  const name = cutMiddle(span(report.stack).text, Math.max(8, on.width - rest.length - 6), on.ellipsis)
  return [[span("Stack "), span(name, "bold"), span(rest, "dim")], []]
}

/** An arrow could point either way. */
function legendLines(rows: readonly DriftRow[], on: Paper): Line[] {
  const arrows = rows.some(({ changes }) => changes.some((c) => c.before !== null && c.after !== null))
  const text = "Arrows lead from what the cloud has to what the manifest asks for."
  return arrows ? [...wrap([span(text, "dim")], on.width), []] : []
}

function remarkLines(report: DriftReport, accounts: boolean, on: Paper): Line[] {
  return remarksOf(report, accounts).flatMap(({ title, items }) => [
    [span(title, "bold")],
    ...items.flatMap(({ about, text, where }) =>
      hang(
        [gap(2), span("*", "wait"), gap(1)],
        [span(`${about}: `), span(text), ...(where === undefined ? [] : [span(` (${where})`, "dim")])],
        on.width,
      ),
    ),
    [],
  ])
}
