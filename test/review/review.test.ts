// What becomes of images, placements and families between two states of a stack, and whose change it is.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { FIELDS } from "../../src/plan/fields.ts"
import { READERS } from "../../src/review/fields.ts"
import { type Files, family, image, reviewed, STACK, sides, urlOf } from "./sides.ts"

const many = (n: number, spec = ""): Files =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`images/i${i}.yaml`, image(`i${i}`, spec)]))
const withStack = (files: Files, from: string, to: string): Files => {
  expect(STACK).toContain(from)
  return { ...files, "cvmimg.yaml": STACK.replace(from, to) }
}
const HERE = [
  { account: "default", region: "ap-hongkong" },
  { account: "default", region: "ap-singapore" },
]

test("every field of the plan's table is compared", () => {
  const elsewhere = ["tags", "accounts", "regions"]
  expect(Object.keys(READERS).sort()).toEqual(
    Object.keys(FIELDS)
      .filter((field) => !elsewhere.includes(field))
      .sort(),
  )
})

describe("images", () => {
  test("a field is told once for all its placements, as it is written", () => {
    const url = urlOf("web").replace("web.q", "web-2.q")
    const { images, summary } = reviewed(
      { "web.yaml": image("web", "  description: old\n") },
      { "web.yaml": image("web", "  description: new\n", { url }) },
    )
    // The same checksum: another URL makes no other image.
    expect(images).toEqual([
      expect.objectContaining({
        image: "web",
        fate: "changed",
        replaced: [],
        updated: HERE,
        changes: [
          expect.objectContaining({ field: "description", before: "old", after: "new", impact: "in_place" }),
          expect.objectContaining({ field: "source.url", before: urlOf("web"), after: url, impact: "none" }),
        ],
      }),
    ])
    expect(images[0]?.changes[0]).toMatchObject({
      scopes: HERE,
      at: { file: "web.yaml", line: 7, column: 16 },
    })
    expect(summary.placements).toEqual({ added: 0, removed: 0, replaced: 0, updated: 2 })
  })

  test("texts with the region in them are one change", () => {
    const { images } = reviewed(
      { "web.yaml": image("web", '  description: "one {region}"\n') },
      { "web.yaml": image("web", '  description: "two {region}"\n') },
    )
    expect(images[0]?.changes).toEqual([
      expect.objectContaining({ before: "one {region}", after: "two {region}", scopes: HERE }),
    ])
  })

  test("a new one shows what it asks for, and nothing that the format says anyway", () => {
    const { images } = reviewed({}, { "web.yaml": image("web", "  lifecycle: { protect: true }\n") })
    expect(images).toEqual([expect.objectContaining({ fate: "added", added: HERE, risk: "low" })])
    expect(images[0]?.changes.map(({ field, after }) => [field, after])).toEqual([
      ["source.url", urlOf("web")],
      ["source.crc64", "111"],
      ["os.type", "Ubuntu"],
      ["os.version", "22"],
      ["architecture", "x86_64"],
      ["source.format", "qcow2"],
      ["lifecycle.protect", true],
      ["tags.team", "platform"],
    ])
  })

  test("one that moves to another file is no change", () => {
    const { images, files, risk } = reviewed(
      { "a.yaml": image("web") },
      { "b/c.yaml": `# here\n${image("web")}` },
    )
    expect(images).toEqual([
      expect.objectContaining({ fate: "moved", movedFrom: "a.yaml", changes: [], risks: [] }),
    ])
    expect([files, risk]).toEqual([{ added: 1, removed: 1, changed: 0, moved: 0 }, "none"])
    expect(reviewed({ "a.yaml": image("web") }, { "b.yaml": image("web") }).files.moved).toBe(1)
  })

  test("metadata.formerNames makes a removal and an addition one rename", () => {
    const head = image("site", "", { url: urlOf("web"), metadata: ", formerNames: [web]" })
    const { images, summary } = reviewed({ "a.yaml": image("web") }, { "a.yaml": head })
    expect(images).toEqual([expect.objectContaining({ image: "site", fate: "renamed", formerName: "web" })])
    expect(summary.placements).toEqual({ added: 0, removed: 0, replaced: 0, updated: 2 })
  })

  test("what is not managed any more changes nothing", () => {
    const spec = "  description: x\n  tags: { app: web }\n"
    const { images } = reviewed({ "a.yaml": image("web", spec) }, { "a.yaml": image("web") })
    expect(images[0]).toMatchObject({ risk: "none", updated: [], replaced: [] })
    expect(images[0]?.changes.map(({ field, after, impact }) => [field, after, impact])).toEqual([
      ["description", null, "none"],
      ["tags.app", null, "none"],
    ])
  })

  test("many in one file, and Windows line ends, are as good as others", () => {
    const both = (a: string, b: string): Files => ({ "a.yaml": `${a}---\n${b}`.replaceAll("\n", "\r\n") })
    const { images, diagnostics } = reviewed(
      both(image("web"), image("db")),
      both(image("web"), image("db", "  description: x\n")),
    )
    expect([images.map((i) => i.image), diagnostics]).toEqual([["db"], []])
  })
})

