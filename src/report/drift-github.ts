/** Drift as annotations of GitHub on the manifest's lines; regions are folded, since ten of each level are shown. */
import type { DriftReport, DriftRow } from "../model/drift.ts"
import { type Annotation, annotationsText } from "./annotations.ts"
import { diffLines } from "./diff-lines.ts"
import {
  DRIFT_GATHERING,
  driftSummary,
  driftWhy,
  findings,
  verdictLevel,
  verdictText,
} from "./drift-words.ts"
import { gather, scopesText } from "./plan-groups.ts"
import { severalAccounts } from "./plan-rows.ts"

/** The report as workflow commands. No text in it can begin another command. */
export function renderDriftGithub(report: DriftReport): string {
  const accounts = severalAccounts(report.placements)
  const rows = gather(findings(report), accounts, DRIFT_GATHERING).flatMap(({ image, groups }) =>
    groups.flatMap(({ rows: those, fields }): Annotation[] => {
      const [first] = those
      if (first === undefined) return []
      const level = verdictLevel(report, first.verdict)
      return [
        {
          command: level === "note" ? "notice" : level,
          title: `${image} ${verdictText(first.verdict)}`,
          lines: [`${scopesText(those, accounts)}: ${whyOf(those, report.at)}`, ...diffLines(fields)],
          at: first.manifest,
        },
      ]
    }),
  )
  const notices = report.notices.map(
    ({ code, message, manifest }): Annotation => ({
      command: code === "ignore_expired" ? "warning" : "notice",
      title: code.replace("_", " "),
      lines: [message],
      ...(manifest === undefined ? {} : { at: manifest }),
    }),
  )
  return annotationsText([...rows, ...notices], driftSummary(report))
}

function whyOf(rows: readonly DriftRow[], at: number): string {
  return Array.from(new Set(rows.map((row) => driftWhy(row, at)))).join("; ")
}
