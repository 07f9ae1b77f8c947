import { describe, expect, it } from "vitest"
import type { Reason } from "../../src/model/plan.ts"
import { ASSERTED_SOURCE } from "../../src/model/provenance.ts"
import { aPlan, aRetirement, run, SPEC, STACK_ID, stamped } from "./support/build.ts"
import { denied, failure, lost } from "./support/fake-cloud.ts"
import { putRetired, stands, type World, world, writes } from "./support/halfway.ts"

describe("a deletion", () => {
  it.each([
    [true, []],
    [false, ["snap-x"]],
  ])("waits until the image is gone; snapshots go too: %s", async (deleteSnapshots, left) => {
    const w = world({ deleteMs: 60_000 })
    const id = putRetired(w)
    const action = aRetirement("x", { imageId: id, name: "x", deleteSnapshots })
    const { of, events } = await run(aPlan(action), w)
    expect(of("x")).toMatchObject({ outcome: "done", action: "delete", imageId: id })
    expect(of("x").durationMs).toBeGreaterThanOrEqual(60_000)
    expect(stands(w)).toEqual(["new newer NORMAL f"])
    expect(w.cloud.leftSnapshots).toEqual(left)
    expect(events).toContainEqual(expect.objectContaining({ type: "placement.started", imageId: id }))
    expect(events).toContainEqual(expect.objectContaining({ type: "update.settled", step: "removal" }))
  })

  it("that does not come to an end is running", async () => {
    const w = world({ deleteMs: 3_600_000 })
    const action = aRetirement("x", { imageId: putRetired(w), name: "x" })
    const { of } = await run(aPlan(action), w)
    expect(of("x")).toMatchObject({ outcome: "running", error: { code: "ClientError.StillRemoving" } })
    expect(w.clock.monotonic()).toBeLessThan(400_000)
  })

  it("is tried again while another task holds the image, or when its reply was lost", async () => {
    const busy = failure("MutexOperation.TaskRunning", { retryable: true })
    for (const fault of [
      { failure: busy },
      { failure: lost() },
      { failure: lost(), carriedOut: true },
      { failure: failure("InvalidImageId.IncorrectState", { retryable: true }) },
    ]) {
      const w = world()
      w.cloud.script = (call) => (call.verb === "delete" && call.nth < 4 ? fault : undefined)
      const { of } = await run(aPlan(aRetirement("x", { imageId: putRetired(w), name: "x" })), w)
      expect(of("x").outcome).toBe("done")
      expect(w.cloud.deleted).toHaveLength(1)
    }
  })

  it("that is refused for good is failed; one of unknown outcome is unknown", async () => {
    for (const [fault, outcome] of [
      [denied(), "failed"],
      [failure("MutexOperation.TaskRunning", { retryable: true }), "failed"],
      [lost(), "unknown"],
    ] as const) {
      const w = world()
      w.cloud.script = (call) => (call.verb === "delete" ? { failure: fault } : undefined)
      const { of } = await run(aPlan(aRetirement("x", { imageId: putRetired(w), name: "x" })), w)
      expect(of("x").outcome).toBe(outcome)
    }
  })

  it("of what is gone is done, without a call", async () => {
    const w = world()
    const { of } = await run(aPlan(aRetirement("x", { imageId: "img-gone0000", name: "x" })), w)
    expect(of("x").outcome).toBe("done")
    expect(writes(w)).toEqual([])
  })

  it.each<[string, object | ((w: World, id: string) => void), string]>([
    ["is not ours", { description: "" }, "mark of this stack"],
    [
      "is another stack's by its stamp",
      { description: stamped("x", SPEC, "99999999") },
      "mark of this stack",
    ],
    ["is another stack's by its tag", { tags: { "cvmimg.stack": "99999999" } }, "mark of this stack"],
    ["is protected", { tags: { "cvmimg.protect": "" } }, "cvmimg.protect"],
    ["was adopted", { description: stamped("x").replace("a".repeat(12), ASSERTED_SOURCE) }, "adopted"],
    ["is shared out", (w, id) => w.cloud.share(id, "100000000001"), "shared with 100000000001"],
    ["is the newest usable one of its family", { createdAt: 1e15 }, "newest usable image of the family f"],
    [
      "is the newest, since the others are deprecated",
      (w) => w.cloud.change("img-newer000", { deprecated: true }),
      "newest",
    ],
    ["is importing", { state: "IMPORTING" }, "state is IMPORTING"],
    ["is in an unknown state", { state: "PONDERING" }, "state is PONDERING"],
    ["has another name than in the plan", { name: "renamed" }, "called renamed now"],
  ])("is refused where the image %s", async (_, change, why) => {
    const w = world()
    const id = putRetired(w)
    if (typeof change === "function") change(w, id)
    else w.cloud.change(id, change)
    const { of } = await run(aPlan(aRetirement("x", { imageId: id, name: "x" })), w)
    expect(["not_retirable", "import_not_done"]).toContain(of("x").reason)
    expect(of("x").outcome).toBe("skipped")
    if (of("x").reason === "not_retirable") expect(of("x").error?.message).toContain(why)
    expect(writes(w)).toEqual([])
  })

  it.each<[string, object]>([
    ["by its tags alone", { description: "text", tags: { "cvmimg.stack": STACK_ID } }],
    ["failed", { state: "IMPORTFAILED", family: "" }],
    ["deprecated, the newest of its family", { deprecated: true, createdAt: 1e15 }],
    ["in no family", { family: "" }],
  ])("is made where the image is ours %s", async (_, change) => {
    const w = world()
    const id = putRetired(w)
    w.cloud.change(id, change)
    expect((await run(aPlan(aRetirement("x", { imageId: id, name: "x" })), w)).of("x").outcome).toBe("done")
    expect(w.cloud.deleted).toEqual([id])
  })
})

