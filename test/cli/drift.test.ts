/** Drift with the real binary over real HTTP: what people do to images behind our back, and what runs remember. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { beforeEach, describe, expect, test } from "vitest"
import { qcow2Image, rawImage } from "../../scripts/sample-images.mjs"
import { choicesOf } from "../../src/cli/choices.ts"
import type { Io } from "../../src/cli/io.ts"
import { planDesired } from "../../src/cli/world.ts"
import { systemClock } from "../../src/cloud/clock.ts"
import type { CloudWriter } from "../../src/cloud/port.ts"
import type { Emulator } from "../../src/emulator/index.ts"
import { loadStack } from "../../src/manifest/index.ts"
import { objectsDirectory, put } from "../emulator/files.ts"
import { cvmimg, type Ended, folder, image, KEYS, STACK, world } from "./binary.ts"

const BUCKET = "golden-ap-singapore-1250000000"
const validReport = new Ajv2020({
  allErrors: true,
  allowUnionTypes: true,
  formats: { "date-time": true },
}).compile(JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/drift.schema.json"), "utf8")))

const WEB = `family: web
description: the web
deprecated: false
tags: { team: platform }
sharedWith: []
`

interface Row {
  readonly image: string
  readonly region: string
  readonly verdict: string
  readonly reasons: readonly string[]
  readonly changes: readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[]
  readonly imageId?: string
  readonly ignored?: readonly unknown[]
  readonly since?: string
}

interface Report {
  readonly placements: readonly Row[]
  readonly summary: Readonly<Record<string, number>>
  readonly notices: readonly { readonly code: string; readonly manifest?: { readonly line: number } }[]
  readonly news?: Readonly<Record<"new" | "healed" | "unchanged", readonly Row[]>>
}

let emulator: Emulator
let objects = ""
let dir = ""

beforeEach(async () => {
  objects = objectsDirectory({ [`${BUCKET}/web.qcow2`]: qcow2Image(rawImage("web")) })
  emulator = await world({ objects, behaviour: { tagDelayMs: 0 } })
  dir = folder({ "cvmimg.yaml": STACK, "web.yaml": image("web", WEB) })
})

const run = (args: readonly string[]): Promise<Ended> => cvmimg(args, { cwd: dir, env: emulator.env })

async function applied(): Promise<string> {
  const end = await run(["apply", "--yes"])
  expect(end.code, end.stdout + end.stderr).toBe(0)
  return emulator.world.images().find((i) => i.name === "web")?.id ?? ""
}

/** One look; whatever it says, it writes nothing to the cloud and holds to the schema. */
async function look(...args: readonly string[]): Promise<{ code: number | null; row: Row; report: Report }> {
  const before = emulator.ledger.length
  const end = await run(["drift", "-o", "json", ...args])
  expect(emulator.ledger.length).toBe(before)
  expect(end.stderr).toBe("")
  const report = JSON.parse(end.stdout) as Report
  expect(validReport(report), JSON.stringify(validReport.errors)).toBe(true)
  const row = report.placements.find((r) => r.image === "web")
  if (row === undefined) throw new Error(end.stdout)
  return { code: end.code, row, report }
}

const fields = ({ changes }: Row): readonly string[] => changes.map((c) => c.field)

/** Files of the stack, edited. */
function edit(name: string, from: string | RegExp, to: string): void {
  const path = join(dir, name)
  const text = readFileSync(path, "utf8")
  expect(text).toMatch(from)
  writeFileSync(path, text.replace(from, to))
}

