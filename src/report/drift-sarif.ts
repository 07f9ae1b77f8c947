/** Drift as SARIF 2.1.0: a result on the manifest's line for every placement that is not in sync. */
import { type DriftReport, type DriftRow, VERDICTS } from "../model/drift.ts"
import { diffLines } from "./diff-lines.ts"
import { driftFields, driftWhy, findings, VERDICT_LIST, verdictLevel, verdictText } from "./drift-words.ts"
import { terminalText } from "./escape.ts"
import { scopeText } from "./plan-groups.ts"
import { type SarifResult, type SarifRule, sarifText, sentence } from "./sarif.ts"

/** The report for code scanning, a newline at the end. Rows keep their identity from run to run. */
export function renderDriftSarif(report: DriftReport): string {
  const rules: SarifRule[] = [
    ...VERDICT_LIST.filter((verdict) => verdict !== "in_sync").map((verdict) => ({
      id: `drift/${verdict}`,
      text: sentence(VERDICTS[verdict]),
      level: verdictLevel(report, verdict),
    })),
    { id: "drift/ignore_expired", text: "A rule that accepts a difference is over.", level: "warning" },
  ]
  const expired = report.notices.flatMap(({ code, message, manifest }): SarifResult[] =>
    code === "ignore_expired" && manifest !== undefined
      ? [
          {
            ruleId: "drift/ignore_expired",
            level: "warning",
            lines: [message],
            at: manifest,
            fingerprint: ["cvmimg/rule/v1", `${report.stackId}/${manifest.line}`],
          },
        ]
      : [],
  )
  const results = [...findings(report).map((row) => rowResult(report, row)), ...expired]
  return sarifText("drift", report.stack, rules, results)
}

function rowResult(report: DriftReport, row: DriftRow): SarifResult {
  const { image, account, region, verdict, imageId, manifest } = row
  const id = verdict === "orphan" ? `/${imageId ?? ""}` : ""
  return {
    ruleId: `drift/${verdict}`,
    level: verdictLevel(report, verdict),
    lines: [
      `${image} in ${scopeText(row, true)} is ${verdictText(verdict)}: ${driftWhy({ ...row, since: report.at }, report.at)}`,
      ...diffLines(driftFields(row)),
    ],
    at: manifest,
    fingerprint: [
      "cvmimg/placement/v1",
      [report.stackId, image, account, region]
        .map((part) => encodeURIComponent(terminalText(part)))
        .join("/") + id,
    ],
  }
}
