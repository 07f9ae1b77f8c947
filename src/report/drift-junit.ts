/** Drift as JUnit XML: a suite for each image and a case for each placement; what makes the run fail, fails. */
import type { DriftReport, DriftRow } from "../model/drift.ts"
import { diffLines } from "./diff-lines.ts"
import { remarksOf } from "./drift-sections.ts"
import { driftFields, driftWhy, notConsideredText, verdictLevel, verdictText } from "./drift-words.ts"
import { type JunitCase, junitText } from "./junit.ts"
import { scopeText, whereText } from "./plan-groups.ts"

/** The report in the form that Jenkins and GitLab read; names of cases stay the same from run to run. */
export function renderDriftJunit(report: DriftReport): string {
  const remarks = remarksOf(report, true).flatMap(({ title, items }) =>
    items.map(
      ({ about, text, where }) => `${title}: ${about}: ${text}${where === undefined ? "" : ` (${where})`}`,
    ),
  )
  const cases: JunitCase[] = [
    ...report.placements.map((row) => placementCase(report, row)),
    ...(remarks.length === 0 ? [] : [{ suite: "notices", name: "notices", output: remarks }]),
    ...(report.notConsidered === 0
      ? []
      : [{ suite: "not considered", name: "selection", skipped: notConsideredText(report), output: [] }]),
  ]
  return junitText(`cvmimg drift ${report.stack}`, report.stack, cases)
}

function placementCase(report: DriftReport, row: DriftRow): JunitCase {
  const { image, verdict, imageId } = row
  const name = `${scopeText(row, true)}${verdict === "orphan" ? ` ${imageId ?? ""}` : ""}`
  if (verdict === "in_sync") return { suite: image, name, output: [] }
  const why = driftWhy(row, report.at)
  const told = `${verdictText(verdict)}: ${why}`
  const lines = [told, whereText(row), ...diffLines(driftFields(row))]
  if (verdictLevel(report, verdict) === "error") {
    return { suite: image, name, failure: { type: verdict, message: why, lines }, output: [] }
  }
  return verdict === "unknown"
    ? { suite: image, name, skipped: why, output: lines }
    : { suite: image, name, output: lines }
}
