/** What an apply did not get done, gathered by cause: the same failure of several placements is told once. */
import { OUTCOMES, type Outcome, type Result, SKIPS } from "../model/outcome.ts"
import type { Reason } from "../model/plan.ts"
import { reasonText } from "./reasons.ts"
import { staleLines } from "./stale.ts"

/** Rows of one outcome and cause. */
export interface Problem {
  readonly outcome: Outcome
  readonly rows: readonly [Result, ...Result[]]
}

/** Everything but what is done, in the order of outcomes. */
export function problemsOf(rows: readonly Result[]): Problem[] {
  return OUTCOMES.filter((outcome) => outcome !== "done").flatMap((outcome) => {
    const alike = new Map<string, [Result, ...Result[]]>()
    for (const row of rows) {
      if (row.outcome !== outcome) continue
      const { code, message, advice } = row.error ?? {}
      const key = JSON.stringify([code, message, advice, row.reason, row.stale && staleLines(row.stale)])
      const known = alike.get(key)
      if (known === undefined) alike.set(key, [row])
      else known.push(row)
    }
    return Array.from(alike.values(), (members) => ({ outcome, rows: members }))
  })
}

/** Why something was skipped, as a sentence. */
export function skipText(reason: string): string {
  return Object.hasOwn(SKIPS, reason) ? SKIPS[reason as keyof typeof SKIPS] : reasonText(reason as Reason)
}

/** What became of a row that is not done, in one sentence: the failure's, or why it was skipped. */
export function causeText({ outcome, error, reason }: Result): string {
  if (error !== undefined) return error.message
  return reason === undefined ? OUTCOME_TEXTS[outcome] : skipText(reason)
}

/** What an outcome means where neither failure nor reason says more. */
const OUTCOME_TEXTS: Readonly<Record<Outcome, string>> = {
  done: "done",
  failed: "it failed",
  skipped: "it was skipped",
  running: "the import goes on in the cloud: cvmimg wait, or apply again, picks it up",
  unknown: "the cloud did not tell how it ended: cvmimg wait, or apply again, finds out",
  stale: "what was approved is not what would be done now; make and approve a new plan",
  not_approved: "the approved plan does not hold it",
}

/** Advice as lines, without the marks of a list. */
export function adviceLines(advice: string): string[] {
  return advice
    .split("\n")
    .map((line) => line.replace(/^\s*[-*] /, ""))
    .filter((line) => line.trim() !== "")
}