describe("who moved", () => {
  test("nobody: in sync, with exit code 0; before the first apply it is the manifest", async () => {
    const fresh = await look()
    expect(fresh).toMatchObject({ code: 0, row: { verdict: "pending" } })
    expect((await look("--fail-on", "conflict,pending")).code).toBe(2)
    const id = await applied()
    expect(await look()).toMatchObject({ code: 0, row: { verdict: "in_sync", imageId: id, changes: [] } })
  })

  test.each([
    ["renamed", { name: "web-old" }, "name", "web-old", "web"],
    ["deprecated", { deprecated: true }, "deprecated", true, false],
    ["taken out of its family", { family: "" }, "family", "", "web"],
    ["moved to another family", { family: "api" }, "family", "api", "web"],
    ["shared", { sharedWith: ["200000000009"] }, "sharedWith", ["200000000009"], []],
  ])("the cloud: an image that was %s", async (_, change, field, before, after) => {
    const id = await applied()
    emulator.world.changeImage(id, change)
    const { code, row } = await look()
    expect(code).toBe(2)
    expect(row).toMatchObject({ verdict: "drifted", imageId: id })
    expect(row.reasons).toContain("cloud_moved")
    expect(row.reasons).not.toContain("manifest_moved")
    expect(row.changes).toContainEqual({ field, before, after, impact: "in_place" })
  })

  test("the cloud: tags and description, by hand", async () => {
    const id = await applied()
    const was = emulator.world.image(id)
    emulator.world.changeImage(id, {
      tags: { ...was?.tags, team: "sales" },
      description: was?.description.replace("the web", "my web") ?? "",
    })
    const { code, row } = await look()
    expect(code).toBe(2)
    expect(row.verdict).toBe("drifted")
    expect(fields(row)).toEqual(["description", "tags.team"])
  })

  test("the manifest: pending, and exit code 0; both at once are drifted, and say so", async () => {
    const id = await applied()
    edit("web.yaml", "team: platform", "team: infra, cost: web")
    const pending = await look()
    expect(pending).toMatchObject({ code: 0, row: { verdict: "pending" } })
    expect(pending.row.reasons).toContain("manifest_moved")
    emulator.world.changeImage(id, { deprecated: true })
    const both = await look()
    expect(both).toMatchObject({ code: 2, row: { verdict: "drifted" } })
    expect(both.row.reasons).toEqual(expect.arrayContaining(["cloud_moved", "manifest_moved"]))
  })

  test("the manifest asks for another image: pending, and still drifted if somebody touched the old one", async () => {
    const id = await applied()
    edit("web.yaml", "family: web", "bootMode: UEFI\n  family: web")
    const pending = await look()
    expect(pending).toMatchObject({ code: 0, row: { verdict: "pending" } })
    expect(pending.row.reasons).toContain("spec_changed:bootMode")
    emulator.world.changeImage(id, { deprecated: true })
    expect((await look()).row.verdict).toBe("drifted")
  })

  test("the object under the URL was replaced: drifted; without a look at it nobody can tell", async () => {
    await applied()
    put(objects, `${BUCKET}/web.qcow2`, qcow2Image(rawImage("another")))
    const { code, row } = await look()
    expect(code).toBe(2)
    expect(row).toMatchObject({ verdict: "drifted", reasons: ["cloud_moved", "source_changed"] })
    expect(fields(row)).toEqual(["source"])
    expect(await look("--no-checks")).toMatchObject({ code: 0, row: { verdict: "in_sync" } })
  })

  test("a failed import is failed; a stranger's image is unmanaged; an import is under way", async () => {
    put(objects, `${BUCKET}/bad.qcow2`, Buffer.alloc(2048))
    writeFileSync(join(dir, "bad.yaml"), image("bad"))
    writeFileSync(join(dir, "slow.yaml"), image("slow"))
    emulator.world.addImage({ region: "ap-singapore", name: "web" })
    await run(["apply", "--yes", "--no-checks", "--image", "bad"])
    put(objects, `${BUCKET}/slow.qcow2`, qcow2Image(rawImage("slow")))
    emulator.setBehaviour({ importMs: 600_000 })
    await run(["apply", "--yes", "--no-wait", "--image", "slow"])
    const { code, report } = await look()
    expect(code).toBe(2)
    expect(report.placements.map((r) => [r.image, r.verdict])).toEqual([
      ["bad", "failed"],
      ["slow", "in_progress"],
      ["web", "unmanaged"],
    ])
  })

  test("an image whose manifest is gone is an orphan; marks that disagree are a conflict", async () => {
    const id = await applied()
    edit("web.yaml", "name: web", "name: api")
    const { stdout, code } = await run(["drift", "-o", "json", "--fail-on", "orphan"])
    expect(code).toBe(2)
    const orphan = (JSON.parse(stdout) as Report).placements.find((r) => r.verdict === "orphan")
    expect(orphan).toMatchObject({ image: "web", imageId: id })
    edit("web.yaml", "name: api", "name: web")
    emulator.world.changeImage(id, { tags: { "cvmimg.stack": "ffffffff", "cvmimg.image": "web" } })
    expect((await look()).row).toMatchObject({ verdict: "conflict" })
  })

  test("a region that cannot be read is unknown, and the exit code is 1 whatever else was found", async () => {
    await applied()
    emulator.fault("DescribeImages:region=ap-singapore:error=UnauthorizedOperation")
    const { code, row } = await look()
    expect(code).toBe(1)
    expect(row).toMatchObject({ verdict: "unknown", failure: { blame: "permission" } })
  })
})

