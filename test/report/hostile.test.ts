// Whatever names, values and messages hold: nothing raw reaches the terminal, and no line is wider than it.
import fc from "fast-check"
import stringWidth from "string-width"
import { expect, test } from "vitest"
import { renderApply } from "../../src/report/apply-text.ts"
import { renderDriftJson } from "../../src/report/drift-json.ts"
import { renderDrift } from "../../src/report/drift-text.ts"
import { renderPlanJson } from "../../src/report/plan-json.ts"
import { renderPlan } from "../../src/report/plan-text.ts"
import { progressLine } from "../../src/report/progress.ts"
import { PROGRESS_START, progressState, renderProgress } from "../../src/report/progress-live.ts"
import { cpuOf } from "../support/cpu.ts"
import { aFailure, anAwait, anImport, anUpdate, aPlan, aRefusal, aReplace, aResult } from "./build.ts"
import { DANGEROUS } from "./dangerous.ts"
import { poisoned, poisonedDrift, texts } from "./poison.ts"

const NASTY = [
  "\u001b[2J",
  "\u009b31m",
  "\u202e",
  "\u200b",
  "\n",
  "\r",
  "::error::x",
  "##[group]",
  "\u0300",
  "黄金",
  "🚀",
  "👨‍👩‍👧",
  "ﾞ",
  "각",
  "1\u20e3",
  "\ud800",
  "`",
  '"',
  "\\",
]
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 5 })), { maxLength: 30 })
    .map((a) => a.join("")),
)
const width = fc.integer({ min: 40, max: 200 })
const url = text.map((t) => `https://x.example/${t}`)

/** Lines without our own colours; the last one has a fixed form and may be wider. */
function check(shown: string, columns: number, color: boolean, fixedLast = true): void {
  const esc = String.fromCharCode(27)
  const plain = color ? shown.replaceAll(new RegExp(`${esc}\\[\\d+m`, "g"), "") : shown
  const lines = plain.replace(/\n$/, "").split("\n")
  for (const [i, line] of lines.entries()) {
    expect(line).not.toMatch(DANGEROUS)
    expect(line.trimStart().startsWith("::")).toBe(false)
    expect(line).not.toContain("##[")
    if (!fixedLast || i < lines.length - 1) expect(stringWidth(line), line).toBeLessThanOrEqual(columns)
  }
}

test("plans", () => {
  const plans = fc.record({
    a: text,
    b: text,
    c: text,
    d: text,
    region: text,
    url,
    width,
    color: fc.boolean(),
    unicode: fc.boolean(),
  })
  fc.assert(
    fc.property(plans, ({ a, b, c, d, region, url, width, color, unicode }) => {
      const manifest = { file: c, line: 3, column: 1 }
      const plan = aPlan(
        [
          anImport({
            image: a,
            region,
            request: { name: b, url, description: c, tags: { [d]: a }, osType: b },
            afterwards: { attributes: { family: d } },
          }),
          anImport({ image: a, region: `${region}2`, request: { url: `${url}2` }, manifest }),
          anUpdate({
            image: b,
            account: c,
            imageId: d,
            manifest,
            reasons: [`tag_changed:${a}`],
            changes: [
              { field: a, before: b, after: c, impact: "replacement" },
              { field: d, before: `${c} ${a} ${b} ${c}`, after: `${c} ${d} ${b} ${c}`, impact: "in_place" },
              { field: "sharedWith", before: [a, b], after: [b, c], impact: "in_place" },
              { field: "source.url", before: null, after: url, impact: "replacement" },
            ],
            notices: [`unmanaged:${a}`],
          }),
          aRefusal({
            image: c,
            imageIds: [a, b],
            advice: d,
            wanted: "replace",
            failure: aFailure({ code: a, message: b, requestId: c }),
          }),
          anAwait({ image: d, name: a, state: b, imageId: c }),
        ],
        {
          stack: a,
          families: [
            {
              account: a,
              region,
              family: b,
              before: { name: c, imageId: d },
              after: { name: a },
              images: [a],
            },
          ],
          brakes: [{ limit: "maxDeletes", count: 1, placements: 1, allowed: 0, images: [a, b] }],
          notices: [{ code: "orphaned", message: a, region: b, imageId: c }],
        },
      )
      check(renderPlan(plan, { width, color, unicode }), width, color)
    }),
    { numRuns: 100 },
  )
})

