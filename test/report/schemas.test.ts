// What is written for machines holds to its published schema, and the schemas to the words of the model.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { OUTCOMES } from "../../src/model/outcome.ts"
import { CHECKS, type Plan, VERBS } from "../../src/model/plan.ts"
import { renderApplyJson } from "../../src/report/apply-json.ts"
import { renderPlanDiffJson } from "../../src/report/plan-diff.ts"
import { renderPlanJson } from "../../src/report/plan-json.ts"
import { applied } from "./applied.ts"
import { aFailure, anImport, aPlan, aRefusal, aResult } from "./build.ts"
import { older } from "./older.ts"
import * as plans from "./plans.ts"
import { rich } from "./rich.ts"

const read = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../schemas/${name}.schema.json`), "utf8"))
const planSchema = read("plan")
const applySchema = read("apply")
const diffSchema = read("plan-diff")
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
const validPlan = ajv.compile(planSchema)
const validApply = ajv.compile(applySchema)
const validDiff = ajv.compile(diffSchema)

describe("plan", () => {
  test.each(Object.entries({ ...plans, rich }).filter((e): e is [string, Plan] => "actions" in e[1]))(
    "%s holds to its schema",
    (_name, plan) => {
      const text = renderPlanJson(plan)
      expect(validPlan(JSON.parse(text)), JSON.stringify(validPlan.errors)).toBe(true)
      expect(text.endsWith("}\n")).toBe(true)
    },
  )

  test("has stable keys and sorted rows", () => {
    const one = renderPlanJson({ ...plans.imports, actions: [...plans.imports.actions].reverse() })
    expect(one).toBe(renderPlanJson(plans.imports))
    const [row] = JSON.parse(one).actions
    expect(Object.keys(row)).toEqual([
      "image",
      "account",
      "region",
      "action",
      "digest",
      "reasons",
      "changes",
      "notices",
      "name",
      "spec",
      "release",
      "remove",
      "checks",
      "manifest",
    ])
  })

  test("writes what a terminal would obey as escapes that mean the same", () => {
    const advice = "c1 \u009b31m, bidi \u202e, tag \u{e0041}, ##[group]"
    const text = renderPlanJson(aPlan([aRefusal({ advice, failure: aFailure() })]))
    expect(text).not.toMatch(/[\u0080-\u009f\u202e]|##\[/)
    expect(JSON.parse(text).actions[0].advice).toBe(advice)
  })

  test("has the verbs of the model", () => {
    expect(planSchema.$defs.action.properties.action.enum).toEqual(VERBS)
    expect(Object.keys(planSchema.properties.summary.properties)).toEqual(VERBS)
    expect(planSchema.$defs.action.properties.wanted.enum).toEqual(VERBS)
    expect(planSchema.$defs.check.properties.name.enum).toEqual(Object.keys(CHECKS))
  })

  test("is closed", () => {
    const plan = JSON.parse(renderPlanJson(aPlan([anImport()])))
    expect(validPlan({ ...plan, more: 1 })).toBe(false)
    expect(validPlan({ ...plan, actions: [{ ...plan.actions[0], advice: "none" }] })).toBe(false)
  })
})

describe("apply", () => {
  test("holds to its schema", () => {
    const text = renderApplyJson({
      formatVersion: 1,
      stack: "golden",
      results: [
        aResult({
          region: "eu-frankfurt",
          outcome: "failed",
          error: aFailure({ httpStatus: 500 }),
          durationMs: 0.6,
        }),
        aResult(),
        aResult({ image: "a", action: "refuse", outcome: "skipped", reason: "ambiguous" }),
      ],
      images: [{ image: "a", account: "default", region: "ap-singapore", imageId: "img-1a2b3c4d" }],
    })
    const value = JSON.parse(text)
    expect(validApply(value), JSON.stringify(validApply.errors)).toBe(true)
    expect(
      value.results.map((r: { region: string; durationMs: number }) => [r.region, r.durationMs]),
    ).toEqual([
      ["ap-singapore", 754000],
      ["ap-singapore", 754000],
      ["eu-frankfurt", 1],
    ])
  })

  test("of everything that can happen holds to its schema, with the difference of what is stale", () => {
    const value = JSON.parse(renderApplyJson(applied))
    expect(validApply(value), JSON.stringify(validApply.errors)).toBe(true)
    const [difference] = value.results.flatMap((r: { difference?: object }) => r.difference ?? [])
    expect(difference).toMatchObject({
      before: { action: "replace" },
      after: { action: "replace", digest: "00000000000000bb" },
      changes: [{ field: "description", before: { after: "One" }, after: { after: "Two" } }],
      sources: [{ before: { size: 2_361_393_152 }, after: { size: 2_361_393_153 } }],
    })
  })

  test("has the verbs and outcomes of the model", () => {
    const row = applySchema.properties.results.items.properties
    expect(row.action.enum).toEqual(VERBS)
    expect(row.outcome.enum).toEqual(OUTCOMES)
  })
})

describe("plan-diff", () => {
  const every = Object.values({ ...plans, rich, older }).filter((p): p is Plan => "actions" in p)
  test.each(every.map((plan, i): [string, Plan] => [`plan ${i}`, plan]))(
    "%s against every other holds to its schema",
    (_name, plan) => {
      for (const other of every) {
        const text = renderPlanDiffJson(plan, other)
        expect(validDiff(JSON.parse(text)), JSON.stringify(validDiff.errors)).toBe(true)
      }
    },
  )

  test("has the verbs of the model, and is closed", () => {
    expect(diffSchema.$defs.side.anyOf[1].properties.action.enum).toEqual(VERBS)
    expect(diffSchema.properties.summary.items.properties.action.enum).toEqual(VERBS)
    expect(validDiff({ ...JSON.parse(renderPlanDiffJson(older, rich)), more: 1 })).toBe(false)
  })
})

test.each([
  ["plan", planSchema],
  ["apply", applySchema],
  ["plan-diff", diffSchema],
])("%s: every property has a description, every object is closed", (_name, schema) => {
  const bare: string[] = []
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== "object" || node === null) return
    const { properties, type, additionalProperties } = node as Record<string, unknown>
    if (type === "object" && additionalProperties !== false) bare.push(`${path} is open`)
    if (type === "object") {
      for (const [key, value] of Object.entries(properties as object)) {
        if (typeof value.description !== "string") bare.push(`${path}.${key}`)
      }
    }
    for (const [key, value] of Object.entries(node)) walk(value, `${path}/${key}`)
  }
  walk(schema, "")
  expect(bare).toEqual([])
})
