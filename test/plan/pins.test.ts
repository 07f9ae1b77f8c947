import { describe, expect, test } from "vitest"
import type { SourceSeen } from "../../src/model/observed.ts"
import { approve, pinSources, plan } from "../../src/plan/index.ts"
import { setOf } from "./approved.ts"
import { aPlacement, desired, observed, type PlacementParts } from "./build.ts"

const URL = aPlacement().source.url
const SEEN: SourceSeen = { crc64: "1", etag: '"a"', size: 10 }

const pinned = (parts: PlacementParts, seen: Readonly<Record<string, SourceSeen>> | undefined) => {
  const d = desired(aPlacement(parts))
  return pinSources(plan(d, observed([])), d.placements, seen)
}

describe("pinSources", () => {
  test.each<[string, PlacementParts, Readonly<Record<string, SourceSeen>> | undefined, object, string[]]>([
    ["an object that no checksum names", {}, { [URL]: SEEN }, { [URL]: SEEN }, []],
    ["one that the manifest's checksum names", { source: { crc64: "1" } }, { [URL]: SEEN }, {}, []],
    [
      "one that has no checksum, whatever the manifest names",
      { source: { crc64: "1" } },
      { [URL]: { etag: '"a"', size: 10 } },
      { [URL]: { etag: '"a"', size: 10 } },
      [],
    ],
    ["nobody looked", {}, undefined, {}, ["source_not_pinned"]],
    ["nobody looked, and the manifest's checksum names it", { source: { crc64: "1" } }, undefined, {}, []],
    ["it could not be read", {}, {}, {}, ["source_not_pinned"]],
    ["its length alone tells nothing", {}, { [URL]: { size: 10 } }, {}, ["source_not_pinned"]],
  ])("%s", (_, parts, seen, sources, notices) => {
    const found = pinned({ ...parts, source: { crc64: undefined, ...parts.source } as never }, seen)
    expect(found.sources).toEqual(sources)
    expect(found.plan.actions.flatMap((a) => a.notices)).toEqual(notices)
  })

  test("data disks are pinned as well, a signature is no part of what is pinned, and no digest changes", () => {
    const disk = "https://golden-1250000000.cos.ap-singapore.myqcloud.com/disk.qcow2"
    const d = desired(aPlacement({ dataDisks: [{ url: `${disk}?sign=secret`, template: disk }] }))
    const before = plan(d, observed([]))
    const found = pinSources(before, d.placements, { [disk]: SEEN, [URL]: SEEN })
    expect(Object.keys(found.sources)).toContain(disk)
    expect(JSON.stringify(found.sources)).not.toContain("secret")
    expect(found.plan.fingerprint).toBe(before.fingerprint)
  })

  test("what is kept is not imported, and pins nothing", () => {
    expect(pinSources(plan(desired(), observed([])), [], { [URL]: SEEN }).sources).toEqual({})
  })
})

describe("at apply", () => {
  test.each<[string, SourceSeen, SourceSeen | undefined, boolean]>([
    ["the same", SEEN, SEEN, true],
    ["the same content, uploaded again", SEEN, { ...SEEN, etag: '"b"' }, true],
    ["other content", SEEN, { ...SEEN, crc64: "2" }, false],
    ["without checksums, the same ETag and length", { etag: '"a"', size: 1 }, { etag: '"a"', size: 1 }, true],
    ["without checksums, another ETag", { etag: '"a"', size: 1 }, { etag: '"b"', size: 1 }, false],
    ["the checksum is not told any more", SEEN, { etag: '"a"', size: 10 }, true],
    ["the checksum is not told any more, and the length is another", SEEN, { etag: '"a"', size: 9 }, false],
    ["it cannot be read", SEEN, undefined, false],
  ])("%s", (_, then, now, same) => {
    const p = plan(desired(aPlacement()), observed([]))
    const { plan: kept, stale } = approve(
      p,
      setOf(p, { sources: { [URL]: then } }),
      now === undefined ? {} : { [URL]: now },
    )
    expect(kept.actions.map((a) => a.action)).toEqual(same ? ["import"] : [])
    expect(stale.map((s) => s.sources)).toEqual(
      same ? [] : [[{ url: URL, approved: then, ...(now === undefined ? {} : { now }) }]],
    )
  })
})
