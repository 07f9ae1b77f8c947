// What moved between two plans.
import fc from "fast-check"
import stringWidth from "string-width"
import { expect, test } from "vitest"
import { comparePlans } from "../../src/report/plan-compare.ts"
import { renderPlanDiff } from "../../src/report/plan-diff.ts"
import { renderPlanJson } from "../../src/report/plan-json.ts"
import { aDeletion, aKeep, anImport, anUpdate, aPlan } from "./build.ts"
import { DANGEROUS } from "./dangerous.ts"
import { older } from "./older.ts"
import { poisoned, texts } from "./poison.ts"
import { rich } from "./rich.ts"

const at80 = { color: false, width: 80 }

test("a plan against itself", () => {
  expect(comparePlans(rich, rich)).toEqual({
    sameFingerprint: true,
    moved: [],
    unmoved: rich.actions.length,
    summary: [],
  })
  expect(renderPlanDiff(rich, rich, at80)).toBe(
    "Stack golden: the same plan, 3fa91c22a0b1\n\nPlans: 0 added, 0 removed, 0 changed. 19 the same.\n",
  )
})

test("plans and their JSON are the same to it", () => {
  const json = (plan: typeof rich) => JSON.parse(renderPlanJson(plan)) as typeof rich
  expect(renderPlanDiff(json(older), json(rich), at80)).toBe(renderPlanDiff(older, rich, at80))
})

test("added and removed turn around", () => {
  const kinds = (a: typeof rich, b: typeof rich) => comparePlans(a, b).moved.map((row) => row.moved)
  expect(kinds(older, rich)).toEqual(["added", "changed", "removed", "changed"])
  expect(kinds(rich, older)).toEqual(["removed", "changed", "added", "changed"])
})

test("images that leave a placement are told apart by their ids", () => {
  const one = aPlan([anImport(), aDeletion({ imageId: "img-a" }), aDeletion({ imageId: "img-b" })])
  const two = aPlan([anImport(), aDeletion({ imageId: "img-b" }), aDeletion({ imageId: "img-c" })])
  const rows = comparePlans(one, two).moved.map(({ moved, before, after }) => [
    moved,
    (after ?? before)?.imageId,
  ])
  expect(rows).toEqual([
    ["removed", "img-a"],
    ["added", "img-c"],
  ])
})

test("a digest that covers more than what is shown", () => {
  const text = renderPlanDiff(aPlan([anUpdate()]), aPlan([anUpdate({ digest: "0".repeat(16) })]), at80)
  expect(text).toContain("the same fields of another request")
  const image = renderPlanDiff(
    aPlan([aKeep()]),
    aPlan([aKeep({ imageId: "img-x", digest: "0".repeat(16) })]),
    at80,
  )
  expect(image).toMatch(/- image {3}img-1a2b3c4d\n {6}\+ image {3}img-x\n/)
})

test("any text comes out inert, and no line is wider than the paper", () => {
  fc.assert(
    fc.property(texts, texts, fc.integer({ min: 40, max: 160 }), (a, b, width) => {
      const lines = renderPlanDiff(poisoned(a), poisoned(b), { color: false, width }).split("\n").slice(0, -1)
      for (const line of lines) {
        expect(line).not.toMatch(DANGEROUS)
        expect(line.trimStart().startsWith("::")).toBe(false)
        expect(line).not.toContain("##[")
        expect(stringWidth(line), line).toBeLessThanOrEqual(width)
      }
    }),
    { numRuns: 50 },
  )
})