describe("a deletion of what an earlier attempt left, which no brake counts", () => {
  const leave = async (parts: object, reason: Reason): Promise<readonly [string, World]> => {
    const w = world()
    const [name, id] = ["x.next-eeeeeeee", putRetired(w, { name: "x.next-eeeeeeee", family: "" })]
    w.cloud.change(id, parts)
    const { of } = await run(aPlan(aRetirement("x", { imageId: id, name, reasons: [reason] })), w)
    return [of("x").error?.message ?? of("x").outcome, w]
  }

  it("is made while nobody can boot from it", async () => {
    for (const [parts, reason] of [
      [{}, "leftover:next"],
      [{ state: "IMPORTFAILED", family: "f" }, "leftover:failed"],
    ] as const) {
      const [ended, w] = await leave(parts, reason)
      expect(ended).toBe("done")
      expect(stands(w)).toEqual(["new newer NORMAL f"])
    }
  })

  it.each([
    ["got a family, and is not its newest", { family: "f" }, "it is in the family f"],
    ["got one and is deprecated", { family: "g", deprecated: true }, "it is in the family g"],
    ["is protected", { tags: { "cvmimg.protect": "" } }, "cvmimg.protect"],
    ["lost its marks", { description: "" }, "mark of this stack"],
  ])("is refused where somebody has changed it since the plan: it %s", async (_, parts, why) => {
    const [ended, w] = await leave(parts, "leftover:next")
    expect(ended).toContain(why)
    expect(writes(w)).toEqual([])
  })
})

describe("a deprecation", () => {
  it("is made where another member is newer, and only once", async () => {
    const w = world()
    const action = aRetirement("x", { action: "deprecate", imageId: putRetired(w), name: "x" })
    for (let i = 0; i < 2; i += 1) expect((await run(aPlan(action), w)).of("x").outcome).toBe("done")
    expect(stands(w)).toEqual(["new newer NORMAL f", "new x NORMAL f deprecated"])
    expect(writes(w)).toHaveLength(1)
  })

  it("never takes the family's newest", async () => {
    const w = world()
    const id = putRetired(w, { name: "x", createdAt: 1e15 })
    const action = aRetirement("x", { action: "deprecate", imageId: id, name: "x" })
    expect((await run(aPlan(action), w)).of("x")).toMatchObject({
      outcome: "skipped",
      reason: "not_retirable",
    })
  })
})
