/** A review as annotations of GitHub: what is wrong with the head, then every change that is a risk, on their lines. */
import type { Review, ReviewDiagnostic } from "../model/review.ts"
import { type Annotation, annotationsText } from "./annotations.ts"
import { diffLines } from "./diff-lines.ts"
import { moveText, type ReviewRow, reviewRows, reviewSummary, riskTexts } from "./review-rows.ts"

/** The review as workflow commands, what is new first. No text in it can begin another command. */
export function renderReviewGithub(review: Review): string {
  const { diagnostics, moves } = review
  const all = [
    ...diagnostics.filter((d) => d.isNew).map(diagnosticAnnotation),
    ...reviewRows(review)
      .filter(({ risk }) => risk !== "none")
      .map(rowAnnotation),
    ...moves
      .filter(({ before }) => before.length > 0)
      .map(
        (move): Annotation => ({
          command: "notice",
          title: `family ${move.family} moves`,
          lines: [moveText(move)],
        }),
      ),
    ...diagnostics.filter((d) => !d.isNew).map(diagnosticAnnotation),
  ]
  return annotationsText(all, reviewSummary(review))
}

function rowAnnotation(row: ReviewRow): Annotation {
  return {
    command: row.risk === "low" ? "notice" : "warning",
    title: `${row.risk} risk: ${row.subject} ${row.what}`,
    lines: [...(row.effect === "" ? [] : [row.effect]), ...riskTexts(row.risks), ...diffLines(row.fields)],
    ...(row.at === undefined ? {} : { at: row.at }),
  }
}

function diagnosticAnnotation(d: ReviewDiagnostic): Annotation {
  const before = d.isNew ? [] : ["It is so at the base already."]
  return {
    command: d.severity,
    title: d.code,
    lines: [d.message, ...(d.advice === undefined ? [] : [d.advice]), ...before],
    at: d,
  }
}
