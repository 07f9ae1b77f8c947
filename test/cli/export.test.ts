// Images that exist become manifests: exported, filled in, adopted, and then there is nothing left to do.
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import type { Emulator, SeedImage } from "../../src/emulator/index.ts"
import { hasHidden } from "../../src/model/characters.ts"
import { cvmimg, folder, image, KEYS, type RunOptions, STACK, world } from "./binary.ts"

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/export.schema.json"), "utf8"))
const valid = new Ajv2020({ allErrors: true }).compile(schema)

const OLD = Date.UTC(2026, 0, 1)
const REGIONS = ["ap-singapore", "ap-hongkong"]

/** Two regions of one account. */
const TWO = STACK.replace("regions: [ap-singapore]", "regions: [ap-singapore, ap-hongkong]").replace(
  ', os: { type: Ubuntu, version: "22" }',
  "",
)

async function seeded(images: readonly SeedImage[], stack = TWO, options: Parameters<typeof world>[0] = {}) {
  const emulator = await world({
    images: images.map((seed) => ({ createdAt: OLD, ...seed })),
    ...options,
  })
  const cwd = folder({ "cvmimg.yaml": stack })
  const run = async (args: readonly string[], more: RunOptions = {}) => {
    const end = await cvmimg(args, { cwd, env: { ...emulator.env, ...more.env } })
    return { ...end, text: (end.stdout + end.stderr).replace(/\s+/g, " ") }
  }
  return { emulator, cwd, run, env: emulator.env }
}

async function exported(run: Awaited<ReturnType<typeof seeded>>["run"], args: readonly string[] = []) {
  const end = await run(["export", ...args, "-o", "json"])
  expect(end, end.text).toMatchObject({ code: 0, stderr: "" })
  const report = JSON.parse(end.stdout)
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true)
  return report
}

/** What a person writes behind each TODO. */
const ANSWERS: Readonly<Record<string, string>> = {
  url: " https://golden-{region}-1250000000.cos.{region}.myqcloud.com/old.qcow2",
  type: " Ubuntu",
  version: ' "22"',
  bootMode: " Legacy BIOS",
  architecture: " x86_64",
  description: " Shorter",
}

function fillIn(path: string): void {
  const text = readFileSync(path, "utf8").replace(
    /^( *)(\w+): # TODO: .*$/gm,
    (_, indent: string, key: string) => {
      expect(ANSWERS[key], key).toBeDefined()
      return `${indent}${key}:${ANSWERS[key]}`
    },
  )
  writeFileSync(path, text)
}

async function actions(run: Awaited<ReturnType<typeof seeded>>["run"]): Promise<string[]> {
  const end = await run(["plan", "-o", "json"])
  expect(end, end.text).toMatchObject({ stderr: "" })
  return JSON.parse(end.stdout).actions.map(
    (a: { action: string; image: string; region: string; reasons: string[] }) =>
      `${a.action} ${a.image} ${a.region}`,
  )
}

const writes = (emulator: Emulator): string[] => emulator.ledger.map((entry) => entry.action)

