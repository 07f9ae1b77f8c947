import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { FIELDS } from "../../src/plan/fields.ts"
import { attributesHash, specHash } from "../../src/plan/index.ts"
import { aPlacement, type PlacementParts } from "./build.ts"

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
}

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../schemas/image.schema.json"), "utf8"),
) as Schema & { readonly $defs: Readonly<Record<string, Schema>> }

function leaves(node: Schema | undefined, path: string): string[] {
  const real = node?.$ref === undefined ? node : schema.$defs[node.$ref.split("/").at(-1) ?? ""]
  if (real?.properties === undefined) return [path]
  return Object.entries(real.properties).flatMap(([key, child]) =>
    leaves(child, path === "" ? key : `${path}.${key}`),
  )
}

test("every key of a manifest says once what a change of it does", () => {
  expect(Object.keys(FIELDS).sort()).toEqual(leaves(schema.properties?.spec, "").sort())
})

describe("and the hashes hold it to that", () => {
  const changed: Record<string, PlacementParts> = {
    description: { description: "other" },
    family: { family: "other" },
    deprecated: { deprecated: true },
    tags: { tags: { other: "1" } },
    sharedWith: { sharedWith: ["1"] },
    "source.url": { source: { template: "https://other", url: "https://other" } },
    "source.crc64": { source: { crc64: "9" } },
    "source.sha256": { source: { sha256: "9".repeat(64) } },
    "os.type": { os: { type: "Other", version: "22" } },
    "os.version": { os: { type: "Ubuntu", version: "0" } },
    architecture: { architecture: "i386" },
    bootMode: { bootMode: "UEFI" },
    licenseType: { licenseType: "BYOL" },
    dataDisks: { dataDisks: [{ url: "https://d", template: "https://d" }] },
    "source.format": { source: { format: "raw" } },
    "source.sign": { source: { sign: true } },
    "source.signAs": { source: { signAs: "other" } },
    force: { force: true },
  }
  const { crc64: _, ...bare } = aPlacement().source
  const base = { ...aPlacement(), source: bare }

  test.each(Object.entries(FIELDS).filter(([, effect]) => effect !== "policy"))("%s: %s", (field, effect) => {
    const parts = changed[field] ?? {}
    const after = { ...base, ...parts, source: { ...bare, ...parts.source }, lifecycle: base.lifecycle }
    expect(specHash(after) !== specHash(base)).toBe(effect === "replacement")
    expect(attributesHash(after) !== attributesHash(base)).toBe(effect === "in_place")
  })
})
