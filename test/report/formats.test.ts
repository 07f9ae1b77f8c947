// Golden cases: one rich plan in every format. The files beside this one are read in review; `vitest -u` writes them anew.
import { describe, expect, test } from "vitest"
import { type PlanFormat, planFormats } from "../../src/report/formats.ts"
import { renderPlanDiff, renderPlanDiffJson } from "../../src/report/plan-diff.ts"
import { aPlan } from "./build.ts"
import { loaded } from "./loaded.ts"
import { older } from "./older.ts"
import * as plans from "./plans.ts"
import { rich } from "./rich.ts"

const planRenderers = await loaded(planFormats)

const at100 = { color: false, width: 100 }
const FILES: Readonly<Record<PlanFormat, string>> = {
  text: "txt",
  json: "json.golden",
  markdown: "md",
  html: "html.golden",
  junit: "xml",
  sarif: "sarif",
  github: "github.txt",
}

describe("the rich plan", () => {
  test.each(Object.entries(FILES))("as %s", async (format, extension) => {
    const text = planRenderers[format as PlanFormat](rich, at100)
    await expect(text).toMatchFileSnapshot(`golden/rich.${extension}`)
    expect(planRenderers[format as PlanFormat](rich, at100)).toBe(text)
    expect(text.endsWith("\n")).toBe(true)
  })

  test("against an older one", async () => {
    await expect(renderPlanDiff(older, rich, at100)).toMatchFileSnapshot("golden/diff.txt")
    await expect(renderPlanDiffJson(older, rich)).toMatchFileSnapshot("golden/diff.json.golden")
  })
})

test.each(Object.keys(FILES))("%s of a plan without a change or without anything", (format) => {
  for (const plan of [plans.empty, aPlan([]), aPlan([], { notConsidered: 3 })]) {
    const text = planRenderers[format as PlanFormat](plan, at100)
    expect(text).not.toMatch(/undefined|NaN|\[object/)
  }
})