test("a region whose name is narrower than a sign", () => {
  // A seed found it: cells of `-/+` stood in columns as wide as the name above them.
  const regions = Array.from("abcdefghijklmnopqrstuvwxyz")
  const plan = aPlan(regions.map((region) => aReplace({ region })))
  for (let columns = 40; columns <= 120; columns += 1) {
    check(renderPlan(plan, { width: columns, color: false }), columns, false)
  }
})

test("the rich plan, as text and as JSON", () => {
  fc.assert(
    fc.property(texts, width, fc.boolean(), (list, columns, color) => {
      const plan = poisoned(list)
      check(renderPlan(plan, { width: columns, color }), columns, color)
      const json = renderPlanJson(plan)
      for (const line of json.split("\n")) expect(line).not.toMatch(DANGEROUS)
      expect(json).not.toMatch(/##\[/)
      expect(JSON.parse(json).stack).toBe(plan.stack)
    }),
    { numRuns: 30 },
  )
})

test("results and progress", () => {
  const results = fc.record({ a: text, b: text, c: text, width, color: fc.boolean() })
  fc.assert(
    fc.property(results, ({ a, b, c, width, color }) => {
      const error = aFailure({ code: a, message: b, advice: `${c}\n- ${a}`, requestId: b })
      const result = aResult({
        image: a,
        region: b,
        account: c,
        imageId: b,
        requestId: c,
        outcome: "failed",
        error,
      })
      const report = { formatVersion: 1, stack: a, results: [result, aResult()] } as const
      check(renderApply(report, { width, color }), width, color)

      const at = 1_793_707_200_000
      const placement = { image: b, account: a, region: c }
      const events = [
        { type: "placement.started", at, placement, action: "import" },
        { type: "image.state", at, placement, imageId: c, state: a, progress: 5 },
        { type: "placement.settled", at, result },
        { type: "call.retried", at, failure: error, delayMs: 1 },
      ] as const
      for (const event of events) {
        const line = progressLine(event) ?? ""
        expect(line).not.toMatch(DANGEROUS)
        expect(line).not.toContain("##[")
      }
      const drawn = renderProgress(events.reduce(progressState, PROGRESS_START), at, {
        width,
        color,
        height: 5,
      })
      check(drawn.join("\n"), width, color, false)
    }),
    { numRuns: 150 },
  )
})

test("a narrow terminal, a long text and many rows take no time to speak of", async () => {
  const long = "word ".repeat(2000)
  const rows = Array.from({ length: 500 }, (_, i) =>
    ["ap-singapore", "eu-frankfurt"].map((region) => anImport({ image: `image-${i}`, region })),
  )
  const after = long.replaceAll("word", "other")
  const wordy = anUpdate({ changes: [{ field: "x", before: long, after, impact: "in_place" }] })
  const took = await cpuOf(() => {
    renderPlan(aPlan(rows.flat()), { width: 80, color: true })
    renderPlan(aPlan([wordy]), { width: 1, color: true })
  })
  expect(took).toBeLessThan(3000)
})

test("drift, as text and as JSON", () => {
  fc.assert(
    fc.property(texts, width, fc.boolean(), (list, columns, color) => {
      const report = poisonedDrift(list)
      check(renderDrift(report, { width: columns, color }), columns, color)
      const json = renderDriftJson(report)
      for (const line of json.split("\n")) expect(line).not.toMatch(DANGEROUS)
      expect(json).not.toMatch(/##\[/)
      expect(JSON.parse(json).stack).toBe(report.stack)
    }),
    { numRuns: 40 },
  )
})
