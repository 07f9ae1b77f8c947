// What earlier runs and people left in the cloud, through the real planner and the real applier.
import { describe, expect, it } from "vitest"
import { specHash } from "../../src/plan/index.ts"
import { stagedName } from "../../src/plan/names.ts"
import { aPlacement, desired, ours, STACK } from "../plan/build.ts"
import { HERE } from "./support/build.ts"
import { denied } from "./support/fake-cloud.ts"
import { world, writes } from "./support/halfway.ts"
import { left, planAndApply, told } from "./support/planned.ts"

const WEB = aPlacement({ image: "web" })
const OLD = aPlacement({ image: "web", source: { crc64: "2" } })
const NEXT = stagedName("web", specHash(WEB))

describe("a replacement that was staged twice", () => {
  it("and that people keep twice is refused in the plan, and nothing is written", async () => {
    const w = world({ uniqueNames: false })
    w.cloud.put(HERE, ours(OLD))
    const shared = w.cloud.put(HERE, ours(WEB, { name: NEXT }))
    w.cloud.share(shared, "100000000001")
    const guarded = w.cloud.put(HERE, ours(WEB, { name: NEXT, tags: { "cvmimg.protect": "1" } }))
    const { plan, of } = await planAndApply(w, desired(WEB))
    expect(plan.actions.map(told)).toEqual(["refuse ambiguous"])
    expect(plan.actions[0]).toMatchObject({ imageIds: [shared, guarded].sort() })
    expect(of("web")).toMatchObject({ outcome: "skipped", reason: "ambiguous" })
    expect(writes(w)).toEqual([])
  })

  it("and that people keep once goes on with that one, and the other one goes", async () => {
    const w = world({ uniqueNames: false })
    const old = w.cloud.put(HERE, ours(OLD))
    const guarded = w.cloud.put(HERE, ours(WEB, { name: NEXT, tags: { "cvmimg.protect": "1" } }))
    const free = w.cloud.put(HERE, ours(WEB, { name: NEXT }))
    expect((await planAndApply(w, desired(WEB))).of("web")).toMatchObject({
      outcome: "done",
      imageId: guarded,
    })
    const calls = [`delete ${free}`, `modify ${old}`, `modify ${guarded}`, `tags ${guarded}`]
    expect(writes(w)).toEqual(calls)
    expect(await left(w, desired(WEB))).toEqual([])
  })
})

describe("a rename", () => {
  const renamed = aPlacement({ image: "site", formerNames: ["web"] })

  it("that could write the tags and no more is finished by the next run, and imports nothing", async () => {
    const w = world()
    const id = w.cloud.put(HERE, ours(WEB))
    w.cloud.script = (call) => (call.verb === "modify" ? { failure: denied() } : undefined)
    expect((await planAndApply(w, desired(renamed))).of("site").outcome).toBe("failed")
    expect(w.cloud.all(HERE)).toMatchObject([{ id, name: "web", tags: { "cvmimg.image": "site" } }])
    w.cloud.script = () => undefined
    const { plan, of } = await planAndApply(w, desired(renamed))
    expect(plan.actions.map(told)).toEqual([
      "update half_done:rename, attribute_changed:name, provenance_outdated",
    ])
    expect(of("site")).toMatchObject({ outcome: "done", imageId: id })
    expect(await left(w, desired(renamed))).toEqual([])
    expect(w.cloud.count("import")).toBe(0)
  })

  it("that is not told of any more is refused, and imports nothing beside the image", async () => {
    const w = world()
    const id = w.cloud.put(HERE, ours(WEB, { tags: { "cvmimg.stack": STACK.id, "cvmimg.image": "site" } }))
    const { plan } = await planAndApply(w, desired(aPlacement({ image: "site" })))
    expect(plan.actions.map(told)).toEqual(["refuse provenance_conflict"])
    expect(plan.actions[0]).toMatchObject({ imageIds: [id] })
    expect(writes(w)).toEqual([])
  })

  it("without tags of ours takes off those that name the former image, before it writes the stamp", async () => {
    const w = world()
    const id = w.cloud.put(
      HERE,
      ours(WEB, { tags: { "cvmimg.stack": STACK.id, "cvmimg.image": "web", app: "x" } }),
    )
    const d = { ...desired(renamed), stack: { ...STACK, provenance: { tags: false } } }
    expect((await planAndApply(w, d)).of("site").outcome).toBe("done")
    expect(writes(w)).toEqual([`tags ${id}`, `modify ${id}`])
    expect(w.cloud.all(HERE)).toMatchObject([{ id, name: "site", tags: { app: "x" } }])
    expect(await left(w, d)).toEqual([])
    // Nor is anything left when the manifest forgets the former name.
    expect(await left(w, { ...d, placements: [aPlacement({ image: "site" })] })).toEqual([])
  })
})

