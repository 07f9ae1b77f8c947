// What single checks decide, and how all of them run.
import { describe, expect, it, test } from "vitest"
import { runChecks, withChecks } from "../../src/check/checks.ts"
import { judgeOs } from "../../src/check/os.ts"
import { judgeQuota } from "../../src/check/quota.ts"
import { sameContent } from "../../src/check/source-same.ts"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import { placementKey } from "../../src/model/placement.ts"
import { type Action, CHECKS } from "../../src/model/plan.ts"
import { anImage, desired } from "../plan/build.ts"
import { Fake, OS, replaced, results, there } from "./fake.ts"
import { anImport, aPlan, aReplace, placed, seen } from "./support.ts"

describe("the system", () => {
  const on = (osType: string, osVersion: string, architecture = "x86_64"): string | undefined =>
    judgeOs(OS, { osType, osVersion, architecture }).advice
  it("asks what was meant", () => {
    expect(on("ubuntu", "22")).toMatch(/^did you mean "Ubuntu"\? Listed are/)
    expect(on("Ubunto", "22")).toMatch(/"Ubuntu"/)
    expect(on("WindowsServer2022", "-")).toMatch(/"Windows Server 2022"/)
    expect(on("Plan 9", "4")).toBe("listed are Ubuntu, Windows Server 2022, Kylin")
    expect(on("Ubuntu", "22.04")).toBe('did you mean "22"? Listed are 20, 22')
    expect(on("Ubuntu", "7")).toBe("listed are 20, 22")
    expect(on("Windows Server 2022", "2022")).toMatch(/did you mean "-"/)
    expect(on("TencentOS", "3")).toBe("it is listed for arm")
  })
})

describe("the quota", () => {
  test.each([
    [5, 3, [0, 0], "ok"],
    [5, 4, [0, 0], "quota_exceeded"],
    [5, 5, [1], "quota_tight"],
    [5, 5, [3], "quota_tight"],
    [5, 5, [1, 0], "quota_exceeded"],
    [5, 9, [], "quota_exceeded"],
    [0, 0, [0], "quota_exceeded"],
  ])("of %d with %d in use, removed before each import: %j -> %s", (quota, inUse, removed, code) => {
    expect(judgeQuota("r", quota, inUse, removed).code ?? "ok").toBe(code)
  })

  it("is that of the region: one placement tells of all that are imported there", async () => {
    const placements = ["a", "b", "c"].map((image) => placed(`${image}.qcow2`, { image }))
    const [a, b, c] = placements as [DesiredPlacement, DesiredPlacement, DesiredPlacement]
    const staged = { imageId: "img-1", name: "c.next", state: "NORMAL" }
    const fake = new Fake()
    fake.limit = 3
    const found = await runChecks({
      plan: aPlan(anImport(a), aReplace(b), aReplace(c, { staged })),
      desired: desired(...placements),
      observed: seen({ "ap-singapore": [anImage(), anImage()] }),
      probes: {},
      cloud: fake,
    })
    const quota = [...found].map(([key, list]) => [
      key.slice(0, 1),
      list.find(({ name }) => name === "quota")?.message,
    ])
    const message = "There is no room in ap-singapore: 2 in use and 2 images to import, of 3."
    // Nothing is imported for c any more.
    expect(quota).toEqual([
      ["a", message],
      ["b", message],
      ["c", undefined],
    ])
    expect(fake.calls.sort()).toEqual(["imageQuota", "listImportOs", "listShares", "listShares"])
  })
})

describe("sameness", () => {
  test.each([
    [{ crc64: "1", size: 1, etag: "a" }, { crc64: "1", size: 1, etag: "b-2" }, true],
    [{ crc64: "1", size: 1, etag: "a" }, { crc64: "2", size: 1, etag: "a" }, false],
    [{ crc64: "1", size: 1, etag: "a" }, { size: 1, etag: "a" }, true],
    [{ size: 1, etag: "a" }, { size: 2, etag: "a" }, false],
    [{ size: 1, etag: "a" }, { size: 1, etag: "b" }, undefined],
    [{ size: 1 }, { size: 1 }, undefined],
  ])("%j, %j: %s", (a, b, same) => {
    expect(sameContent(a, b)).toBe(same)
    expect(sameContent(b, a)).toBe(same)
  })
})

