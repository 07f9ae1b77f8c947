import { describe, expect, test } from "vitest"
import { attributesHash, sourceFingerprint, specHash } from "../../src/plan/index.ts"
import { aPlacement, type PlacementParts } from "./build.ts"

const base = specHash(aPlacement())

describe("the spec hash", () => {
  test("is pinned: images in the cloud carry it", () => {
    expect(base).toMatchInlineSnapshot(`"534313397a502546"`)
    expect(sourceFingerprint(aPlacement())).toMatchInlineSnapshot(`"94631d93a34f"`)
    expect(attributesHash(aPlacement({ description: "a", tags: { b: "c", d: null } }))).toMatchInlineSnapshot(
      `"ba3432af"`,
    )
  })

  test.each<[string, PlacementParts]>([
    ["the API's default boot mode", { bootMode: "Legacy BIOS" }],
    ["the API's default licence", { licenseType: "TencentCloud" }],
    ["force", { force: true }],
    ["the region in the URL", { source: { url: "https://elsewhere" } }],
    ["the URL, where there is a checksum", { source: { template: "https://elsewhere" } }],
    ["attributes", { description: "d", family: "f", tags: { a: "b" }, deprecated: true }],
  ])("does not change with %s", (_, parts) => {
    expect(specHash(aPlacement(parts))).toBe(base)
  })

  test.each<[string, PlacementParts]>([
    ["the checksum", { source: { crc64: "2" } }],
    ["the operating system", { os: { type: "Debian", version: "22" } }],
    ["its version", { os: { type: "Ubuntu", version: "20" } }],
    ["the architecture", { architecture: "i386" }],
    ["the boot mode", { bootMode: "UEFI" }],
    ["the licence", { licenseType: "BYOL" }],
    ["data disks", { dataDisks: [{ url: "https://d", template: "https://d" }] }],
  ])("changes with %s", (_, parts) => {
    expect(specHash(aPlacement(parts))).not.toBe(base)
  })

  test("a query never counts", () => {
    const { crc64: _, ...source } = aPlacement().source
    const p = { ...aPlacement(), source }
    const signed = { ...p, source: { ...source, template: `${source.template}?x=1` } }
    expect(specHash(signed)).toBe(specHash(p))
  })
})