describe("what runs remember", () => {
  test("a deleted image: the journal knows it was there, and so does the last report", async () => {
    const id = await applied()
    expect((await look("--state", "state.json")).code).toBe(0)
    emulator.world.removeImage(id)
    const byJournal = await look()
    expect(byJournal).toMatchObject({ code: 2, row: { verdict: "drifted" } })
    expect(byJournal.row.reasons).toContain(`gone:${id}`)
    const elsewhere = folder({
      "cvmimg.yaml": STACK,
      "web.yaml": image("web", WEB),
      "state.json": readFileSync(join(dir, "state.json"), "utf8"),
    })
    dir = elsewhere
    expect((await look()).row.verdict).toBe("pending")
    expect((await look("--state", "state.json")).row).toMatchObject({
      verdict: "drifted",
      reasons: expect.arrayContaining([`gone:${id}`]),
    })
    // It is still gone when it is looked at again, and since the same time.
    const again = await look("--state", "state.json")
    expect(again.row.verdict).toBe("drifted")
    expect(again.report.news?.unchanged).toHaveLength(1)
  })

  test("an image that a run of ours deleted is not missed when its manifest comes back", async () => {
    // Of no family: the newest of one would stay.
    edit("web.yaml", /\n {2}family: web(?=\n)/, "")
    const id = await applied()
    expect((await look("--state", "drift.json")).row.verdict).toBe("in_sync")
    const manifest = readFileSync(join(dir, "web.yaml"), "utf8")
    // In between: the manifest goes, and its orphan with it.
    writeFileSync(join(dir, "web.yaml"), "")
    writeFileSync(join(dir, "cvmimg.yaml"), `${STACK}  prune: { orphans: delete }\n`)
    const end = await run(["apply", "--yes", "--prune=orphans", "--allow-deletes", "1"])
    expect(end.code, end.stdout + end.stderr).toBe(0)
    expect(emulator.world.images().map((i) => i.id)).not.toContain(id)
    writeFileSync(join(dir, "web.yaml"), manifest)
    const { code, row } = await look("--state", "drift.json")
    expect(row).toMatchObject({ verdict: "pending", reasons: ["manifest_moved", "missing"] })
    expect(code).toBe(0)
  })

  test("marks that somebody took off, where an image of ours was seen", async () => {
    const id = await applied()
    await look("--state", "state.json")
    emulator.world.changeImage(id, { description: "mine now", tags: {} })
    const { code, row } = await look("--state", "state.json")
    expect(code).toBe(2)
    expect(row).toMatchObject({ verdict: "drifted", reasons: expect.arrayContaining([`unmarked:${id}`]) })
  })

  test("new, unchanged, another one, healed", async () => {
    const id = await applied()
    const state = ["--state", "state.json"]
    const told = async (): Promise<{ row: Row; counts: number[] }> => {
      const { row, report } = await look(...state)
      const { new: fresh = [], healed = [], unchanged = [] } = report.news ?? {}
      return { row, counts: [fresh.length, healed.length, unchanged.length] }
    }
    expect((await told()).counts).toEqual([0, 0, 0])
    emulator.world.changeImage(id, { family: "api" })
    const first = await told()
    expect(first.counts).toEqual([1, 0, 0])
    const second = await told()
    expect(second.counts).toEqual([0, 0, 1])
    expect(second.row.since).toBe(first.row.since)
    emulator.world.changeImage(id, { deprecated: true })
    expect((await told()).counts).toEqual([1, 0, 0])
    // What is not looked at is neither new nor healed.
    emulator.fault("DescribeImages:region=ap-singapore:error=UnauthorizedOperation")
    expect((await told()).counts).toEqual([0, 0, 1])
    emulator.clearFaults()
    emulator.world.changeImage(id, { family: "web", deprecated: false })
    const healed = await told()
    expect(healed.counts).toEqual([0, 1, 0])
    expect(healed.row).toMatchObject({ verdict: "in_sync" })
    expect((await told()).counts).toEqual([0, 0, 0])
  })

  test("a look at one image forgets nothing of the others", async () => {
    put(objects, `${BUCKET}/api.qcow2`, qcow2Image(rawImage("api")))
    writeFileSync(join(dir, "api.yaml"), image("api"))
    const id = await applied()
    await look("--state", "state.json")
    emulator.world.changeImage(id, { family: "api" })
    await look("--state", "state.json")
    const narrow = await run(["drift", "--image", "api", "--state", "state.json"])
    expect(narrow.stdout).toMatch(/1 placement not considered\./)
    expect((await look("--state", "state.json")).report.news?.unchanged).toHaveLength(1)
  })

  test.each([
    ["damaged", (text: string) => text.replace('"seen"', '"Seen"'), /changed or damaged/],
    ["cut short", (text: string) => text.slice(0, -20), /not written to its end/],
    ["of another kind", () => '{"kind":"ApprovalSet"}\n', /no state of drift/],
    [
      "of a later release",
      (text: string) => text.replace('"formatVersion": 1', '"formatVersion": 2'),
      /later release/,
    ],
  ])("a state that is %s is an error, and stays as it is", async (_, spoil, message) => {
    await look("--state", "state.json")
    const path = join(dir, "state.json")
    const spoilt = spoil(readFileSync(path, "utf8"))
    writeFileSync(path, spoilt)
    const end = await run(["drift", "--state", "state.json"])
    expect(end.code).toBe(1)
    expect(end.stdout).toBe("")
    expect(end.stderr).toMatch(/^cvmimg: state\.json cannot be used: /)
    expect(end.stderr).toMatch(message)
    expect(readFileSync(path, "utf8")).toBe(spoilt)
  })

  test("a state of another stack is an error; one that cannot be written, too, after the report", async () => {
    await look("--state", "state.json")
    edit("cvmimg.yaml", "name: golden", "name: silver")
    const foreign = await run(["drift", "--state", "state.json"])
    expect(foreign).toMatchObject({ code: 1, stdout: "" })
    expect(foreign.stderr).toContain("it is of another stack, golden")
    const nowhere = await run(["drift", "--state", "nowhere/state.json"])
    expect(nowhere.code).toBe(1)
    expect(nowhere.stdout).toMatch(/^Stack silver/)
    expect(nowhere.stderr).toMatch(/^cvmimg: nowhere\/state\.json cannot be written: /)
  })
})

