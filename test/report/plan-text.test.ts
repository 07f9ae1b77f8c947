// Golden cases: what a person sees. The files beside this one are read in review; `vitest -u` writes them anew.
import { describe, expect, test } from "vitest"
import { plan as planOf } from "../../src/plan/index.ts"
import { renderPlan } from "../../src/report/plan-text.ts"
import { aPlacement, desired, observed, ours } from "../plan/build.ts"
import { aKeep, anAwait, anImport, anUpdate, aPlan } from "./build.ts"
import * as plans from "./plans.ts"
import { rich } from "./rich.ts"

describe.each([80, 160])("at %i columns", (width) => {
  const cases = { imports: plans.imports, updates: plans.updates, refusals: plans.refusals, rich }
  test.each(Object.entries(cases))("%s", async (name, plan) => {
    const text = renderPlan(plan, { color: false, width })
    await expect(text).toMatchFileSnapshot(`golden/plan-${name}-${width}.txt`)
  })
})

const at80 = { color: false, width: 80 }
const lastLine = (text: string) => text.trimEnd().split("\n").at(-1)

test("a replacement that its source forces says what the new image is imported from", () => {
  const wanted = aPlacement({ source: { crc64: "2" } })
  const text = renderPlan(planOf(desired(wanted), observed([ours(aPlacement())])), {
    color: false,
    width: 120,
  })
  expect(text).toMatch(/~ source +"[0-9a-f]{12}" -> "[0-9a-f]{12}" {2}# forces replacement/)
  expect(text).toMatch(/\+ source.url +https:\/\/golden-1250000000.cos.ap-singapore.myqcloud.com\/base.qcow2/)
})

test("nothing to do", () => {
  expect(renderPlan(plans.empty, at80)).toBe(
    [
      "Stack golden (intl)  plan 3fa91c22a0b1",
      "",
      "Nothing to do: 2 placements need no change.",
      "Plan: 0 to import, 0 to update, 0 to replace, 0 to delete. 2 unchanged. 0 notices.",
      "",
    ].join("\n"),
  )
  expect(renderPlan(aPlan([]), at80)).toContain("Nothing to do: no image is asked for.\n")
  expect(renderPlan(aPlan([], { notConsidered: 1 }), at80)).toContain(
    "Nothing to do: nothing is selected.\n1 placement not considered.\n",
  )
})

test("the last line counts what the summary counts, in the fixed form", () => {
  const summary = { ...aPlan([]).summary, import: 3, update: 1, replace: 1, keep: 12 }
  const notices = [
    { code: "orphaned", message: "one" },
    { code: "orphaned", message: "two" },
  ] as const
  expect(lastLine(renderPlan(aPlan([anImport()], { summary, notices }), at80))).toBe(
    "Plan: 3 to import, 1 to update, 1 to replace, 0 to delete. 12 unchanged. 2 notices.",
  )
  const more = { ...summary, adopt: 1, deprecate: 2, await: 1, refuse: 3 }
  expect(lastLine(renderPlan(aPlan([anImport()], { summary: more }), at80))).toBe(
    "Plan: 3 to import, 1 to update, 1 to adopt, 1 to replace, 2 to deprecate, 0 to delete, 1 awaited, 3 refused. 12 unchanged. 0 notices.",
  )
})

test("one account is not named, several are", () => {
  const one = renderPlan(aPlan([anImport(), aKeep({ image: "b" })]), at80)
  expect(one).toMatch(/^ {2}\+ ap-singapore {2}import/m)
  const two = renderPlan(aPlan([anImport(), aKeep({ account: "prod" })]), at80)
  expect(two).toMatch(/^ {2}\+ default\/ap-singapore {2}import/m)
})

test("URLs that differ by more than the region have a line each", () => {
  const text = renderPlan(
    aPlan([
      anImport({ request: { url: "https://a-1.cos.ap-singapore.myqcloud.com/a.raw" } }),
      anImport({
        region: "eu-frankfurt",
        request: { url: "https://b-1.cos.eu-frankfurt.myqcloud.com/a.raw" },
      }),
    ]),
    { color: false, width: 120 },
  )
  expect(text).toContain("source.url    ap-singapore: https://a-1.cos.ap-singapore.myqcloud.com/a.raw\n")
  expect(text).toContain("source.url    eu-frankfurt: https://b-1.cos.eu-frankfurt.myqcloud.com/a.raw\n")
  expect(text.match(/\+ os /g)).toHaveLength(1)
})

test("regions whose fields differ are not folded", () => {
  const text = renderPlan(
    aPlan([anImport(), anImport({ region: "eu-frankfurt", request: { osVersion: "24" } })]),
    at80,
  )
  expect(text).toContain("Ubuntu 22")
  expect(text).toContain("Ubuntu 24")
})

test("a long URL keeps its path", () => {
  const text = renderPlan(aPlan([anImport()]), { color: false, width: 70 })
  expect(text).toMatch(/source\.url {4}https:\/\/golden-ap-s.*…\/ubuntu\/jammy-20261101\.qcow2$/m)
})

test("a position of its own for each placement where they differ", () => {
  const manifest = { file: "cvmimg.yaml", line: 12, column: 5 }
  const text = renderPlan(aPlan([anUpdate(), anUpdate({ region: "eu-frankfurt", manifest })]), at80)
  expect(text).toContain("\n      images/ubuntu.yaml:8\n")
  expect(text).toContain("\n      cvmimg.yaml:12\n")
})

test("values that quotes or blanks would hide are quoted", () => {
  const text = renderPlan(
    aPlan([
      anUpdate({
        changes: [
          { field: "tags.a", before: null, after: "", impact: "in_place" },
          { field: "tags.b", before: 'say "x"', after: "a\\n", impact: "in_place" },
          { field: "tags.c", before: null, after: " x", impact: "in_place" },
          { field: "tags.d", before: "a\nb", after: null, impact: "in_place" },
          { field: "deprecated", before: false, after: true, impact: "in_place" },
        ],
      }),
    ]),
    at80,
  )
  expect(text).toContain('+ tags.a      ""\n')
  expect(text).toContain('~ tags.b      "say \\"x\\"" -> "a\\\\n"\n')
  expect(text).toContain('+ tags.c      " x"\n')
  expect(text).toContain("- tags.d      a\\nb\n")
  expect(text).toContain("~ deprecated  false -> true\n")
})

test("many regions go on below, and ASCII is ASCII", () => {
  const regions = Array.from({ length: 12 }, (_, i) => `ap-region-${i + 10}`)
  const text = renderPlan(
    aPlan([...regions.map((region) => anImport({ region })), aKeep({ image: "b" }), anAwait({ image: "c" })]),
    { color: false, width: 80, unicode: false },
  )
  expect(text).toMatch(/^[\n -~]*$/)
  expect(text.match(/^ {2}ubuntu-22\.04-base {2}/gm)?.length).toBeGreaterThan(2)
  expect(
    Math.max(
      ...text
        .split("\n")
        .slice(0, -2)
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(80)
})

test("colour only when it is asked for", () => {
  const esc = String.fromCharCode(27)
  expect(renderPlan(plans.updates, at80)).not.toContain(esc)
  const colored = renderPlan(plans.updates, { color: true, width: 80 })
  expect(colored.replaceAll(new RegExp(`${esc}\\[\\d+m`, "g"), "")).toBe(renderPlan(plans.updates, at80))
})
