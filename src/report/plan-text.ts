/**
 * A plan for people. One line per placement with the sign, the verb and the reason; below it what changes, once for
 * all regions that it is true of; then families, safety limits, notices, the matrix of regions and the count.
 */
import type { Plan } from "../model/plan.ts"
import { cutMiddle } from "./fit.ts"
import { type Line, type Paper, paint, paper, span, type TextOptions } from "./line.ts"
import { checkSummaryLines } from "./plan-checks.ts"
import { matrixLines } from "./plan-matrix.ts"
import { hasAccounts, planRows } from "./plan-rows.ts"
import { brakeLines, familyLines, noticeLines, summaryText } from "./plan-sections.ts"
import { counted } from "./value.ts"

/**
 * The plan as text, with a newline at its end. No line but the last, whose form is fixed, is wider than
 * `options.width`. Only what the plan holds is said; foreign text comes out inert.
 */
export function renderPlan(plan: Plan, options: TextOptions): string {
  const on = paper(options)
  const accounts = hasAccounts(plan)
  const changed = plan.actions.some((action) => action.action !== "keep")
  const lines: Line[] = [
    ...titleLines(plan, on),
    ...planRows(plan, on),
    ...matrixLines(plan, accounts, on),
    ...familyLines(plan.families, accounts, on),
    ...noticeLines(plan, accounts, on),
    ...brakeLines(plan.brakes, on),
    ...(changed ? [] : [[span(emptyText(plan))]]),
    ...(plan.notConsidered > 0 ? [[span(leftOutText(plan), "dim")]] : []),
    ...checkSummaryLines(plan, on),
    [span(summaryText(plan), "bold")],
  ]
  return paint(lines, options.color)
}

function titleLines(plan: Plan, on: Paper): Line[] {
  const rest = ` (${plan.site})  plan ${plan.fingerprint.slice(0, 12)}`
  const name = cutMiddle(span(plan.stack).text, Math.max(8, on.width - rest.length - 6), on.ellipsis)
  return [[span("Stack "), span(name, "bold"), span(rest, "dim")], []]
}

export function emptyText(plan: Plan): string {
  const { length } = plan.actions
  if (length > 0) return `Nothing to do: ${counted(length, "placement needs", "placements need")} no change.`
  return plan.notConsidered > 0
    ? "Nothing to do: nothing is selected."
    : "Nothing to do: no image is asked for."
}

export function leftOutText(plan: Plan): string {
  return `${counted(plan.notConsidered, "placement")} not considered.`
}
