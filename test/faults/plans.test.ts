// Between a plan and its apply, and names that could be taken for one another. Rows 40-44, 57, 58.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { qcow2Image, rawImage } from "../../scripts/sample-images.mjs"
import { crc64 } from "../../src/emulator/crc64.ts"
import type { ApprovalSet } from "../../src/model/approval.ts"
import { sealApprovalSet } from "../../src/plan/index.ts"
import { image, SINGAPORE, scene, stack } from "./scene.ts"

describe("a saved plan", () => {
  test("cut at any byte, or with any byte changed, is refused without a call", async () => {
    const s = await scene({ manifests: [stack(), image("web")] })
    await s.plan("--out", "plan.json")
    const file = join(s.directory, "plan.json")
    const whole = JSON.stringify(JSON.parse(readFileSync(file, "utf8")))
    s.emulator.clearLogs()
    // Every byte is the matter of a test of the parser; here so many go the whole way.
    const step = Math.ceil(whole.length / 150)
    for (let at = 0; at < whole.length; at += step) {
      const other = whole[at] === "7" ? "8" : "7"
      for (const text of [whole.slice(0, at), whole.slice(0, at) + other + whole.slice(at + 1)]) {
        writeFileSync(file, text)
        const { code, stderr } = await s.run(["apply", "--yes", "--plan", "plan.json"])
        expect({ at, code }).toEqual({ at, code: 1 })
        expect(stderr).toMatch(/^cvmimg: plan.json cannot be /)
      }
    }
    expect(s.emulator.requests).toEqual([])
    writeFileSync(file, whole)
    expect((await s.apply("--plan", "plan.json")).code).toBe(0)
    await s.settled()
  })

  test("forged in any field of an action, and sealed again, never does more than the manifests ask for", async () => {
    const s = await scene({
      manifests: [stack(), image("web"), image("api", "description: New")],
      images: [{ region: SINGAPORE, name: "stranger" }],
    })
    await s.plan("--out", "plan.json")
    const file = join(s.directory, "plan.json")
    const honest = JSON.parse(readFileSync(file, "utf8")) as ApprovalSet
    const stranger = s.emulator.world.images()[0]
    const forgeries: Record<string, unknown>[] = [
      { image: "stranger" },
      { region: "eu-frankfurt" },
      { account: "other" },
      { action: "delete", imageId: stranger?.id, name: "stranger" },
      { action: "update", imageId: stranger?.id, update: { attributes: { name: "web" } } },
      { action: "keep" },
      { digest: "0".repeat(64) },
      { request: { name: "evil", url: "https://evil-1250000000.cos.ap-singapore.myqcloud.com/x.qcow2" } },
      { afterwards: { shares: { add: ["100000000099"], remove: [] } } },
      { checks: [], notices: [], reasons: [] },
    ]
    for (const forged of forgeries) {
      const actions = honest.plan.actions.map((a, i) => (i === 0 ? { ...a, ...forged } : a))
      const { checksum: _, ...parts } = honest
      const set = sealApprovalSet({ ...parts, plan: { ...honest.plan, actions: actions as never } })
      writeFileSync(file, JSON.stringify(set))
      await s.run(["apply", "--yes", "--plan", "plan.json"])
    }
    // What was sent is what the manifests ask for, once each, to the letter.
    expect(s.writes().filter((line) => line !== `ImportImage ${SINGAPORE}`)).toEqual([])
    for (const entry of s.emulator.ledger.filter((e) => e.action === "ImportImage")) {
      const name = String(entry.parameters.ImageName)
      expect(["web", "api"]).toContain(name)
      expect(entry.parameters.ImageUrl).toBe(
        `https://golden-${SINGAPORE}-1250000000.cos.${SINGAPORE}.myqcloud.com/${name}.qcow2`,
      )
    }
    expect(s.emulator.world.image(stranger?.id ?? "")).toEqual(stranger)
    expect(s.emulator.world.images().flatMap((i) => i.shares)).toEqual([])
    await s.apply()
    expect(new Set(s.imports()).size).toBe(s.imports().length)
    await s.settled()
  })

  test("the manifests and the cloud changed: the same is done, the rest is stale, not approved, and shown", async () => {
    const s = await scene({ manifests: [stack(), image("same"), image("taken"), image("changed")] })
    await s.plan("--out", "plan.json")
    s.emulator.world.addImage({ region: SINGAPORE, name: "taken" })
    s.manifests(stack(), image("same"), image("taken"), image("changed", "description: New"), image("new"))
    const { code, rows, stdout, stderr } = await s.apply("--plan", "plan.json")
    expect(rows).toEqual([
      "import changed ap-singapore: stale",
      "import new ap-singapore: not_approved",
      "import same ap-singapore: done",
      "import taken ap-singapore: stale",
    ])
    expect(code).toBe(5)
    expect(stdout + stderr).toMatch(/description/)
    expect(s.imports()).toEqual(["same ap-singapore"])
  })
})

