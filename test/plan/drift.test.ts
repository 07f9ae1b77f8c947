import { describe, expect, test } from "vitest"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import type { DriftRow } from "../../src/model/drift.ts"
import type { CloudImage } from "../../src/model/observed.ts"
import type { DriftIgnore } from "../../src/model/stack.ts"
import { type DriftOptions, drift, plan } from "../../src/plan/index.ts"
import { anImage, aPlacement, desired, NOW, observed, ours, STACK } from "./build.ts"

const HERE = { image: "base", account: "default", region: "ap-singapore" }
const at = { file: "cvmimg.yaml", line: 9, column: 9 }

function row(p: DesiredPlacement, images: readonly CloudImage[], options: DriftOptions = {}): DriftRow {
  const [d, o] = [desired(p), observed(images)]
  const found = drift(d, o, plan(d, o), options).placements.find((r) => r.verdict !== "orphan")
  if (found === undefined) throw new Error("no row")
  return found
}

describe("match: family", () => {
  const p = aPlacement({ match: "family", family: "f" })

  test("somebody else's newer member is what consumers boot: drifted, with both ids", () => {
    const mine = ours(p)
    const theirs = anImage({ name: "theirs", family: "f", createdAt: NOW - 1000 })
    expect(row(p, [mine, theirs])).toMatchObject({
      verdict: "drifted",
      reasons: ["cloud_moved", `family_shadowed:${theirs.id}`],
      changes: [{ field: "family.newest", before: theirs.id, after: mine.id }],
    })
  })

  test("an older member is wanted again: pending after our own release, drifted if people took the newest away", () => {
    const old = ours(p, { createdAt: NOW - 200_000_000, deprecated: true })
    const newer = ours(aPlacement({ ...p, source: { ...p.source, crc64: "2" } }), {
      createdAt: NOW - 100_000_000,
    })
    expect(row(p, [old, newer]).verdict).toBe("pending")
    const seen = [{ ...HERE, imageId: old.id, at: NOW - 1000 }]
    expect(row(p, [old, newer], { seen }).verdict).toBe("drifted")
    // What came after it was seen came by an apply.
    expect(
      row(p, [old, newer], { seen: [{ ...HERE, imageId: old.id, at: NOW - 150_000_000 }] }).verdict,
    ).toBe("pending")
    expect(row(p, [{ ...old, family: "" }, newer]).verdict).toBe("drifted")
  })
})

describe("what a journal knows", () => {
  test("steps that are left after an import are under way, not drift", () => {
    const p = aPlacement({ family: "f" })
    const image = ours(p, { family: "" })
    expect(row(p, [image]).verdict).toBe("drifted")
    expect(row(p, [image], { unfinished: [HERE] })).toMatchObject({
      verdict: "in_progress",
      reasons: ["not_finished", "attribute_changed:family"],
    })
  })

  test("a deleted image is drifted until something of ours came after it", () => {
    const p = aPlacement()
    const seen = [{ ...HERE, imageId: "img-gone0000", at: NOW - 1000 }]
    expect(row(p, [], { seen }).reasons).toEqual(["cloud_moved", "gone:img-gone0000", "missing"])
    expect(row(p, []).verdict).toBe("pending")
  })
})

test("a leftover beside an image that is as it should be is pending", () => {
  const p = aPlacement()
  const failed = ours(aPlacement({ source: { crc64: "2" } }), { state: "IMPORTFAILED", name: "base-x" })
  expect(row(p, [ours(p), failed])).toMatchObject({ verdict: "pending", reasons: ["leftover:failed"] })
})

test("an attribute that is managed no longer is pending, although nothing of it changes in the cloud", () => {
  const was = aPlacement({ tags: { app: "web", team: "x" }, description: "text" })
  expect(row(aPlacement({ tags: { app: "web" } }), [ours(was)])).toMatchObject({ verdict: "pending" })
})

describe("rules", () => {
  const p = aPlacement({ tags: { team: "x" } })
  const image = ours(p)
  const moved = { ...image, tags: { ...image.tags, team: "y" } }
  const verdict = (rule: Partial<DriftIgnore>): string => {
    const d = { ...desired(p), stack: { ...STACK, driftIgnore: [{ reason: "known", at, ...rule }] } }
    const o = observed([moved])
    return drift(d, o, plan(d, o)).placements[0]?.verdict ?? ""
  }

  test.each<[Partial<DriftIgnore>, string]>([
    [{}, "in_sync"],
    [{ image: "base" }, "in_sync"],
    [{ image: "b*e" }, "in_sync"],
    [{ image: "*" }, "in_sync"],
    [{ image: "ba*ase" }, "drifted"],
    [{ image: "b*x*e" }, "drifted"],
    [{ field: "tags.*" }, "in_sync"],
    [{ field: "tags.tea" }, "drifted"],
    [{ region: "eu-frankfurt" }, "drifted"],
    [{ account: "other" }, "drifted"],
    [{ until: "2026-11-01", endsAt: NOW + 1 }, "in_sync"],
    [{ until: "2026-10-31", endsAt: NOW }, "drifted"],
  ])("%j: %s", (rule, expected) => {
    expect(verdict(rule)).toBe(expected)
  })
})
