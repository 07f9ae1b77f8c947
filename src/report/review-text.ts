/** A review for people. */
import type { Diagnostic } from "../model/diagnostic.ts"
import { renderDiagnostics } from "./diagnostics.ts"
import { fieldLines } from "./field.ts"
import { hang } from "./fit.ts"
import { gap, type Line, padStart, paint, paper, span, type TextOptions } from "./line.ts"
import { scopesText } from "./plan-groups.ts"
import {
  comparedText,
  hasAccounts,
  isSame,
  moveText,
  notComparedText,
  type ReviewOutput,
  type ReviewRow,
  RISK_TONES,
  reviewRows,
  reviewSummary,
  riskTexts,
  SAME,
} from "./review-rows.ts"

const INDENT = 6

/** Rows with their fields, families, what is wrong with the head, and a last line with the numbers. */
export function renderReview({ review, sources }: ReviewOutput, options: TextOptions): string {
  const on = paper(options)
  const accounts = hasAccounts(review)
  const rows = reviewRows(review)
  const title: Line = [span(`Stack ${review.stack}`, "bold"), span(`: ${comparedText(review)}`)]
  const lines: Line[] = [
    ...hang([], title, on.width),
    [],
    ...(isSame(review) ? [...hang([], [span(SAME)], on.width), []] : []),
    ...rows.flatMap((row) => [...rowLines(row, on), []]),
  ]
  if (review.moves.length > 0) {
    const moves = review.moves.flatMap((move) => {
      const body: Line = [span(`${scopesText(move.scopes, accounts)}: `), span(moveText(move))]
      return hang([gap(2), span(move.family, "bold"), gap(2)], body, on.width)
    })
    lines.push([span("Families, as far as manifests tell", "bold")], ...moves, [])
  }
  const left = notComparedText(review)
  if (left !== "") lines.push(...hang([span("! ", "alarm")], [span(left)], on.width), [])
  const last = hang([], [span(reviewSummary(review), "bold")], on.width)
  const [fresh, old] = [true, false].map((isNew) => review.diagnostics.filter((d) => d.isNew === isNew))
  const told = (heading: string, list: readonly Diagnostic[]): string =>
    list.length === 0
      ? ""
      : `${paint([[span(heading, "bold")], []], options.color)}${renderDiagnostics(list, sources, options)}\n`
  return [
    paint(lines, options.color),
    told("Wrong at the head, and not at the base", fresh ?? []),
    told("Wrong at the base already", old ?? []),
    paint(last, options.color),
  ].join("")
}

function rowLines(row: ReviewRow, on: ReturnType<typeof paper>): Line[] {
  const { symbol, tone } = row.sign
  const where = row.at === undefined ? [] : [gap(2), span(`${row.at.file}:${row.at.line}`, "dim")]
  const body: Line = [
    span(row.subject, "bold"),
    gap(2),
    span(row.what, tone),
    ...(row.effect === "" ? [] : [gap(2), span(row.effect)]),
    ...where,
  ]
  const why = riskTexts(row.risks).join("; ")
  const head: Line = [gap(INDENT), span(`${row.risk} risk: `, RISK_TONES[row.risk])]
  return [
    ...hang([...padStart(span(symbol, tone), 3), gap(1)], body, on.width),
    ...(why === "" ? [] : hang(head, [span(why)], on.width)),
    ...fieldLines(row.fields, INDENT, on),
  ]
}