describe("the Stack", () => {
  test("a default that reaches many images is told once", () => {
    const base = many(20)
    const { images, stackChanges, summary } = reviewed(base, withStack(base, "team: platform", "team: core"))
    expect(images).toEqual([])
    expect(stackChanges).toEqual([
      expect.objectContaining({
        field: "spec.defaults.tags.team",
        before: "platform",
        after: "core",
        impact: "in_place",
        placements: 40,
        risk: "low",
        at: { file: "cvmimg.yaml", line: 9, column: 19 },
      }),
    ])
    expect(stackChanges[0]?.images).toHaveLength(20)
    expect(summary.placements.updated).toBe(40)
  })

  test("an image that says it itself is not reached", () => {
    const base = { ...many(2), "own.yaml": image("own", "  tags: { team: mine }\n") }
    const { stackChanges, images } = reviewed(base, withStack(base, "team: platform", "team: core"))
    expect([stackChanges[0]?.images, images]).toEqual([["i0", "i1"], []])
  })

  test("a default that forces replacements says so, with the risk of it", () => {
    const base = many(3)
    const { stackChanges, risk, summary } = reviewed(
      base,
      withStack(base, "defaults:\n", "defaults:\n    bootMode: UEFI\n"),
    )
    expect(stackChanges).toEqual([
      expect.objectContaining({ field: "spec.defaults.bootMode", impact: "replacement", placements: 6 }),
    ])
    expect([risk, summary.placements.replaced]).toEqual(["medium", 6])
  })

  test("an image that gives up its own value changes itself", () => {
    const base = { "a.yaml": image("web", "  tags: { team: mine }\n") }
    const { images, stackChanges } = reviewed(base, { "a.yaml": image("web") })
    expect(stackChanges).toEqual([])
    expect(images[0]?.changes).toEqual([
      expect.objectContaining({ field: "tags.team", before: "mine", after: "platform", impact: "in_place" }),
    ])
  })

  test("a variable reaches what it fills: URLs for the next import, texts in place", () => {
    const base = many(2, '  description: "of {var.appid}"\n')
    const { images, stackChanges, summary } = reviewed(base, withStack(base, "1250000000", "1250000001"))
    expect(images).toEqual([])
    expect(stackChanges).toEqual([
      expect.objectContaining({
        field: "spec.accounts.default.vars.appid",
        before: "1250000000",
        after: "1250000001",
        images: ["i0", "i1"],
        impact: "in_place",
      }),
    ])
    expect(summary.placements).toMatchObject({ replaced: 0, updated: 4 })
  })

  test("regions of the defaults bring and take placements, told once", () => {
    const base = many(5)
    const { images, stackChanges, summary } = reviewed(base, withStack(base, "ap-hongkong", "ap-tokyo"))
    expect(images).toEqual([])
    expect(stackChanges).toEqual([
      expect.objectContaining({
        field: "spec.defaults.regions",
        before: ["ap-hongkong", "ap-singapore"],
        after: ["ap-singapore", "ap-tokyo"],
        placements: 10,
        risks: ["new_placements", "removed_keep"],
      }),
    ])
    expect(summary.placements).toEqual({ added: 5, removed: 5, replaced: 0, updated: 0 })
  })

  test("an account brings its placements with it", () => {
    const base = many(2)
    const more = `"1250000000" } }\n    prod: { vars: { appid: "1250000001" } }`
    const { images, stackChanges } = reviewed(base, withStack(base, '"1250000000" } }', more))
    expect(images).toEqual([])
    expect(stackChanges).toEqual([
      expect.objectContaining({
        field: "spec.accounts.prod",
        placements: 4,
        risks: ["account_added", "new_placements"],
      }),
    ])
  })

  test("in one file with its images, each change is still told as whose it is", () => {
    const base = { "cvmimg.yaml": `${STACK}---\n${image("web", "  tags: { app: a }\n")}` }
    const head = {
      "cvmimg.yaml": base["cvmimg.yaml"].replace("app: a", "app: b").replace("platform", "core"),
    }
    const { images, stackChanges } = reviewed(base, head)
    expect(images.map(({ changes }) => changes.map(({ field }) => field))).toEqual([["tags.app"]])
    expect(stackChanges.map(({ field }) => field)).toEqual(["spec.defaults.tags.team"])
  })

  test("an external id of a role is not shown", () => {
    const role = (id: string) =>
      `default: { assumeRole: { arn: "qcs::cam::uin/1:roleName/r", externalId: ${id} }, vars:`
    const base = withStack(many(1), "default: { vars:", role("first-secret"))
    const head = withStack(many(1), "default: { vars:", role("second-secret"))
    const found = reviewed(base, head)
    expect(JSON.stringify(found)).not.toContain("secret")
    expect(found.stackChanges).toEqual([
      expect.objectContaining({ field: "spec.accounts.default.assumeRole", risks: ["account_changed"] }),
    ])
  })
})