describe("the story", () => {
  test("export, fill in, plan: only adopt; apply; then an empty plan, and nothing more to export", async () => {
    const { emulator, cwd, run } = await seeded([
      ...REGIONS.map((region) => ({
        region,
        name: "web-1",
        family: "web",
        tags: { app: "web" },
        description: "By hand",
      })),
      { region: "ap-singapore", name: "web-0", family: "web", deprecated: true, license: "BYOL" },
      { region: "ap-singapore", name: "lonely", sharedWith: ["100000000009"] },
      { region: "ap-singapore", name: "public", type: "PUBLIC_IMAGE" },
    ])
    const report = await exported(run)
    expect(report.files).toEqual([
      { file: "images/lonely.yaml", images: 1, extended: false },
      { file: "images/web.yaml", images: 2, extended: false },
    ])
    expect(report.leftOut).toEqual([])
    expect(writes(emulator)).toEqual([])

    // Every TODO is an error that says what to fill in, and there is no other.
    const validation = JSON.parse((await run(["validate", "-o", "json"])).stdout)
    const todo = validation.diagnostics as { code: string; path: string; advice: string; file: string }[]
    expect(new Set(todo.map((d) => d.code))).toEqual(new Set(["todo"]))
    expect(todo.filter((d) => d.file === "images/lonely.yaml").map((d) => d.path)).toEqual(
      ["source.url", "os.type", "os.version", "bootMode"].map((path) => `spec.${path}`),
    )
    const perImage = report.images.flatMap((i: { todo: string[] }) => i.todo)
    expect(todo).toHaveLength(perImage.length)
    for (const { advice } of todo) expect(advice).toMatch(/\S/)

    for (const file of readdirSync(join(cwd, "images"))) fillIn(join(cwd, "images", file))
    expect(await actions(run)).toEqual([
      "adopt lonely ap-singapore",
      "adopt web-0 ap-singapore",
      "adopt web-1 ap-hongkong",
      "adopt web-1 ap-singapore",
    ])
    expect(await run(["apply", "--yes"])).toMatchObject({ code: 0 })
    expect(new Set(writes(emulator))).toEqual(
      new Set(["CreateTag", "ModifyResourceTags", "ModifyImageAttribute"]),
    )
    const web = emulator.world.images(undefined, "ap-hongkong")[0]
    expect(web).toMatchObject({ name: "web-1", family: "web", deprecated: false })
    expect(web?.tags).toMatchObject({ app: "web" })
    expect(web?.description).toMatch(/^By hand \[cvmimg:1 /)
    expect(await run(["plan", "--detailed-exitcode"])).toMatchObject({ code: 0 })
    const again = await exported(run)
    expect(again).toMatchObject({ files: [], images: [] })
    expect(new Set(again.leftOut.map((l: { reason: string }) => l.reason))).toEqual(new Set(["owned"]))
  })

  test("names that no manifest can bear: the newest of a family by its family, others not at all", async () => {
    const { cwd, run } = await seeded([
      { region: "ap-singapore", name: "we!rd*", family: "odd", createdAt: OLD + 60_000 },
      { region: "ap-singapore", name: "older", family: "odd" },
      { region: "ap-singapore", name: "also/we!rd" },
      { region: "ap-singapore", name: `n${"o".repeat(50)}` },
      { region: "ap-singapore", name: "web.prev-img-12345678" },
      { region: "ap-singapore", name: "Twin" },
      { region: "ap-hongkong", name: "twin" },
    ])
    const report = await exported(run)
    expect(report.images.map((i: { image: string }) => i.image)).toEqual(["Twin", "older", "we-rd"])
    expect(report.images[2].notes).toEqual(['no manifest can bear its name in the cloud, "we!rd*"'])
    expect(
      report.leftOut.map((l: { name: string; reason: string }) => `${l.name.slice(0, 21)} ${l.reason}`),
    ).toEqual([
      "also/we!rd bad_name",
      `n${"o".repeat(20)} bad_name`,
      "twin confusable_name",
      "web.prev-img-12345678 bad_name",
    ])
    expect(report.leftOut[0].advice).toContain("also-we-rd")
    for (const file of readdirSync(join(cwd, "images"))) fillIn(join(cwd, "images", file))
    expect(await actions(run)).toEqual([
      "adopt Twin ap-singapore",
      "adopt older ap-singapore",
      "adopt we-rd ap-singapore",
    ])
    expect(await run(["apply", "--yes"])).toMatchObject({ code: 0 })
    expect(await run(["plan", "--detailed-exitcode"])).toMatchObject({ code: 0 })
  })

  test("hostile texts come out inert, and what can be managed round-trips", async () => {
    const nasty = "a \"quoted\" \\ text: # no comment, - no list, & * ! | > % @ ` 'x'"
    const { emulator, cwd, run } = await seeded([
      {
        region: "ap-singapore",
        name: "yes",
        description: nasty,
        tags: { "12": "0x1F", null: "~", "a b": "x: y" },
      },
      { region: "ap-singapore", name: "1.0", description: "\u001b[31mred\u202e\u0007", family: "no" },
      { region: "ap-singapore", name: "braces", description: "in {region} of {nobody}" },
      { region: "ap-singapore", name: "lines", description: "one\nspec: { force: true }\n---\nkind: Stack" },
      { region: "ap-singapore", name: "long", description: "x".repeat(250) },
      { region: "ap-singapore", name: "odd-arch", architecture: "arm" },
      { region: "ap-singapore", name: "system", osName: "CentOS 7.6\n    force: true\u202e" },
    ])
    const report = await exported(run)
    expect(report.leftOut.map((l: { reason: string }) => l.reason)).toEqual(["architecture"])
    for (const file of readdirSync(join(cwd, "images"))) {
      const text = readFileSync(join(cwd, "images", file), "utf8")
      expect(hasHidden(text)).toBe(false)
      expect(text).not.toMatch(/^\s*(force|kind: Stack)/m)
    }
    const validation = JSON.parse((await run(["validate", "-o", "json"])).stdout)
    expect(new Set(validation.diagnostics.map((d: { code: string }) => d.code))).toEqual(new Set(["todo"]))
    for (const file of readdirSync(join(cwd, "images"))) fillIn(join(cwd, "images", file))
    expect(new Set((await actions(run)).map((line) => line.split(" ")[0]))).toEqual(new Set(["adopt"]))
    const planned = JSON.parse((await run(["plan", "-o", "json"])).stdout)
    const changed = planned.actions.flatMap((a: { image: string; changes: { field: string }[] }) =>
      a.changes.map((c) => `${a.image} ${c.field}`),
    )
    // Nothing but our own marks, and the description that had to be shortened.
    expect(changed.filter((c: string) => !/ (provenance|tags\.cvmimg\.\w+)$/.test(c))).toEqual([
      "long description",
    ])
    expect(await run(["apply", "--yes"])).toMatchObject({ code: 0 })
    const described = Object.fromEntries(
      emulator.world.images().map((i) => [i.name, i.description.replace(/ ?\[cvmimg:.*$/, "")]),
    )
    expect(described).toMatchObject({ yes: nasty, "1.0": "\u001b[31mred\u202e\u0007", long: "Shorter" })
    expect(described.lines).toBe("one\nspec: { force: true }\n---\nkind: Stack")
    expect(await run(["plan", "--detailed-exitcode"])).toMatchObject({ code: 0 })
  })
})

describe("files", () => {
  test("one that is there keeps every byte and gets more documents; a foreign one is left alone", async () => {
    const { env } = await seeded([
      { region: "ap-singapore", name: "web-2", family: "web" },
      { region: "ap-singapore", name: "db" },
      { region: "ap-singapore", name: "db-1", family: "DB" },
    ])
    const mine = `# my own comment\n${image("web-1", "family: web   # why\nos: { type: Ubuntu,   version: '22' }")}# the end`
    const crlf = image("db-0", "family: DB\nos: { type: Ubuntu, version: '22' }").replaceAll("\n", "\r\n")
    const foreign = "services: { db: {} }\n"
    const files = { "hand/web.yaml": mine, "hand/db.yaml": crlf, "images/db.yaml": foreign }
    const other = folder({ "cvmimg.yaml": TWO, ...files })
    const end = await cvmimg(["export", other, "-o", "json"], { cwd: other, env })
    expect(end.code, end.stderr).toBe(0)
    expect(JSON.parse(end.stdout).files).toEqual([
      { file: "hand/db.yaml", images: 1, extended: true },
      { file: "hand/web.yaml", images: 1, extended: true },
      { file: "images/db-2.yaml", images: 1, extended: false },
    ])
    const read = (name: string): string => readFileSync(join(other, name), "utf8")
    expect(read("hand/web.yaml").startsWith(`${mine}\n---\n# img-`)).toBe(true)
    expect(read("hand/db.yaml").startsWith(`${crlf}---\r\n# img-`)).toBe(true)
    expect(read("hand/db.yaml").replaceAll("\r\n", "")).not.toContain("\n")
    expect(read("images/db.yaml")).toBe(foreign)
  })

  test("an image that a manifest wants in other regions comes into the same file, and a note says so", async () => {
    const { env } = await seeded([
      { region: "ap-singapore", name: "web" },
      { region: "ap-hongkong", name: "web" },
    ])
    const mine = `# mine\n${image("web", "regions: [ap-singapore]   # here\nlifecycle: { adopt: true }\nos: { type: Ubuntu, version: '22' }")}`
    const other = folder({ "cvmimg.yaml": TWO, "hand/all.yaml": mine })
    const end = await cvmimg(["export", other, "-o", "json"], { cwd: other, env })
    expect(end.code, end.stderr).toBe(0)
    const report = JSON.parse(end.stdout)
    expect(report.files).toEqual([{ file: "hand/all.yaml", images: 1, extended: true }])
    expect(report.images[0].notes).toEqual([expect.stringContaining("add these regions there")])
    const text = readFileSync(join(other, "hand/all.yaml"), "utf8")
    expect(text.startsWith(`${mine}---\n# img-`)).toBe(true)
    expect(text).toContain("# Note: another manifest of this name asks for it in other regions")
    fillIn(join(other, "hand/all.yaml"))
    const run = async (args: readonly string[]) => {
      const ended = await cvmimg(args, { cwd: other, env })
      return { ...ended, text: ended.stdout + ended.stderr }
    }
    expect(await actions(run)).toEqual(["adopt web ap-hongkong", "adopt web ap-singapore"])

    // As the note says: the region added by hand, the new manifest removed.
    writeFileSync(join(other, "hand/all.yaml"), mine.replace("[ap-singapore]", "[ap-singapore, ap-hongkong]"))
    expect(await actions(run)).toEqual(["adopt web ap-hongkong", "adopt web ap-singapore"])
  })

  test("what an earlier export left to be filled in counts as there", async () => {
    const { cwd, run } = await seeded([{ region: "ap-singapore", name: "web" }])
    await exported(run)
    const before = readFileSync(join(cwd, "images/web.yaml"), "utf8")
    const again = await exported(run)
    expect(again).toMatchObject({ files: [], leftOut: [{ name: "web", reason: "covered" }] })
    expect(readFileSync(join(cwd, "images/web.yaml"), "utf8")).toBe(before)
  })

  test("--dry-run writes nothing, -o yaml shows the documents, a directory of the stack takes the files", async () => {
    const { cwd, run, env } = await seeded([
      { region: "ap-singapore", name: "web" },
      { region: "ap-singapore", name: "cvmimg" },
    ])
    const end = await run(["export", "--dry-run", "-o", "yaml"])
    expect(end).toMatchObject({ code: 0, stderr: "" })
    expect(existsSync(join(cwd, "images"))).toBe(false)
    const both = `${STACK}${end.stdout}`
    const checked = await cvmimg(["validate", "-", "-o", "json"], { stdin: both })
    const codes = JSON.parse(checked.stdout).diagnostics.map((d: { code: string }) => d.code)
    expect(new Set(codes)).toEqual(new Set(["todo"]))
    expect((await run(["export", "--dry-run"])).stdout).toContain(
      "2 manifests for 2 images would be written to 2 files.",
    )
    const sub = folder({ "cvmimg.yaml": TWO, "golden/keep.txt": "" })
    const there = await cvmimg(["export", "golden"], { cwd: sub, env })
    expect(there.code, there.stderr).toBe(0)
    expect(readdirSync(join(sub, "golden")).sort()).toEqual(["cvmimg-images.yaml", "keep.txt", "web.yaml"])
  })

  test("nothing is written behind a link that leads out of the stack", async () => {
    const { cwd, run } = await seeded([{ region: "ap-singapore", name: "web" }])
    const outside = folder()
    symlinkSync(outside, join(cwd, "images"))
    const end = await run(["export"])
    expect(end.code).toBe(1)
    expect(end.text).toContain("leads out of the stack")
    expect(readdirSync(outside)).toEqual([])
  })
})

describe("defaults of the stack", () => {
  const changesOf = async (run: Awaited<ReturnType<typeof seeded>>["run"]): Promise<string[]> => {
    const end = await run(["plan", "--no-checks", "-o", "json"])
    expect(end, end.text).toMatchObject({ stderr: "" })
    return JSON.parse(end.stdout)
      .actions.flatMap((a: { action: string; image: string; changes: { field: string }[] }) =>
        a.changes.map((c) => `${a.action} ${a.image} ${c.field}`),
      )
      .filter((line: string) => !/ (provenance|tags\.cvmimg\.\w+)$/.test(line))
  }

  test("do not move an image that differs from them; shares are told, since export does not read them", async () => {
    const stack = TWO.replace(
      /defaults: .*/,
      `defaults:
    regions: [ap-singapore, ap-hongkong]
    family: stacks
    description: The stack's
    licenseType: BYOL
    sharedWith: ["100000000009"]
    lifecycle: { protect: true, onChange: refuse }`,
    )
    expect(stack).not.toBe(TWO)
    const { cwd, run } = await seeded(
      [
        { region: "ap-singapore", name: "bare", license: "TencentCloud", sharedWith: ["100000000008"] },
        { region: "ap-singapore", name: "braces", description: "in {region}", license: "TencentCloud" },
        { region: "ap-singapore", name: "web", family: "web", description: "Mine", license: "TencentCloud" },
      ],
      stack,
    )
    const report = await exported(run)
    for (const { notes } of report.images) expect(notes.join("\n")).toContain("default sharedWith")
    expect(report.images[1].notes.join("\n")).toContain("and the stack's default takes its place")
    for (const file of readdirSync(join(cwd, "images"))) fillIn(join(cwd, "images", file))
    expect(await changesOf(run)).toEqual([
      "adopt bare sharedWith",
      "adopt braces description",
      "adopt braces sharedWith",
      "adopt web sharedWith",
    ])
    expect(await run(["apply", "--yes", "--no-checks"])).toMatchObject({ code: 0 })
    expect(await run(["plan", "--no-checks", "--detailed-exitcode"])).toMatchObject({ code: 0 })
  })

  test("give no data disks to an image that has none", async () => {
    const stack = TWO.replace(
      /spec:\n.*/,
      `spec:
  site: cn
  defaults:
    regions: [ap-guangzhou]
    dataDisks: [{ url: "https://golden-{region}-1250000000.cos.{region}.myqcloud.com/d.qcow2" }]`,
    )
    const { cwd, run } = await seeded([{ region: "ap-guangzhou", name: "web" }], stack, { site: "cn" })
    await exported(run)
    expect(readFileSync(join(cwd, "images/web.yaml"), "utf8")).toContain("\n  dataDisks: []\n")
    fillIn(join(cwd, "images/web.yaml"))
    expect(await actions(run)).toEqual(["adopt web ap-guangzhou"])
  })
})

describe("what is looked at", () => {
  test("selections, and regions that the stack does not name", async () => {
    const { run } = await seeded([
      { region: "ap-singapore", name: "web-1", family: "web" },
      { region: "ap-singapore", name: "web-2", family: "site" },
      { region: "ap-hongkong", name: "web-1", family: "web" },
      { region: "eu-frankfurt", name: "far" },
    ])
    const names = async (...args: string[]): Promise<string[]> =>
      (await exported(run, ["--dry-run", ...args])).images.map((i: { image: string }) => i.image)
    expect(await names()).toEqual(["web-1", "web-2"])
    expect(await names("--family", "web")).toEqual(["web-1"])
    expect(await names("--name", "*-?", "--family", "site")).toEqual(["web-2"])
    expect(await names("--name", "far", "--region", "eu-frankfurt")).toEqual(["far"])
    expect(await names("--name", "[wW]eb.*")).toEqual([])
    expect(await run(["export", "--account", "nobody"])).toMatchObject({ code: 64 })
    expect(await run(["export", "--region", "Singapore"])).toMatchObject({ code: 64 })
  })

  test("costs one listing a region; one that cannot be read is told, and the others are exported", async () => {
    const { emulator, run } = await seeded([{ region: "ap-singapore", name: "web" }])
    await exported(run, ["--dry-run"])
    expect(emulator.requests.map((r) => r.action)).toEqual(["DescribeImages", "DescribeImages"])
    emulator.fault("DescribeImages:region=ap-hongkong:error=UnauthorizedOperation")
    const end = await run(["export"])
    expect(end.code).toBe(1)
    expect(end.stdout).toContain("images/web.yaml")
    expect(end.text).toContain("ap-hongkong could not be read: UnauthorizedOperation")
  })

  test("several accounts: alike placements are one manifest, others have their own", async () => {
    const other = { uin: "100000000002", secretId: "AKIDotherotherother", secretKey: KEYS.secretKey }
    const stack = TWO.replace("spec:\n", "spec:\n  accounts: { one: {}, two: { profile: two } }\n")
    const { emulator, run } = await seeded(
      [
        { region: "ap-singapore", name: "web" },
        { region: "ap-hongkong", name: "web" },
        { region: "ap-singapore", name: "web", account: other.uin },
        { region: "ap-hongkong", name: "web", account: other.uin },
        { region: "ap-singapore", name: "db" },
        { region: "ap-hongkong", name: "db", account: other.uin },
      ],
      stack,
      { accounts: [{ uin: "100000000001", ...KEYS }, other] },
    )
    const HOME = folder({
      ".tencentcloud/credentials": `[two]\nsecret_id = ${other.secretId}\nsecret_key = ${other.secretKey}\n`,
    })
    const end = await run(["export", "-o", "yaml"], { env: { HOME } })
    expect(end.code, end.text).toBe(0)
    expect(end.stdout.match(/^ {2}(accounts|regions): .*$/gm)).toEqual([
      "  accounts: [one]",
      "  regions: [ap-singapore]",
      "  accounts: [two]",
      "  regions: [ap-hongkong]",
      "  accounts: [one, two]",
      "  regions: [ap-hongkong, ap-singapore]",
    ])
    expect(writes(emulator)).toEqual([])
  })

  test("marks of other stacks, failed imports and namesakes are told, with what to do", async () => {
    const { run } = await seeded([
      {
        region: "ap-singapore",
        name: "theirs",
        tags: { "cvmimg.stack": "00000000", "cvmimg.image": "theirs" },
      },
      { region: "ap-singapore", name: "failed", state: "IMPORTFAILED" },
      { region: "ap-singapore", name: "twice" },
      { region: "ap-singapore", name: "twice" },
    ])
    const end = await run(["export"])
    expect(end.code).toBe(0)
    for (const words of [
      "mark of another stack",
      "not in the state NORMAL",
      "two images of the name",
      "rename one",
    ]) {
      expect(end.text).toContain(words)
    }
    expect(end.text).toContain("Nothing to export.")
  })

  test("manifests that are wrong, and no stack at all: said, and nothing is asked", async () => {
    const { emulator, cwd, run } = await seeded([])
    writeFileSync(join(cwd, "web.yaml"), image("web", "boot: UEFI"))
    expect(await run(["export"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("unknown_key"),
    })
    const end = await cvmimg(["export"], { env: emulator.env })
    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining("no_stack") })
    expect(emulator.requests).toEqual([])
  })
})
