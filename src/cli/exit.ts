/** The exit codes of the contract, with the order in which they win where several fit. */
import type { Plan } from "../model/plan.ts"

export const EXIT = {
  done: 0,
  failed: 1,
  changes: 2,
  refused: 3,
  stale: 4,
  partly: 5,
  usage: 64,
} as const

/** Wrong usage: what the command line asks for makes no sense. */
export class UsageError extends Error {}

/** A file that was named cannot be used: it is missing, damaged, or of another kind. */
export class UnusableFile extends Error {}

/** The exit code of a plan that was made, not carried out. */
export function planExitCode(plan: Plan, detailed: boolean): number {
  const refusals = plan.actions.filter((a) => a.action === "refuse")
  const decided = refusals.some((a) => a.refusal !== "not_observed" && a.refusal !== "shares_unread")
  if (plan.brakes.length > 0 || decided) return EXIT.refused
  if (refusals.length > 0 || hasCheckErrors(plan)) return EXIT.failed
  // What `isEmpty` says; to load the room of plans for it would cost `--help` a tenth of its time.
  const changes = plan.actions.some((a) => a.action !== "keep")
  return detailed && changes ? EXIT.changes : EXIT.done
}

/** Whether a check found what would make an import fail. */
export function hasCheckErrors(plan: Plan): boolean {
  return plan.actions.some((a) => a.checks.some((check) => check.status === "error"))
}
