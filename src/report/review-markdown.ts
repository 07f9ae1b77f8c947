/** A review as Markdown for comments and job summaries: a table of everything that changes, which is never cut, then details. */
import type { Review, ReviewDiagnostic } from "../model/review.ts"
import { diffLines } from "./diff-lines.ts"
import { markdownCode, markdownFence, markdownHtmlCode, markdownText } from "./escape-markdown.ts"
import { joinMarkdown, type MarkdownOptions, type MarkdownParts } from "./markdown-room.ts"
import { scopesText } from "./plan-groups.ts"
import { table } from "./plan-markdown-parts.ts"
import {
  candidatesText,
  comparedText,
  hasAccounts,
  isSame,
  notComparedText,
  type ReviewOutput,
  type ReviewRow,
  reviewRows,
  reviewSummary,
  riskTexts,
  SAME,
} from "./review-rows.ts"

/** The review, with a newline at its end. Foreign text comes out without any meaning. */
export function renderReviewMarkdown({ review }: ReviewOutput, options: MarkdownOptions = {}): string {
  return joinMarkdown(reviewMarkdownParts(review), options)
}

/** The same in parts. */
export function reviewMarkdownParts(review: Review): MarkdownParts {
  const accounts = hasAccounts(review)
  const rows = reviewRows(review)
  const moves = review.moves.map(({ family, scopes, before, after, imported }) => [
    markdownCode(family),
    markdownText(scopesText(scopes, accounts)),
    markdownText(candidatesText(before, false)),
    markdownText(candidatesText(after, imported)),
  ])
  const left = notComparedText(review)
  const head = [
    `## Review of ${markdownCode(review.stack)}`,
    `**${reviewSummary(review)}**`,
    ...diagnosticItems(
      "Wrong at the head, and not at the base",
      review.diagnostics.filter((d) => d.isNew),
    ),
    ...(isSame(review) ? [SAME] : []),
    ...(rows.length === 0 ? [] : [summaryTable(rows)]),
    ...(left === "" ? [] : [markdownText(left)]),
    ...(moves.length === 0
      ? []
      : ["### Families, as far as manifests tell", table(["Family", "Regions", "Before", "After"], moves)]),
    ...diagnosticItems(
      "Wrong at the base already",
      review.diagnostics.filter((d) => !d.isNew),
    ),
  ]
  const foot = `Compared: ${markdownText(comparedText(review))}.`
  return { head, details: rows.flatMap(detailsOf), foot, noun: "change" }
}

function summaryTable(rows: readonly ReviewRow[]): string {
  const heads = ["", "What", "Change", "Effect", "Risk", "Why"]
  return table(
    heads,
    rows.map((row) => [
      `\`${row.sign.symbol}\``,
      markdownCode(row.subject),
      markdownText(row.what),
      markdownText(row.effect),
      row.risk === "high" ? "**high**" : row.risk,
      markdownText(riskTexts(row.risks).join("; ")),
    ]),
  )
}

function detailsOf(row: ReviewRow): string[] {
  if (row.fields.length === 0) return []
  const where = row.at === undefined ? [] : [markdownCode(`${row.at.file}:${row.at.line}`)]
  const summary = `<summary>${markdownHtmlCode(row.subject)}</summary>`
  const block = markdownFence("diff", diffLines(row.fields))
  return [[`<details>\n${summary}`, ...where, block, "</details>"].join("\n\n")]
}

function diagnosticItems(heading: string, list: readonly ReviewDiagnostic[]): string[] {
  if (list.length === 0) return []
  const items = list.map((d) => {
    const advice = d.advice === undefined ? "" : `\n  - ${markdownText(d.advice)}`
    const place = markdownCode(`${d.file}:${d.line}:${d.column}`)
    return `- **${d.severity}** ${markdownCode(d.code)} ${place}: ${markdownText(d.message)}${advice}`
  })
  return [`### ${heading}`, items.join("\n")]
}
