// SARIF: valid by the official schema whatever the texts, on the manifest's lines, with levels that fit.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv } from "ajv"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { Plan } from "../../src/model/plan.ts"
import { renderDriftSarif } from "../../src/report/drift-sarif.ts"
import { renderPlanSarif } from "../../src/report/plan-sarif.ts"
import { aCheck, aKeep, anImport, aPlan, aRefusal, aReplace } from "./build.ts"
import { richDrift } from "./drifts.ts"
import { poisoned, poisonedDrift, texts } from "./poison.ts"
import { rich } from "./rich.ts"

const {
  $schema: _draft4,
  id: _id,
  ...schema
} = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/sarif-2.1.0.schema.json"), "utf8")) as Record<
  string,
  unknown
>
const valid = new Ajv({
  strict: false,
  allErrors: true,
  validateFormats: false,
  unicodeRegExp: false,
}).compile(schema)

interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string }
      readonly region: { readonly startLine: number; readonly startColumn: number }
    }
  }[]
  readonly partialFingerprints: Readonly<Record<string, string>>
}

function runOf(plan: Plan): { rules: { id: string }[]; results: Result[] } {
  const log = JSON.parse(renderPlanSarif(plan))
  expect(valid(log), JSON.stringify(valid.errors)).toBe(true)
  const [run] = log.runs
  return { rules: run.tool.driver.rules, results: run.results }
}

test("holds to the official schema; every result names its rule", () => {
  const { rules, results } = runOf(rich)
  expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length)
  for (const result of results) expect(rules[result.ruleIndex]?.id).toBe(result.ruleId)
  const keys = results.map((result) => result.partialFingerprints.primaryLocationLineHash)
  expect(new Set(keys).size).toBe(results.length)
})

test("a result for everything but keep, with the level that it deserves", () => {
  const plan = aPlan(
    [
      aKeep({ image: "a" }),
      anImport({
        image: "b",
        checks: [
          aCheck(),
          aCheck({ name: "quota", status: "error" }),
          aCheck({ name: "force", status: "skipped" }),
        ],
      }),
      aRefusal({ image: "c" }),
      aReplace({ image: "d", checks: [aCheck({ status: "warning" })] }),
    ],
    { brakes: [{ limit: "maxReplaces", count: 1, placements: 1, allowed: 0, images: ["d"] }] },
  )
  expect(runOf(plan).results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
    ["limit/maxReplaces", "error"],
    ["action/import", "note"],
    ["check/quota", "error"],
    ["refuse/ambiguous", "error"],
    ["action/replace", "warning"],
    ["check/os", "warning"],
  ])
})

test("stands on the manifest's line; a name of a file is a relative address", () => {
  const manifest = { file: "images/a b#c%?.yaml", line: 12, column: 3 }
  const { results } = runOf(aPlan([anImport({ manifest })]))
  expect(results[0]?.locations[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: "images/a%20b%23c%25%3F.yaml" },
    region: { startLine: 12, startColumn: 3 },
  })
  const stdin = { file: "<stdin>", line: 1, column: 1 }
  expect(runOf(aPlan([anImport({ manifest: stdin })])).results[0]?.locations).toEqual([])
})

test("any text comes out inert: no link in a message, no scheme in an address", () => {
  fc.assert(
    fc.property(texts, (list) => {
      for (const { message, locations } of runOf(poisoned(list)).results) {
        expect(message.text.replace(/\\[\\[\]]/g, "")).not.toMatch(/[[\]]/)
        for (const { physicalLocation } of locations) {
          expect(physicalLocation.artifactLocation.uri).toMatch(/^(?:[\w.!~*'()/-]|%[0-9A-F]{2})*$/)
        }
      }
    }),
    { numRuns: 50 },
  )
})

test("drift: on the manifest's lines, by the official schema, whatever the texts", () => {
  const log = JSON.parse(renderDriftSarif(richDrift))
  const results = log.runs[0].results as Result[]
  expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
    ["drift/drifted", "error"],
    ["drift/drifted", "error"],
    ["drift/drifted", "error"],
    ["drift/failed", "error"],
    ["drift/conflict", "warning"],
    ["drift/unknown", "warning"],
    ["drift/orphan", "warning"],
    ["drift/unmanaged", "note"],
    ["drift/in_progress", "note"],
    ["drift/pending", "warning"],
    ["drift/ignore_expired", "warning"],
  ])
  expect(results[0]?.locations[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: "images/ubuntu.yaml" },
    region: { startLine: 5, startColumn: 11 },
  })
  expect(new Set(results.map((r) => r.partialFingerprints.primaryLocationLineHash)).size).toBe(results.length)
  fc.assert(
    fc.property(texts, (list) => {
      expect(valid(JSON.parse(renderDriftSarif(poisonedDrift(list)))), JSON.stringify(valid.errors)).toBe(
        true,
      )
    }),
    { numRuns: 20 },
  )
})