describe("families", () => {
  const member = (name: string, more = ""): string => image(name, `  family: f\n${more}`)

  test("what a family's newest member of the manifests will be", () => {
    const base = { "a.yaml": member("a"), "b.yaml": member("b") }
    expect(reviewed(base, { ...base, "c.yaml": member("c") }).moves).toEqual([
      { family: "f", before: ["a", "b"], after: ["c"], imported: true, scopes: HERE, images: ["c"] },
    ])
    expect(reviewed(base, { "a.yaml": member("a") }).moves).toMatchObject([{ after: ["a"], imported: false }])
    expect(reviewed(base, { ...base, "b.yaml": member("b", "  deprecated: true\n") }).moves).toMatchObject([
      { before: ["a", "b"], after: ["a"], imported: false },
    ])
    expect(reviewed(base, { ...base, "b.yaml": member("b", "  description: x\n") }).moves).toEqual([])
  })

  test("a member of match: family has the name that its import will get", () => {
    const of = (version: string): Files => ({
      "a.yaml": image("a", "  match: family\n  family: f\n").replace('"22"', `"${version}"`),
    })
    const [move] = reviewed(of("22"), of("24")).moves
    expect([move?.before, move?.after]).toEqual([
      [expect.stringMatching(/^a-[0-9a-f]{8}$/)],
      [expect.stringMatching(/^a-[0-9a-f]{8}$/)],
    ])
    expect(move?.before).not.toEqual(move?.after)
  })

  test("retention is compared rule by rule", () => {
    const { families } = reviewed(
      { ...many(1), "f.yaml": family("f", "{ retain: { last: 3, within: 90d } }") },
      { ...many(1), "f.yaml": family("f", "{ retain: { last: 3, within: 30d }, beyond: delete }") },
    )
    expect(families).toEqual([
      expect.objectContaining({
        family: "f",
        fate: "changed",
        risks: ["retention_shortened", "retention_delete"],
      }),
    ])
    expect(families[0]?.changes.map(({ field, before, after }) => [field, before, after])).toEqual([
      ["retain.within", "2160h", "720h"],
      ["beyond", "deprecate", "delete"],
    ])
  })
})

describe("what is wrong", () => {
  const wrong = image("bad", "  bootMode: efi\n")

  test("is told of the head, apart from what the base has too; lines may have moved", () => {
    const base = { "bad.yaml": wrong, "web.yaml": image("web") }
    const head = {
      "bad.yaml": `# one line more\n${wrong}`,
      "web.yaml": image("web", "  architecture: x86\n"),
    }
    const { valid, diagnostics, notCompared, images } = reviewed(base, head)
    expect(valid).toBe(false)
    expect(diagnostics.map(({ file, line, isNew }) => [file, line, isNew])).toEqual([
      ["bad.yaml", 8, false],
      ["web.yaml", 7, true],
    ])
    expect([notCompared, images]).toEqual([["bad", "web"], []])
  })

  test("a manifest that cannot be read hides its own images alone", () => {
    const base = { ...many(1), "web.yaml": image("web") }
    const head = { "images/i0.yaml": image("i0", "  description: x\n"), "web.yaml": "kind: [\n" }
    const { notCompared, images } = reviewed(base, head)
    expect([notCompared, images.map((i) => i.image)]).toEqual([["web"], ["i0"]])
  })

  test("a Stack that is wrong hides all of them", () => {
    const base = many(3)
    const found = reviewed(base, withStack(base, "regions: [", "reigons: ["))
    expect([found.valid, found.notCompared, found.images]).toEqual([false, ["i0", "i1", "i2"], []])
  })

  test("a base that is wrong is no reason to fail", () => {
    const { valid, notCompared, diagnostics } = reviewed({ "a.yaml": wrong }, { "a.yaml": image("bad") })
    expect([valid, notCompared, diagnostics]).toEqual([true, ["bad"], []])
  })
})

test("what stands in both is read once: its placements are the same objects", () => {
  const base = { "cvmimg.yaml": STACK, ...many(10) }
  const head = { ...base, "images/i3.yaml": image("i3", "  description: x\n") }
  const { base: old, head: now } = sides(base, head)
  const same = now?.desired?.placements.filter((p, i) => p === old?.desired?.placements[i])
  expect([now?.desired?.placements.length, same?.length]).toEqual([20, 18])
})

test("every kind of change has its sentence in docs/review.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/review.md"), "utf8")
  for (const fate of ["added", "removed", "renamed", "changed", "moved"])
    expect(page).toContain(`\`${fate}\``)
})
