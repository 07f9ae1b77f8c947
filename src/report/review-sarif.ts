/** A review as SARIF 2.1.0: a result for every change that is a risk and for everything that is wrong with the head. */
import { DIAGNOSTICS } from "../model/diagnostic.ts"
import {
  type Review,
  type ReviewDiagnostic,
  RISK_LEVELS,
  RISKS,
  type RiskCode,
  type RiskLevel,
} from "../model/review.ts"
import { diffLines } from "./diff-lines.ts"
import type { Level } from "./plan-severity.ts"
import { type ReviewRow, reviewRows, riskTexts } from "./review-rows.ts"
import { type SarifResult, type SarifRule, sarifText, sentence } from "./sarif.ts"

const LEVELS: Readonly<Record<RiskLevel, Level>> = {
  none: "note",
  low: "note",
  medium: "warning",
  high: "warning",
}
const SEVERITIES = { error: "error", warning: "warning", notice: "note" } as const

/** Every rule there can be, whatever the review holds. */
const RULES: readonly SarifRule[] = [
  ...Object.entries(RISKS).map(
    ([code, { level, text }]): SarifRule => ({
      id: `risk/${code}`,
      text: sentence(text),
      level: LEVELS[level],
    }),
  ),
  ...Object.entries(DIAGNOSTICS).map(
    ([code, text]): SarifRule => ({ id: `manifest/${code}`, text, level: "error" }),
  ),
]

/** The review for code scanning, a newline at the end. What was wrong before is marked as unchanged. */
export function renderReviewSarif(review: Review): string {
  return sarifText("review", review.stack, RULES, [
    ...review.diagnostics.map(diagnosticResult),
    ...reviewRows(review).flatMap((row) => rowResult(row, review)),
  ])
}

function rowResult(row: ReviewRow, { directory }: Review): SarifResult[] {
  const code = worstCode(row.risks)
  if (code === undefined || row.risk === "none") return []
  return [
    {
      ruleId: `risk/${code}`,
      level: LEVELS[row.risk],
      lines: [
        `${row.subject}: ${row.what}${row.effect === "" ? "" : `, ${row.effect}`}`,
        `${row.risk} risk: ${riskTexts(row.risks).join("; ")}`,
        ...diffLines(row.fields),
      ],
      at: row.at,
      fingerprint: ["cvmimg/review/v1", `${directory}/${row.kind}/${row.subject}/${code}`],
      baseline: "new",
    },
  ]
}

function diagnosticResult(d: ReviewDiagnostic): SarifResult {
  return {
    ruleId: `manifest/${d.code}`,
    level: SEVERITIES[d.severity],
    lines: [d.message, d.advice ?? ""],
    at: d,
    fingerprint: ["cvmimg/manifest/v1", `${d.file}/${d.code}/${d.path ?? ""}`],
    baseline: d.isNew ? "new" : "unchanged",
  }
}

function worstCode(risks: readonly RiskCode[]): RiskCode | undefined {
  return risks.toSorted(
    (a, b) => RISK_LEVELS.indexOf(RISKS[b].level) - RISK_LEVELS.indexOf(RISKS[a].level),
  )[0]
}
