/**
 * A plan as JUnit XML: a suite for each image and a case for each placement. What the plan refuses, what a check found
 * to be wrong and what exceeds a safety limit fails; what is unchanged or can be carried out passes.
 */
import type { Action, Plan } from "../model/plan.ts"
import { brakeFlag, brakeText, LIMITS } from "./brakes.ts"
import { diffLines } from "./diff-lines.ts"
import { type JunitCase, junitText } from "./junit.ts"
import { checkCode } from "./plan-checks.ts"
import { actionFields } from "./plan-fields.ts"
import { scopeText, whereText } from "./plan-groups.ts"
import { leftOutText } from "./plan-text.ts"
import { reasonText, whyText } from "./reasons.ts"

/** The plan in the form that Jenkins and GitLab read; names of cases stay the same from plan to plan. */
export function renderPlanJunit(plan: Plan): string {
  const cases = [...limitCases(plan), ...plan.actions.map(placementCase), ...leftOutCases(plan)]
  return junitText(`cvmimg plan ${plan.stack}`, plan.stack, cases)
}

function limitCases({ brakes }: Plan): JunitCase[] {
  return LIMITS.map((limit) => {
    const brake = brakes.find((one) => one.limit === limit)
    const passed: JunitCase = { suite: "safety limits", name: limit, output: [] }
    if (brake === undefined) return passed
    const lines = [`images: ${brake.images.join(", ")}`, `${brakeFlag(brake)} lifts it for one run`]
    return { ...passed, failure: { type: "over_limit", message: brakeText(brake), lines } }
  })
}

function placementCase(action: Action): JunitCase {
  const retired = action.action === "delete" || action.action === "deprecate"
  const name = `${scopeText(action, true)}${retired ? ` ${action.imageId}` : ""}`
  const detail = [whereText(action), ...diffLines(actionFields(action)), ...checkTexts(action)]
  const told = `${action.action}: ${whyText(action)}`
  const notices = action.notices.map((notice) => `notice: ${reasonText(notice)}`)
  const failure = failureOf(action)
  if (failure !== undefined) {
    return { suite: action.image, name, failure: { ...failure, lines: [told, ...detail] }, output: notices }
  }
  const output = action.action === "keep" ? notices : [told, ...detail, ...notices]
  return { suite: action.image, name, output }
}

/** What is to be decided comes before what was found. */
function failureOf(action: Action): { type: string; message: string } | undefined {
  if (action.action === "refuse") return { type: action.refusal, message: whyText(action) }
  const check = action.checks.find((one) => one.status === "error")
  return check === undefined ? undefined : { type: checkCode(check), message: check.message }
}

function checkTexts({ checks }: Action): string[] {
  return checks.flatMap((check) => [
    `check ${check.name}: ${check.status}${check.code === undefined ? "" : ` (${check.code})`}: ${check.message}`,
    ...(check.advice === undefined ? [] : check.advice.split("\n").map((line) => `  ${line}`)),
  ])
}

function leftOutCases(plan: Plan): JunitCase[] {
  if (plan.notConsidered === 0) return []
  return [{ suite: "not considered", name: "selection", skipped: leftOutText(plan), output: [] }]
}