describe("rules", () => {
  const rules = (...lines: readonly string[]): void => {
    writeFileSync(
      join(dir, "cvmimg.yaml"),
      `${STACK}  drift:\n    ignore:\n${lines.map((line) => `      - { ${line} }\n`).join("")}`,
    )
  }

  test("an accepted difference is shown with its reason, and counts for nothing", async () => {
    const id = await applied()
    emulator.world.changeImage(id, { tags: { ...emulator.world.image(id)?.tags, team: "sales" } })
    rules('image: "w*", field: "tags.*", reason: sales pays, until: "2999-12-31"')
    const { code, row, report } = await look()
    expect(code).toBe(0)
    expect(row).toMatchObject({
      verdict: "in_sync",
      changes: [],
      ignored: [
        {
          change: { field: "tags.team", before: "sales", after: "platform" },
          verdict: "drifted",
          reason: "sales pays",
          until: "2999-12-31",
          rule: { file: "cvmimg.yaml", line: 8 },
        },
      ],
    })
    expect(report.notices).toEqual([])
    const text = await run(["drift"])
    expect(text.stdout).toContain("sales pays (until 2999-12-31)")
    expect(text.stdout).toMatch(
      /Drift: 0 drifted, 0 failed, 0 pending\. 1 in sync\. 1 ignored\. 0 notices\.\n$/,
    )
    // The rest of what was done is not accepted with it.
    emulator.world.changeImage(id, { family: "api" })
    expect(await look()).toMatchObject({ code: 2, row: { verdict: "drifted" } })
  })

  test("a rule that is over, and one for nothing, are said with their place", async () => {
    const id = await applied()
    emulator.world.changeImage(id, { deprecated: true })
    rules('reason: until the launch, until: "2020-01-31"', "image: api, reason: nothing there")
    const { code, report } = await look()
    expect(code).toBe(2)
    expect(report.notices.map((n) => [n.code, n.manifest?.line])).toEqual([
      ["ignore_expired", 8],
      ["ignore_unused", 9],
    ])
  })

  test("a rule without a field accepts whatever it is", async () => {
    const id = await applied()
    emulator.world.removeImage(id)
    rules("region: ap-singapore, account: default, reason: being moved")
    const { code, row } = await look()
    expect(code).toBe(0)
    expect(row).toMatchObject({
      verdict: "in_sync",
      ignored: [{ verdict: "drifted", reason: "being moved" }],
    })
  })
})

