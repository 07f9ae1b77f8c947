/** JUnit XML in the form that Jenkins, GitLab and Azure agree on: suites, cases, and what each case says. */
import { xmlText } from "./escape-xml.ts"

export interface JunitCase {
  readonly suite: string
  readonly name: string
  readonly failure?: { readonly type: string; readonly message: string; readonly lines: readonly string[] }
  readonly skipped?: string
  readonly output: readonly string[]
  readonly durationMs?: number
}

/** Cases by suite, in their order. `stack` begins the name of each class. */
export function junitText(title: string, stack: string, cases: readonly JunitCase[]): string {
  const suites = new Map<string, JunitCase[]>()
  for (const one of cases) {
    const known = suites.get(one.suite)
    if (known === undefined) suites.set(one.suite, [one])
    else known.push(one)
  }
  const failures = cases.filter((one) => one.failure !== undefined).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    open("testsuites", { name: title, tests: cases.length, failures, errors: 0 }),
    ...Array.from(suites, ([name, members]) => suiteLines(stack, name, members)).flat(),
    "</testsuites>",
    "",
  ].join("\n")
}

function suiteLines(stack: string, name: string, cases: readonly JunitCase[]): string[] {
  const failures = cases.filter((one) => one.failure !== undefined).length
  const skipped = cases.filter((one) => one.skipped !== undefined).length
  return [
    `  ${open("testsuite", { name, tests: cases.length, failures, errors: 0, skipped })}`,
    ...cases.flatMap((one) => caseLines(stack, one)),
    "  </testsuite>",
  ]
}

function caseLines(stack: string, one: JunitCase): string[] {
  const { suite, name, failure, skipped, output, durationMs } = one
  // A dot would be read as the end of a package.
  const classname = [stack, suite].map((part) => part.replaceAll(".", "_")).join(".")
  const time = durationMs === undefined ? {} : { time: (durationMs / 1000).toFixed(3) }
  const head = open("testcase", { classname, name, ...time })
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
