// What holds of an export whatever the cloud holds: only TODOs are wrong with it, filled in it adopts, and the order of
// the listing does not matter.
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type ExportInput, exportManifests } from "../../src/export/index.ts"
import { loadText } from "../../src/manifest/load.ts"
import type { CloudImage, Observed } from "../../src/model/observed.ts"
import { plan } from "../../src/plan/index.ts"

const STACK = {
  path: "cvmimg.yaml",
  named: true,
  text: `apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden }
spec:
  accounts: { one: {}, two: {} }
  defaults: { regions: [ap-singapore], tags: { team: platform } }
`,
}

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.constantFrom(
    "yes",
    "~",
    "1.0",
    "a: b",
    "# x",
    "- x",
    "{region}",
    "web.next-12345678",
    "web-12345678",
    "Web",
    "web",
    "__proto__",
    "[cvmimg:1 x]",
    "---\nkind: Stack",
    " padded ",
    "\u202e",
    "\u3164",
    "web\u3164",
    "",
    "cvmimg",
  ),
)

const anImage: fc.Arbitrary<Omit<CloudImage, "id">> = fc.record(
  {
    name: nasty,
    description: nasty,
    family: fc.oneof(fc.constant(""), fc.constant("web"), nasty),
    deprecated: fc.boolean(),
    state: fc.constantFrom("NORMAL", "NORMAL", "NORMAL", "IMPORTFAILED"),
    architecture: fc.constantFrom("x86_64", "i386", "arm", ""),
    licenseType: fc.constantFrom("TencentCloud", "BYOL", "Other"),
    tags: fc.dictionary(nasty, nasty, { maxKeys: 4 }),
    createdAt: fc.nat(3),
    osName: nasty,
    snapshotIds: fc.constant([]),
  },
  {
    requiredKeys: [
      "name",
      "description",
      "family",
      "deprecated",
      "state",
      "architecture",
      "tags",
      "snapshotIds",
    ],
  },
)

const world: fc.Arbitrary<Observed> = fc
  .tuple(
    ...["one", "two"].flatMap((account) =>
      ["ap-hongkong", "ap-singapore"].map((region) =>
        fc.array(anImage, { maxLength: 5 }).map((images) => ({ account, region, images })),
      ),
    ),
  )
  .map((scopes) => ({
    at: Date.UTC(2026, 0, 1),
    scopes: scopes.map((scope, i) => ({
      ...scope,
      images: scope.images.map((image, j): CloudImage => ({ ...image, id: `img-0000${i}${j}zz` })),
    })),
  }))

const before = loadText([STACK])

function input(observed: Observed): ExportInput {
  if (before.stack === undefined) throw new Error("the stack is good")
  return {
    stack: before.stack,
    observed,
    claims: [],
    inherited: before.defaults ?? {},
    directory: "images",
    sources: before.sources,
    wanted: () => true,
  }
}

const ANSWERS: Readonly<Record<string, string>> = {
  url: "https://golden-{region}-1250000000.cos.{region}.myqcloud.com/old.qcow2",
  type: "Ubuntu",
  version: '"22"',
  bootMode: "UEFI",
  description: "Shorter",
}

describe("an export", () => {
  test("has no errors but its TODOs, each once; filled in, the plan is nothing but adopt", () => {
    fc.assert(
      fc.property(world, (observed) => {
        const made = exportManifests(input(observed))
        const files = made.additions.map(({ file, text }) => ({ path: file, text }))
        const { diagnostics } = loadText([STACK, ...files])
        const todo = diagnostics.filter((d) => d.code === "todo")
        expect(diagnostics.filter((d) => d.severity === "error" && d.code !== "todo")).toEqual([])
        expect(todo).toHaveLength(made.images.flatMap((image) => image.todo).length)

        // The API that does not tell the architecture takes any.
        const answered = files.map(({ path, text }) => ({
          path,
          text: text.replace(
            /^( *)(\w+): # TODO: .*$/gm,
            (_, indent: string, key: string) => `${indent}${key}: ${ANSWERS[key] ?? "x86_64"}`,
          ),
        }))
        const loaded = loadText([STACK, ...answered])
        if (loaded.desired === undefined) throw new Error(JSON.stringify(loaded.diagnostics))
        const { actions } = plan(loaded.desired, observed)
        expect(actions.filter((a) => a.action !== "adopt")).toEqual([])
        expect(actions.map((a) => ("imageId" in a ? a.imageId : "")).sort()).toEqual(
          made.images.flatMap((image) => image.placements.map((p) => p.imageId)).sort(),
        )
        // Adopting changes nothing that people wrote, but for the stack's own tags.
        const changes = actions.flatMap((a) => a.changes.map((change) => change.field))
        expect(changes.filter((f) => !/^(provenance|tags\.(cvmimg\.\w+|team))$/.test(f))).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test("accounts for every image, and does not depend on the order of the listing", () => {
    fc.assert(
      fc.property(world, (observed) => {
        const made = exportManifests(input(observed))
        const ids = observed.scopes.flatMap((s) => ("images" in s ? s.images.map((i) => i.id) : []))
        const told = [
          ...made.images.flatMap((image) => image.placements.map((p) => p.imageId)),
          ...made.leftOut.map((one) => one.imageId),
        ]
        expect(told.sort()).toEqual(ids.sort())
        const turned = {
          ...observed,
          scopes: [...observed.scopes]
            .reverse()
            .map((s) => ("images" in s ? { ...s, images: [...s.images].reverse() } : s)),
        }
        expect(exportManifests(input(turned))).toEqual(made)
      }),
      { numRuns: 100 },
    )
  })
})