describe("the object changes between plan and apply, under the same URL", () => {
  const bucket = "golden-ap-singapore-1250000000"
  const objects = (): string => {
    const directory = join(tmpdir(), `cvmimg-objects-${process.pid}-${Math.random().toString(36).slice(2)}`)
    mkdirSync(join(directory, bucket), { recursive: true })
    return directory
  }
  const before = qcow2Image(rawImage("before"))
  const crcOf = (bytes: Buffer): string => {
    const sum = crc64()
    sum.update(bytes)
    return sum.decimal()
  }
  const after = qcow2Image(rawImage("after, and another length"))

  test("pinned in the manifest: refused before anything is sent", async () => {
    const directory = objects()
    writeFileSync(join(directory, bucket, "web.qcow2"), before)
    const s = await scene({
      manifests: [
        stack(),
        image("web").replace(/(?<=url.*)(?= }$)/m, `, crc64: ${JSON.stringify(crcOf(before))}`),
      ],
      objects: directory,
    })
    const saved = await s.plan("--out", "plan.json")
    expect(saved.stderr).toBe("")
    writeFileSync(join(directory, bucket, "web.qcow2"), after)
    const { code, stdout, stderr } = await s.apply("--plan", "plan.json")
    expect({ code, told: /checksum|another|differs/i.test(stdout + stderr) }).toEqual({ code: 1, told: true })
    expect(s.emulator.ledger).toEqual([])
  })

  const saved = async (...args: readonly string[]) => {
    const directory = objects()
    const file = join(directory, bucket, "web.qcow2")
    const put = (bytes: Buffer): void => writeFileSync(file, bytes)
    put(before)
    writeFileSync(join(directory, bucket, "api.qcow2"), before)
    const s = await scene({ manifests: [stack(), image("web"), image("api")], objects: directory })
    const plan = await s.plan("--out", "plan.json", ...args)
    return { s, put, gone: () => rmSync(file), plan }
  }

  test("not pinned: what was seen is part of what was approved, or it is at least told", async () => {
    const { s, put, plan } = await saved()
    expect(plan.plan.actions.flatMap((a) => a.notices)).toEqual([])
    put(after)
    const { code, rows, results, stdout, stderr } = await s.apply("--plan", "plan.json")
    expect(rows).toEqual(["import api ap-singapore: done", "import web ap-singapore: stale"])
    expect(code).toBe(5)
    expect(results[1]).toMatchObject({
      difference: {
        before: { action: "import" },
        after: { action: "import" },
        changes: [],
        sources: [{ before: { crc64: crcOf(before) }, after: { crc64: crcOf(after) } }],
      },
    })
    const told = stdout + stderr
    expect(told).toContain(`object https://${bucket}.cos.ap-singapore.myqcloud.com/web.qcow2`)
    expect(told).toMatch(new RegExp(`- object .*${crcOf(before)}.*\\n.*\\+ object .*${crcOf(after)}`))
    expect(s.imports()).toEqual(["api ap-singapore"])
    // Planned again, it is what was reviewed.
    await s.plan("--out", "plan.json")
    expect((await s.apply("--plan", "plan.json")).rows).toEqual(["import web ap-singapore: done"])
    await s.settled()
  })

  test("not pinned, and nothing else was approved: 4, and nothing is sent, whatever --no-checks says", async () => {
    const { s, put } = await saved("--image", "web")
    put(after)
    for (const args of [[], ["--no-checks"], ["--keep-going"]]) {
      const { code, rows } = await s.apply("--plan", "plan.json", ...args)
      expect({ code, rows }).toEqual({ code: 4, rows: ["import web ap-singapore: stale"] })
    }
    expect(s.writes()).toEqual([])
  })

  test("uploaded again as it was, it is the same", async () => {
    const { s, put } = await saved("--image", "web")
    put(after)
    put(before)
    expect((await s.apply("--plan", "plan.json")).rows).toEqual(["import web ap-singapore: done"])
  })

  test("an object that cannot be read any more is not what was approved", async () => {
    const { s, gone } = await saved("--image", "web")
    gone()
    const { code, rows, stdout } = await s.apply("--plan", "plan.json")
    expect({ code, rows }).toEqual({ code: 4, rows: ["import web ap-singapore: stale"] })
    expect(stdout).toMatch(/\+ object +cannot be read/)
  })

  test("a plan without checks pins nothing, says so, and is carried out as it was approved", async () => {
    const { s, put, plan } = await saved("--no-checks", "--image", "web")
    expect(plan.plan.actions.map((a) => a.notices)).toEqual([["source_not_pinned"]])
    expect(plan.stdout).toContain("1 notice")
    const file = JSON.parse(readFileSync(join(s.directory, "plan.json"), "utf8")) as ApprovalSet
    expect(file.sources).toBeUndefined()
    put(after)
    expect((await s.apply("--plan", "plan.json")).rows).toEqual(["import web ap-singapore: done"])
  })

  test("a plan without checks is no other plan to an apply that looks", async () => {
    const s = await scene({ manifests: [stack(), image("web")] })
    await s.apply()
    s.manifests(stack(), image("web").replace("/web.qcow2", "/api.qcow2"))
    await s.plan("--no-checks", "--out", "plan.json")
    expect((await s.apply("--plan", "plan.json")).rows).toEqual(["replace web ap-singapore: done"])
    await s.settled()
  })
})

