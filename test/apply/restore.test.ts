import { describe, expect, it } from "vitest"
import {
  anImport,
  aPlan,
  aReplace,
  aRestore,
  HERE,
  run,
  SPEC,
  STACK_ID,
  stamped,
  THERE,
} from "./support/build.ts"
import { denied } from "./support/fake-cloud.ts"
import { OLD, OLD_SPEC, PREV, putNew, putOld, STAGED, stands, world, writes } from "./support/halfway.ts"

describe("a restore", () => {
  it("swaps back without an import: A, B, A", async () => {
    const w = world()
    putOld(w)
    const replace = aReplace("a", {
      old: OLD,
      afterwards: { attributes: { family: "f" } },
      retire: [
        { imageId: OLD, name: "a", how: "deprecate", deleteSnapshots: true, reason: "over_retention" },
      ],
    })
    const b = (await run(aPlan(replace), w)).of("a").imageId ?? ""
    const restore = aRestore("a", {
      imageId: OLD,
      old: b,
      update: { attributes: { name: "a", deprecated: false, description: stamped("a", OLD_SPEC) } },
      deprecate: [{ imageId: b, name: "a" }],
    })
    const { of, events } = await run(aPlan(restore), w)
    expect(of("a")).toMatchObject({ action: "restore", outcome: "done", imageId: OLD })
    expect(stands(w)).toEqual([`new a.prev-${b} NORMAL f deprecated`, "old a NORMAL f"])
    expect(w.cloud.count("import")).toBe(1)
    const steps = events.flatMap((e) => (e.type === "update.settled" ? [`${e.step} ${e.imageId}`] : []))
    expect(steps).toEqual([`attributes ${OLD}`, `deprecation ${b}`, `name ${b}`, `name ${OLD}`])
    // The same once more writes nothing.
    const before = writes(w)
    expect((await run(aPlan(restore), w)).of("a").outcome).toBe("done")
    expect(writes(w)).toEqual(before)
    // And forth again, from the image that stands there.
    const forth = aRestore("a", {
      imageId: b,
      old: OLD,
      update: { attributes: { name: "a", deprecated: false } },
      deprecate: [{ imageId: OLD, name: "a" }],
    })
    expect((await run(aPlan(forth), w)).of("a").outcome).toBe("done")
    expect(stands(w)).toEqual(["new a NORMAL f", `old ${PREV} NORMAL f deprecated`])
    expect(w.cloud.count("import")).toBe(1)
  })

  it("of a family's member changes no name, and deprecates the newer ones when it is usable itself", async () => {
    const w = world()
    const earlier = w.cloud.put(HERE, {
      name: "a-1",
      description: stamped("a"),
      family: "f",
      deprecated: true,
    })
    const newer = w.cloud.put(HERE, { name: "a-2", description: stamped("a", OLD_SPEC), family: "f" })
    const action = aRestore("a", {
      imageId: earlier,
      name: "a-1",
      update: { attributes: { deprecated: false } },
      deprecate: [{ imageId: newer, name: "a-2" }],
    })
    const { of } = await run(aPlan(action), w)
    expect(of("a")).toMatchObject({ outcome: "done", imageId: earlier })
    expect(stands(w)).toEqual(["new a-1 NORMAL f", "old a-2 NORMAL f deprecated"])
    expect(writes(w)).toEqual([`modify ${earlier}`, `modify ${newer}`])
  })

  it("removes a failed import that holds the name first", async () => {
    const w = world()
    putOld(w, PREV)
    const failed = w.cloud.put(HERE, { name: "a", description: stamped("a"), state: "IMPORTFAILED" })
    const action = aRestore("a", { imageId: OLD, remove: [{ imageId: failed, name: "a" }] })
    expect((await run(aPlan(action), w)).of("a").outcome).toBe("done")
    expect(writes(w)).toEqual([`delete ${failed}`, `modify ${OLD}`])
  })

  it("touches nothing when the wanted image is gone, not ours or not NORMAL", async () => {
    for (const change of ["gone", { description: "" }, { state: "PONDERING" }] as const) {
      const w = world()
      putOld(w, PREV)
      const b = putNew(w, "a")
      if (change === "gone") w.cloud.remove(OLD)
      else w.cloud.change(OLD, change)
      const { of } = await run(aPlan(aRestore("a", { imageId: OLD, old: b })), w)
      expect(of("a").outcome).toBe("failed")
      expect(writes(w)).toEqual([])
    }
  })

  it("that cannot rename the wanted one in gives the name back", async () => {
    const w = world()
    putOld(w, PREV)
    const b = putNew(w, "a")
    w.cloud.script = (call) =>
      call.verb === "modify" && call.about === OLD ? { failure: denied() } : undefined
    const { of } = await run(aPlan(aRestore("a", { imageId: OLD, old: b })), w)
    expect(of("a").outcome).toBe("failed")
    expect(stands(w)).toEqual(["new a NORMAL", `old ${PREV} NORMAL f`])
  })
})