test("the client of drift has no writing side; one that is forced on it is refused before it leaves", async () => {
  const id = await applied()
  const output = { write: () => {}, isTerminal: false, width: 80, height: 24, color: false }
  const io: Io = {
    stdout: output,
    stderr: output,
    stdin: process.stdin,
    env: {
      ...emulator.env,
      TENCENTCLOUD_SECRET_ID: KEYS.secretId,
      TENCENTCLOUD_SECRET_KEY: KEYS.secretKey,
      HOME: dir,
    },
    cwd: dir,
    clock: systemClock,
    signal: new AbortController().signal,
    interrupted: () => undefined,
  }
  const { desired } = await loadStack([dir], { cwd: dir })
  if (desired === undefined) throw new Error("no stack")
  const planned = await planDesired(io, desired, { choices: choicesOf({}), checks: false, rehearse: false })
  emulator.clearLogs()
  const scope = { account: "default", region: "ap-singapore" }
  const forced = planned.cloud as unknown as CloudWriter
  for (const call of [
    forced.modifyImage(scope, id, { name: "x" }),
    forced.deleteImage(scope, id, { snapshots: true }),
    forced.ensureTag("default", "a", "b"),
    forced.modifyTags(scope, id, { set: { a: "b" }, remove: [] }),
    forced.modifyShares(scope, id, { add: ["200000000009"], remove: [] }),
  ]) {
    await expect(call).rejects.toMatchObject({ failure: { code: "ClientError.ReadOnly" } })
  }
  planned.cloud.close()
  expect(emulator.requests).toEqual([])
  expect(emulator.world.image(id)?.name).toBe("web")
})

describe("the command line", () => {
  test.each([
    [["--fail-on", "drifted,sometimes"], /--fail-on takes drifted, failed, conflict/],
    [["--image", "webb"], /no image 'webb' in the stack/],
    [["-o", "yaml"], /unknown output format 'yaml'/],
  ])("%j is wrong usage", async (args, message) => {
    const end = await run(["drift", ...args])
    expect(end.code).toBe(64)
    expect(end.stderr).toMatch(message)
  })

  test("manifests that are not valid: exit code 1, and nothing is asked", async () => {
    edit("web.yaml", "kind: Image", "kind: Imago")
    const end = await run(["drift"])
    expect(end).toMatchObject({ code: 1, stdout: "" })
    expect(emulator.requests).toEqual([])
  })

  test("every format at once, all of one report", async () => {
    const id = await applied()
    emulator.world.changeImage(id, { family: "api" })
    const formats = ["json", "markdown", "html", "junit", "sarif", "github"]
    const end = await run(["drift", ...formats.flatMap((f) => ["-o", `${f}=out.${f}`])])
    expect(end.code).toBe(2)
    expect(end.stdout).toMatch(/^ {2}~ ap-singapore {2}drifted {2}img-\w{8} {2}not as it was applied last; /m)
    for (const format of formats) expect(readFileSync(join(dir, `out.${format}`), "utf8")).toContain("web")
    expect(readFileSync(join(dir, "out.sarif"), "utf8")).toContain('"uri": "web.yaml"')
    expect(readFileSync(join(dir, "out.github"), "utf8")).toMatch(/^::error file=web\.yaml,line=3,/)
  })
})
