// Results as a person sees them at the end of an apply.
import { expect, test } from "vitest"
import { renderApply } from "../../src/report/apply-text.ts"
import { aFailure, aResult } from "./build.ts"
import { failed } from "./events.ts"

const denied = aFailure({
  message: "You are not authorized to perform operation (cvm:ModifyImageAttribute).",
  advice: "Give the account's keys the right, then apply again.",
  action: "ModifyImageAttribute",
})

const report = {
  formatVersion: 1,
  stack: "golden",
  results: [
    failed,
    aResult(),
    aResult({ image: "debian-12-base", action: "update", outcome: "failed", error: denied, durationMs: 412 }),
    aResult({
      image: "debian-12-base",
      action: "update",
      region: "eu-frankfurt",
      imageId: "img-deb00002",
      outcome: "failed",
      error: { ...denied, requestId: "another-request" },
      durationMs: 390,
    }),
    aResult({ image: "windows-2022-byol", outcome: "running", durationMs: 7_200_000 }),
    {
      image: "web",
      account: "default",
      region: "ap-singapore",
      action: "import",
      outcome: "skipped",
      reason: "no_room",
      durationMs: 0,
    },
    {
      image: "web",
      account: "default",
      region: "eu-frankfurt",
      action: "refuse",
      outcome: "skipped",
      reason: "ambiguous",
      durationMs: 0,
    },
    aResult({ image: "rocky-9-base", action: "keep" }),
  ],
} as const

test.each([40, 80, 160])("results at %i columns", async (width) => {
  const text = renderApply(report, { color: false, width })
  await expect(text).toMatchFileSnapshot(`golden/apply-${width}.txt`)
  expect(
    Math.max(
      ...text
        .split("\n")
        .slice(0, -2)
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(width)
})

test("the last line counts", () => {
  const text = renderApply(report, { color: false, width: 80 })
  expect(text.endsWith("\nApply: 1 done, 3 failed, 2 skipped, 1 running. 1 unchanged.\n")).toBe(true)
  expect(renderApply({ ...report, results: [] }, { color: false, width: 80 })).toBe("Apply: 0 done.\n")
})

test("a failure of several placements is told once, with each request id", () => {
  const text = renderApply(report, { color: false, width: 160 })
  expect(text.match(/UnauthorizedOperation/g)).toHaveLength(1)
  expect(text).toContain("request id another-request")
})

test("several accounts are named", () => {
  const results = [aResult(), aResult({ account: "prod" })]
  expect(renderApply({ ...report, results }, { color: false, width: 100 })).toMatch(/image +account +region/)
})
