import { describe, expect, test } from "vitest"
import type { LookedAt } from "../../src/model/explanation.ts"
import type { CloudImage, Observed } from "../../src/model/observed.ts"
import { explain, plan, specHash } from "../../src/plan/index.ts"
import { renderExplanation } from "../../src/report/explain.ts"
import { anImage, aPlacement, desired, NOW, observed, ours, STACK } from "./build.ts"

const one = aPlacement()
const two = aPlacement({ source: { crc64: "2" } })

/** What was looked at, by name. */
function looked(images: readonly CloudImage[], p = one): Record<string, Partial<LookedAt>> {
  const { lookedAt } = explain(p, STACK, observed(images), undefined)
  return Object.fromEntries((lookedAt ?? []).map((l) => [l.name, l]))
}

describe("an explanation", () => {
  test("names the spec hash and what goes into it; defaults of the API are left out", () => {
    const p = aPlacement({ bootMode: "Legacy BIOS", licenseType: "BYOL", description: "not part of it" })
    expect(explain(p, STACK, undefined, undefined).spec).toEqual({
      hash: specHash(p),
      parts: { source: "crc64:1", os: "Ubuntu 22", architecture: "x86_64", licenseType: "BYOL" },
    })
  })

  test("gives the name that the image is to have", () => {
    const member = aPlacement({ match: "family", family: "f" })
    expect(explain(one, STACK, undefined, undefined).name).toBe("base")
    expect(explain(member, STACK, undefined, undefined).name).toBe(`base-${specHash(member).slice(0, 8)}`)
  })

  test("carries the plan's action", () => {
    const [action] = plan(desired(one), observed([])).actions
    expect(explain(one, STACK, observed([]), action).action).toBe(action)
  })

  const failure = {
    code: "InternalError",
    message: "no",
    advice: "",
    blame: "service" as const,
    retryable: true,
    ambiguous: false,
  }
  test.each<[string, Observed | undefined]>([
    ["offline", undefined],
    [
      "a region that could not be read",
      { at: NOW, scopes: [{ account: "default", region: "ap-singapore", failure }] },
    ],
    ["another region only", observed([], "eu-frankfurt")],
  ])("%s: nothing was looked at, which is not the same as nothing there", (_, seen) => {
    const found = explain(one, STACK, seen, undefined)
    expect(found).not.toHaveProperty("lookedAt")
    expect(found).not.toHaveProperty("listed")
    expect(explain(one, STACK, observed([]), undefined)).toMatchObject({ listed: 0, lookedAt: [] })
  })
})

test("an image that only tags mark is said to be taken for the wanted one", () => {
  const found = explain(one, STACK, observed([ours(one, { description: "" })]), undefined)
  expect(renderExplanation([found], { color: false, width: 100 })).toContain("taken for the wanted spec")
})

describe("what was looked at", () => {
  test("has the name, our mark or the family; the others are only counted", () => {
    const p = aPlacement({ family: "f" })
    const images = [
      anImage({ name: "base" }),
      anImage({ name: "member", family: "f" }),
      anImage({ name: "gone", family: "f", deprecated: true }),
      anImage({ name: "base-2" }),
      ours(p, { name: "renamed", family: "" }),
    ]
    const found = explain(p, STACK, observed(images), undefined)
    expect(found.listed).toBe(5)
    expect(found.lookedAt?.map((l) => [l.name, l.because])).toEqual([
      ["base", ["name"]],
      ["member", ["family"]],
      ["renamed", ["mark"]],
    ])
    expect(looked([ours(p)], p)).toMatchObject({ base: { because: ["name", "mark", "family"] } })
  })

  test.each<[string, CloudImage, Partial<LookedAt>]>([
    [
      "ours, as wanted",
      ours(one),
      { owner: "us", role: "named", sameSpec: true, sameSource: true, spec: specHash(one) },
    ],
    [
      "ours, of another spec",
      ours(two),
      { owner: "us", sameSpec: false, sameSource: false, spec: specHash(two) },
    ],
    // Without a stamp the spec is unknown, and taken for the wanted one, so that the stamp is healed.
    ["ours by tags alone", ours(one, { description: "" }), { owner: "us", sameSpec: true }],
    ["nobody's", anImage(), { owner: "nobody" }],
    ["another stack's", ours(one, { tags: {} }, { stack: "ffffffff" }), { owner: "other" }],
    ["marks that disagree", ours(one, {}, { stack: "ffffffff" }), { owner: "conflict" }],
    ["another image's of ours", ours(aPlacement({ image: "other" }), { name: "base" }), { owner: "us" }],
    ["failed", ours(one, { state: "IMPORTFAILED" }), { state: "IMPORTFAILED" }],
  ])("%s", (_, image, expected) => {
    expect(looked([image]).base).toMatchObject(expected)
    if (expected.sameSpec === undefined && expected.owner !== undefined) {
      expect(looked([image]).base).not.toHaveProperty("sameSpec")
    }
  })

  test("stands where its name says: staged, retired", () => {
    const images = [
      ours(two, { name: "base.next-0123abcd" }),
      ours(two, { name: "base.prev-img-0123abcd" }),
      ours(one),
    ]
    expect(Object.values(looked(images)).map((l) => [l.name, l.role])).toEqual([
      ["base.next-0123abcd", "staged"],
      ["base.prev-img-0123abcd", "retired"],
      ["base", "named"],
    ])
  })
})
