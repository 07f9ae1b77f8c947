/**
 * A plan as JUnit XML: a suite for each image and a case for each placement. What the plan refuses, what a check found
 * to be wrong and what exceeds a safety limit fails; what is unchanged or can be carried out passes.
 */
import type { Action, Plan } from "../model/plan.ts"
import { brakeFlag, brakeText, LIMITS } from "./brakes.ts"
import { diffLines } from "./diff-lines.ts"
import { xmlText } from "./escape-xml.ts"
import { checkCode } from "./plan-checks.ts"
import { actionFields } from "./plan-fields.ts"
import { scopeText, whereText } from "./plan-groups.ts"
import { leftOutText } from "./plan-text.ts"
import { reasonText, whyText } from "./reasons.ts"

interface Case {
  readonly suite: string
  readonly name: string
  readonly failure?: { readonly type: string; readonly message: string; readonly lines: readonly string[] }
  readonly skipped?: string
  readonly output: readonly string[]
}

/** The plan in the form that Jenkins and GitLab read; names of cases stay the same from plan to plan. */
export function renderPlanJunit(plan: Plan): string {
  const cases = [...limitCases(plan), ...plan.actions.map(placementCase), ...leftOutCases(plan)]
  const suites = new Map<string, Case[]>()
  for (const one of cases) suites.set(one.suite, [...(suites.get(one.suite) ?? []), one])
  const failures = cases.filter((one) => one.failure !== undefined).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    open("testsuites", { name: `cvmimg plan ${plan.stack}`, tests: cases.length, failures, errors: 0 }),
    ...Array.from(suites, ([name, members]) => suiteLines(plan, name, members)).flat(),
    "</testsuites>",
    "",
  ].join("\n")
}

function limitCases({ brakes }: Plan): Case[] {
  return LIMITS.map((limit) => {
    const brake = brakes.find((one) => one.limit === limit)
    const passed: Case = { suite: "safety limits", name: limit, output: [] }
    if (brake === undefined) return passed
    const lines = [`images: ${brake.images.join(", ")}`, `${brakeFlag(brake)} lifts it for one run`]
    return { ...passed, failure: { type: "over_limit", message: brakeText(brake), lines } }
  })
}

function placementCase(action: Action): Case {
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

function leftOutCases(plan: Plan): Case[] {
  if (plan.notConsidered === 0) return []
  return [{ suite: "not considered", name: "selection", skipped: leftOutText(plan), output: [] }]
}

function suiteLines(plan: Plan, name: string, cases: readonly Case[]): string[] {
  const failures = cases.filter((one) => one.failure !== undefined).length
  const skipped = cases.filter((one) => one.skipped !== undefined).length
  return [
    `  ${open("testsuite", { name, tests: cases.length, failures, errors: 0, skipped })}`,
    ...cases.flatMap((one) => caseLines(plan, one)),
    "  </testsuite>",
  ]
}

function caseLines(plan: Plan, { suite, name, failure, skipped, output }: Case): string[] {
  // A dot would be read as the end of a package.
  const classname = [plan.stack, suite].map((part) => part.replaceAll(".", "_")).join(".")
  const head = open("testcase", { classname, name })
  const inner = [
    ...(failure === undefined
      ? []
      : element(open("failure", { type: failure.type, message: failure.message }), "failure", failure.lines)),
    ...(skipped === undefined ? [] : [`      ${open("skipped", { message: skipped }).replace(/>$/, "/>")}`]),
    ...(output.length === 0 ? [] : element("<system-out>", "system-out", output)),
  ]
  if (inner.length === 0) return [`    ${head.replace(/>$/, "/>")}`]
  return [`    ${head}`, ...inner, "    </testcase>"]
}

function element(start: string, name: string, lines: readonly string[]): string[] {
  return [`      ${start}${lines.map(xmlText).join("\n")}</${name}>`]
}

function open(name: string, attributes: Readonly<Record<string, string | number>>): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlText(String(value))}"`)
  return `<${name}${list.join("")}>`
}
