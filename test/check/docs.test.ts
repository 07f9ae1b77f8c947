// docs/checks.md names every check, every code of it with its meaning, and nothing else.
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { CODES } from "../../src/check/codes.ts"
import { CHECKS, type CheckName } from "../../src/model/plan.ts"

const page = readFileSync(new URL("../../docs/checks.md", import.meta.url), "utf8")
const names = Object.keys(CHECKS) as CheckName[]

/** From the heading of a check to the next one. */
const sectionOf = (name: string): string =>
  page.split(/^## /m).find((part) => part.startsWith(`\`${name}\`\n`)) ?? ""

test("every check has a section, in the order of the results", () => {
  const headings = [...page.matchAll(/^## `(\w+)`$/gm)].map((match) => match[1])
  expect(headings).toEqual(names)
})

test.each(names)("%s: its codes and what it costs", (name) => {
  const rows = [...sectionOf(name).matchAll(/^\| `\w+` \|.*$/gm)].map((match) => match[0])
  expect(rows).toEqual(
    Object.entries(CODES[name]).map(
      ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
    ),
  )
  expect(sectionOf(name).replaceAll("\n", " ")).toContain(CHECKS[name].slice(1))
  expect(sectionOf(name)).toMatch(/^Costs /m)
})
