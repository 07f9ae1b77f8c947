// Annotations: one command a line, ten of a level at the most, nothing in a text can begin another.
import fc from "fast-check"
import { expect, test } from "vitest"
import { renderDiagnosticsGithub } from "../../src/report/diagnostics.ts"
import { renderDriftGithub } from "../../src/report/drift-github.ts"
import { commandData, commandProperty } from "../../src/report/escape-github.ts"
import { renderPlanGithub } from "../../src/report/plan-github.ts"
import { aKeep, anImport, anUpdate, aPlan, aRefusal, aReplace } from "./build.ts"
import { DANGEROUS } from "./dangerous.ts"
import { NASTY, poisoned, poisonedDrift, texts } from "./poison.ts"

const COMMAND = /^::(error|warning|notice) (?:file=[^:,]*,line=\d+,col=\d+,)?title=[^:,]*::(.*)$/

const lines = (text: string) => text.split("\n").slice(0, -1)
const levels = (text: string) => lines(text).map((line) => COMMAND.exec(line)?.[1])

test("levels, and nothing of what is unchanged", () => {
  const plan = aPlan([
    aKeep({ image: "a" }),
    anImport({ image: "b" }),
    aRefusal({ image: "c" }),
    aReplace({ image: "d" }),
    anUpdate({ image: "e" }),
  ])
  expect(levels(renderPlanGithub(plan))).toEqual(["error", "warning", "notice", "notice"])
})

test("regions are folded; the tenth of a level counts the rest", () => {
  const regions = ["ap-singapore", "eu-frankfurt"]
  const images = Array.from({ length: 23 }, (_, i) => `image-${i + 10}`)
  const text = renderPlanGithub(
    aPlan(images.flatMap((image) => regions.map((region) => anImport({ image, region })))),
  )
  expect(lines(text)).toHaveLength(10)
  expect(lines(text)[0]).toContain("::ap-singapore, eu-frankfurt: no such image")
  expect(lines(text)[9]).toMatch(/^::notice title=14 more::14 more are not shown here\.%0APlan: 46 to import/)
})

test("any text comes out inert", () => {
  fc.assert(
    fc.property(texts, (list) => {
      for (const line of lines(renderPlanGithub(poisoned(list)))) {
        const body = COMMAND.exec(line)?.[2]
        expect(body, line).toBeDefined()
        expect(line).not.toMatch(DANGEROUS)
        expect(body).not.toMatch(/%(?!25|0A)|##\[/)
        for (const part of (body ?? "").split("%0A")) expect(part.trimStart().startsWith("::")).toBe(false)
      }
    }),
    { numRuns: 60 },
  )
})

test("texts are escaped as those of diagnostics are", () => {
  for (const text of NASTY) {
    const line = renderDiagnosticsGithub([
      { code: "bad_name", severity: "error", message: text, file: text, line: 1, column: 2 },
    ])
    expect(line).toBe(
      `::error file=${commandProperty(text)},line=1,col=2,title=bad_name::${commandData(text)}\n`,
    )
  }
})

test("drift: any text comes out inert", () => {
  fc.assert(
    fc.property(texts, (list) => {
      for (const line of lines(renderDriftGithub(poisonedDrift(list)))) {
        const body = COMMAND.exec(line)?.[2]
        expect(body, line).toBeDefined()
        expect(line).not.toMatch(DANGEROUS)
        expect(body).not.toMatch(/%(?!25|0A)|##\[/)
        for (const part of (body ?? "").split("%0A")) expect(part.trimStart().startsWith("::")).toBe(false)
      }
    }),
    { numRuns: 40 },
  )
})