describe("a rehearsal", () => {
  it("carries no tags, and is made only when it is asked for", async () => {
    const made = async (rehearse: boolean): Promise<Fake["requests"]> => {
      const requests: Fake["requests"] = []
      await results({ rehearse, cloud: { requests } })
      return requests
    }
    expect(await made(false)).toEqual([])
    expect(await made(true)).toMatchObject([{ name: "base", tags: {} }])
  })

  test.each<[string, (p: DesiredPlacement) => Action[], boolean]>([
    [
      "its own failed import",
      (p) => [anImport(p, { action: "retry", remove: [{ imageId: "img-1", name: "base" }] })],
      true,
    ],
    [
      "a leftover under the staged name",
      (p) => [aReplace(p, { remove: [{ imageId: "img-1", name: "base.next-0123abcd" }] })],
      true,
    ],
    [
      "an image that another action renames",
      (p) => [anImport(p), { ...aReplace({ ...p, image: "z" }), old: { imageId: "img-2", name: "base" } }],
      true,
    ],
    ["an image in another region", (p) => [anImport(p), aReplace({ ...p, region: "eu-frankfurt" })], false],
    ["an image that stays", (p) => [anImport(p, { remove: [{ imageId: "img-1", name: "other" }] })], false],
  ])("Duplicate, and the name is held by %s", async (_, actions, fine) => {
    const placement = placed("a.qcow2")
    const fake = new Fake()
    fake.fails = { rehearseImport: "InvalidImageName.Duplicate" }
    const found = await runChecks({
      plan: aPlan(...actions(placement)),
      desired: desired(placement),
      observed: seen({ "ap-singapore": [] }),
      probes: {},
      cloud: fake,
      rehearse: true,
    })
    const result = found.get(placementKey(placement))?.find(({ name }) => name === "rehearsal")
    expect(result).toMatchObject(fine ? { status: "ok" } : { status: "error", code: "rehearsal_refused" })
  })

  it("is not made by a cloud that cannot rehearse", async () => {
    const { rehearseImport: _, ...reader } = new Fake()
    const placement = placed("a.qcow2")
    const found = await runChecks({
      plan: aPlan(anImport(placement)),
      desired: desired(placement),
      observed: seen({}),
      probes: {},
      cloud: reader,
      rehearse: true,
    })
    expect([...found.values()].flat().map(({ name }) => name)).not.toContain("rehearsal")
  })
})

describe("the run of all checks", () => {
  it("lists results in the order of the checks", async () => {
    const names = (await results({ ...replaced(), rehearse: true, others: [[there, {}]] })).map(
      ({ name }) => name,
    )
    const order = Object.keys(CHECKS)
    expect(names).toEqual([...names].sort((a, b) => order.indexOf(a) - order.indexOf(b)))
    expect(names.length).toBeGreaterThan(6)
  })

  it("checks nothing of what is not imported, and puts results only there", async () => {
    const placement = placed("a.qcow2")
    const { request: _r, afterwards: _a, remove: _m, spec: _s, release: _l, ...base } = anImport(placement)
    const keep: Action = { ...base, action: "keep", imageId: "img-1" }
    const retire: Action = {
      ...base,
      action: "delete",
      imageId: "img-2",
      name: "base.prev-img-2",
      deleteSnapshots: true,
      snapshotIds: [],
    }
    const fake = new Fake()
    const input = {
      desired: desired(placement),
      observed: seen({ "ap-singapore": [] }),
      probes: {},
      cloud: fake,
    }
    const none = await runChecks({ ...input, plan: aPlan(keep, retire) })
    expect([none.size, fake.calls]).toEqual([0, []])
    const plan = aPlan(anImport(placement), retire)
    const checked = withChecks(plan, await runChecks({ ...input, plan }))
    expect(checked.actions[0]?.checks.length).toBeGreaterThan(3)
    expect(checked.actions[1]?.checks).toEqual([])
    expect({ ...checked, actions: checked.actions.map((action) => ({ ...action, checks: [] })) }).toEqual(
      plan,
    )
    expect(withChecks(plan, none)).toBe(plan)
  })

  it("turns whatever a call throws into a skipped check, and repeats nothing of it", async () => {
    const placement = placed("a.qcow2")
    const boom = async (): Promise<never> => {
      throw new Error("secret-key-in-here")
    }
    const found = await runChecks({
      plan: aPlan(aReplace(placement)),
      desired: desired(placement),
      observed: seen({ "ap-singapore": [] }),
      probes: {},
      cloud: { listImportOs: boom, imageQuota: boom, listShares: boom, rehearseImport: boom },
      rehearse: true,
    })
    const all = [...found.values()].flat()
    expect(all.filter(({ code }) => code === "call_failed").map(({ name }) => name)).toEqual([
      "os",
      "quota",
      "shares",
      "rehearsal",
    ])
    expect(JSON.stringify(all)).not.toContain("secret")
  })

  it("rejects with the signal's reason", async () => {
    const why = new Error("enough")
    const stop = new AbortController()
    const placement = placed("a.qcow2")
    const input = {
      plan: aPlan(anImport(placement)),
      desired: desired(placement),
      observed: seen({}),
      probes: {},
    }
    await expect(runChecks({ ...input, cloud: new Fake(), signal: AbortSignal.abort(why) })).rejects.toBe(why)
    const cloud = new Fake()
    cloud.listImportOs = async () => {
      stop.abort(why)
      throw why
    }
    await expect(runChecks({ ...input, cloud, signal: stop.signal })).rejects.toBe(why)
  })
})