describe("a retry", () => {
  const failed = { name: "a", description: stamped("a", SPEC, STACK_ID), state: "IMPORTFAILED" }

  it("removes the failed import, waits until it is gone, and imports once", async () => {
    const w = world({ deleteMs: 30_000 })
    const id = w.cloud.put(HERE, { ...failed, snapshotIds: ["snap-1"] })
    const action = anImport("a", { action: "retry", remove: [{ imageId: id, name: "a" }] })
    const { of, events } = await run(aPlan(action), w)
    expect(of("a")).toMatchObject({ action: "retry", outcome: "done", imageId: "img-00000002" })
    expect(writes(w)).toEqual([`delete ${id}`, "import a"])
    expect(w.cloud.leftSnapshots).toEqual([])
    expect(events).toContainEqual(expect.objectContaining({ type: "rehearsal.settled", failed: 0 }))
  })

  it("removes only what is failed, ours and shared with nobody at that moment", async () => {
    for (const change of [
      { state: "NORMAL" },
      { description: stamped("a", SPEC, "99999999") },
      { description: "" },
      { tags: { "cvmimg.protect": "1" } },
      "shared",
    ] as const) {
      const w = world()
      const id = w.cloud.put(HERE, failed)
      if (change === "shared") w.cloud.share(id, "100000000001")
      else w.cloud.change(id, change)
      const action = anImport("a", { action: "retry", remove: [{ imageId: id, name: "a" }] })
      const { of } = await run(aPlan(action), w)
      expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ClientError.NotRetirable" } })
      expect(writes(w)).toEqual([])
    }
  })

  it("whose leftover does not go imports nothing", async () => {
    const w = world({ deleteMs: 3_600_000 })
    const id = w.cloud.put(HERE, failed)
    const action = anImport("a", { action: "retry", remove: [{ imageId: id, name: "a" }] })
    const { of } = await run(aPlan(action), w)
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ClientError.StillRemoving" } })
    expect(w.cloud.count("import")).toBe(0)
  })

  it("of a staged image imports it again under the staged name", async () => {
    const w = world()
    putOld(w)
    const id = w.cloud.put(HERE, { ...failed, name: STAGED })
    const action = aReplace("a", { old: OLD, remove: [{ imageId: id, name: STAGED }] })
    expect((await run(aPlan(action), w)).of("a").outcome).toBe("done")
    expect(stands(w)).toEqual(["new a NORMAL", `old ${PREV} NORMAL f`])
    expect(w.cloud.count("import")).toBe(1)
  })

  it("does not deprecate a newer member that people have protected since", async () => {
    const w = world()
    const id = putOld(w, PREV)
    const tags = { "cvmimg.protect": "yes" }
    const newer = w.cloud.put(HERE, { name: "a", description: stamped("a"), family: "f", tags })
    const deprecate = [{ imageId: newer, name: "a" }]
    const { of } = await run(aPlan(aRestore("a", { imageId: id, old: newer, deprecate })), w)
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ClientError.NotRetirable" } })
    expect(writes(w)).toEqual([])
  })

  it("writes nothing to an image that lost its marks while its release was held", async () => {
    const w = world()
    const id = w.cloud.put(HERE, { id: PREV_ID, name: `a.prev-${PREV_ID}`, description: stamped("a", SPEC) })
    const together = { release: "together" as const }
    const restore = aRestore("a", {
      imageId: id,
      ...together,
      update: { attributes: { name: "a" }, tags: { set: { app: "x" }, remove: [] } },
    })
    const elsewhere = anImport("a", { ...THERE, ...together })
    w.clock.at(10_000, () => w.cloud.change(id, { description: "mine now", tags: {} }))
    const { of } = await run(aPlan(elsewhere, restore), w)
    expect(of("a", HERE.region)).toMatchObject({
      outcome: "failed",
      error: { code: "ClientError.NotOurs" },
    })
    expect(writes(w).filter((write) => !write.startsWith("import"))).toEqual([])
  })
})

const PREV_ID = "img-0000prev"