test("a journal is damaged: a plan that imports says that it may have been sent already, another one does not", async () => {
  const s = await scene({ manifests: [stack(), image("web")] })
  await s.apply()
  expect((await s.plan()).plan.notices).toEqual([])
  const journals = join(s.directory, ".cvmimg/journal")
  const [name = ""] = readdirSync(journals)
  appendFileSync(join(journals, name), "{ torn")
  expect((await s.plan()).plan.notices).toEqual([])
  s.manifests(stack(), image("web"), image("api"))
  const { code, plan, stdout } = await s.plan()
  expect(plan.notices).toEqual([
    {
      code: "records_missing",
      message: expect.stringContaining("1 import of this plan may have been sent already"),
    },
  ])
  expect(stdout).toContain("a journal of an earlier run is damaged")
  expect(code).toBe(0)
})

describe("names that could be taken for one another are refused", () => {
  test.each([
    ["the same twice", "web", "web"],
    ["another case", "web", "Web"],
    ["composed and decomposed", "caf\u00e9", "cafe\u0301"],
  ])("%s", async (_, one, other) => {
    const s = await scene({ manifests: [stack(), image(one), image(other)] })
    expect((await s.run(["validate"])).code).toBe(1)
    const { code, stdout, stderr } = await s.run(["apply", "--yes"])
    expect(code).toBe(1)
    expect(stdout + stderr).toMatch(/duplicate_name|same name|differ/i)
    expect(s.emulator.requests).toEqual([])
  })
})