describe("a released image", () => {
  const released = desired(aPlacement({ image: "web", lifecycle: { state: "released" } }))

  it("whose import failed is left alone, and the next plan is empty", async () => {
    const w = world()
    const failed = ours(WEB, { state: "IMPORTFAILED" })
    const id = w.cloud.put(HERE, failed)
    const { plan } = await planAndApply(w, released)
    expect(plan.actions).toMatchObject([{ action: "keep", notices: [`import_failed:${id}`] }])
    expect(writes(w)).toEqual([])
    expect(await left(w, released)).toEqual([])
  })

  it("with a failed import beside it loses its marks, and the next plan is empty", async () => {
    const w = world()
    const id = w.cloud.put(HERE, ours(WEB))
    w.cloud.put(HERE, ours(WEB, { name: NEXT, state: "IMPORTFAILED" }))
    expect((await planAndApply(w, released)).of("web")).toMatchObject({ outcome: "done", imageId: id })
    expect(writes(w)).toEqual([`tags ${id}`, `modify ${id}`])
    expect(await left(w, released)).toEqual([])
  })

  it("that is importing loses its marks when it is NORMAL, and the next plan is empty", async () => {
    const w = world()
    const id = w.cloud.put(HERE, ours(WEB, { state: "IMPORTING" }), 60_000)
    expect((await planAndApply(w, released)).of("web")).toMatchObject({ outcome: "done", imageId: id })
    expect(w.cloud.all(HERE)).toMatchObject([{ id, state: "NORMAL", description: "", tags: {} }])
    expect(await left(w, released)).toEqual([])
  })
})

describe("an adoption", () => {
  const adopting = desired(aPlacement({ image: "web", lifecycle: { adopt: true } }))

  it("removes the failed import beside the image, and the next plan is empty", async () => {
    const w = world()
    const id = w.cloud.put(HERE, { name: "web" })
    const failed = w.cloud.put(HERE, ours(WEB, { name: NEXT, state: "IMPORTFAILED" }))
    const { report } = await planAndApply(w, adopting)
    expect(report.results.map((r) => [r.action, r.imageId, r.outcome])).toEqual([
      ["adopt", id, "done"],
      ["delete", failed, "done"],
    ])
    expect(writes(w)).toEqual([`tags ${id}`, `modify ${id}`, `delete ${failed}`])
    expect(await left(w, adopting)).toEqual([])
  })

  it("that fails leaves what is beside the image", async () => {
    const w = world()
    w.cloud.put(HERE, { name: "web" })
    w.cloud.put(HERE, ours(WEB, { name: NEXT, state: "IMPORTFAILED" }))
    w.cloud.script = (call) => (call.verb === "modify" ? { failure: denied() } : undefined)
    const { report } = await planAndApply(w, adopting)
    expect(report.results.map((r) => [r.action, r.outcome])).toEqual([
      ["adopt", "failed"],
      ["delete", "skipped"],
    ])
    expect(w.cloud.count("delete")).toBe(0)
  })
})
