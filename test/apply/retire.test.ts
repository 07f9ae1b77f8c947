import { describe, expect, it } from "vitest"
import type { Action, ReplaceAction } from "../../src/model/plan.ts"
import { ASSERTED_SOURCE } from "../../src/model/provenance.ts"
import { progressLine } from "../../src/report/progress.ts"
import { PROGRESS_START, progressState } from "../../src/report/progress-live.ts"
import {
  anAwait,
  anImport,
  anUpdate,
  aPlan,
  aReplace,
  aRetirement,
  HERE,
  run,
  SPEC,
  STACK_ID,
  stamped,
  THERE,
} from "./support/build.ts"
import { denied, failure, lost } from "./support/fake-cloud.ts"
import { OLD, PREV, putOld, stands, type World, world, writes } from "./support/halfway.ts"

/** An image of ours that the plan retires, beside a newer member of its family. */
function put(w: World, parts: Parameters<World["cloud"]["put"]>[1] = { name: "x" }): string {
  w.cloud.put(HERE, { id: "img-newer000", name: "newer", description: stamped("y"), family: "f" })
  const mine = { name: "x", description: stamped("x"), family: "f", createdAt: 0, snapshotIds: ["snap-x"] }
  return w.cloud.put(HERE, { ...mine, ...parts })
}

describe("a deletion", () => {
  it.each([
    [true, []],
    [false, ["snap-x"]],
  ])("waits until the image is gone; snapshots go too: %s", async (deleteSnapshots, left) => {
    const w = world({ deleteMs: 60_000 })
    const id = put(w)
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
    const action = aRetirement("x", { imageId: put(w), name: "x" })
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
      const { of } = await run(aPlan(aRetirement("x", { imageId: put(w), name: "x" })), w)
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
      const { of } = await run(aPlan(aRetirement("x", { imageId: put(w), name: "x" })), w)
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
    const id = put(w)
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
    const id = put(w)
    w.cloud.change(id, change)
    expect((await run(aPlan(aRetirement("x", { imageId: id, name: "x" })), w)).of("x").outcome).toBe("done")
    expect(w.cloud.deleted).toEqual([id])
  })
})

describe("a deprecation", () => {
  it("is made where another member is newer, and only once", async () => {
    const w = world()
    const action = aRetirement("x", { action: "deprecate", imageId: put(w), name: "x" })
    for (let i = 0; i < 2; i += 1) expect((await run(aPlan(action), w)).of("x").outcome).toBe("done")
    expect(stands(w)).toEqual(["new newer NORMAL f", "new x NORMAL f deprecated"])
    expect(writes(w)).toHaveLength(1)
  })

  it("never takes the family's newest", async () => {
    const w = world()
    const id = put(w, { name: "x", createdAt: 1e15 })
    const action = aRetirement("x", { action: "deprecate", imageId: id, name: "x" })
    expect((await run(aPlan(action), w)).of("x")).toMatchObject({
      outcome: "skipped",
      reason: "not_retirable",
    })
  })
})

describe("what is retired", () => {
  it("is retired when everything else has ended, and each image has a row", async () => {
    const w = world({ importMs: 600_000 })
    putOld(w)
    const one = put(w)
    const two = w.cloud.put(HERE, { name: "z", description: stamped("x") })
    const updated = w.cloud.put(HERE, { name: "u", description: stamped("u") })
    const plan = aPlan(
      aRetirement("x", { imageId: one, name: "x" }),
      aRetirement("x", { imageId: two, name: "z" }),
      anUpdate("x", { imageId: updated }),
      aReplace("a", {
        old: OLD,
        afterwards: { attributes: { family: "f" } },
        retire: [{ imageId: OLD, name: "a", how: "delete", deleteSnapshots: true, reason: "over_retention" }],
      }),
      anImport("b", THERE),
    )
    const { report, events } = await run(plan, w)
    expect(report.results.map((r) => `${r.image} ${r.action} ${r.outcome}`)).toEqual([
      "a replace done",
      "b import done",
      "x update done",
      "x delete done",
      "x delete done",
    ])
    // Each image that goes has a row of its own while the run is shown.
    const shown = events.reduce(progressState, PROGRESS_START)
    expect(shown.rows.size).toBe(report.results.length)
    const lines = events.map((e) => progressLine(e) ?? "")
    expect(lines.filter((line) => / removed( |$)/.test(line))).toHaveLength(3)
    const verbs = writes(w).map((text) => text.split(" ")[0])
    expect(verbs.slice(-3)).toEqual(["delete", "delete", "delete"])
    expect(verbs.slice(0, -3)).not.toContain("delete")
    expect(w.cloud.deleted.toSorted()).toEqual([OLD, one, two].toSorted())
  })

  it.each<[string, Action]>([
    ["of the same image in another region", anImport("x", THERE)],
    ["into the same family", anImport("n", { afterwards: { attributes: { family: "f" } } })],
    ["into the same family at once", anImport("n", { request: { family: "f" } })],
  ])("stays when an import %s fails", async (_, action) => {
    const w = world({ outcome: () => "IMPORTFAILED" })
    const id = put(w)
    const { of } = await run(aPlan(action, aRetirement("x", { imageId: id, name: "x" })), w)
    const row = of("x", HERE.region)
    expect(row).toMatchObject({ outcome: "skipped", reason: "import_not_done", imageId: id })
    expect(w.cloud.deleted).toEqual([])
  })

  it("goes when an import of something else fails", async () => {
    const w = world({ outcome: () => "IMPORTFAILED" })
    const id = put(w)
    const other = anImport("n", { afterwards: { attributes: { family: "g" } } })
    const { of } = await run(aPlan(other, aRetirement("x", { imageId: id, name: "x" })), w)
    expect(of("x").outcome).toBe("done")
  })

  it("stays when an import of it is still running, or of unknown outcome", async () => {
    const w = world()
    const id = put(w)
    const slow = w.cloud.put(HERE, { name: "x2", description: stamped("x") }, 1e9)
    const waiting = anAwait("x", { imageId: slow, name: "x2" })
    const { report } = await run(aPlan(waiting, aRetirement("x", { imageId: id, name: "x" })), w)
    expect(report.results.map((r) => r.outcome)).toEqual(["running", "skipped"])
    w.cloud.script = (call) => (call.verb === "import" ? { failure: lost() } : undefined)
    const again = anImport("x", { request: { name: "x3", description: stamped("x", "e".repeat(16)) } })
    const second = await run(aPlan(again, aRetirement("x", { imageId: id, name: "x" })), w)
    expect(second.report.results.map((r) => r.outcome)).toEqual(["unknown", "skipped"])
    expect(w.cloud.deleted).toEqual([])
  })

  it("of a replacement stays where it may not go, and the row says so with the new image", async () => {
    const w = world()
    putOld(w)
    w.cloud.share(OLD, "100000000009")
    const retire = [
      { imageId: OLD, name: "a", how: "delete", deleteSnapshots: true, reason: "over_retention" },
    ] as const
    const afterwards = { attributes: { family: "f" } }
    const { of } = await run(aPlan(aReplace("a", { old: OLD, afterwards, retire })), w)
    expect(of("a")).toMatchObject({
      outcome: "skipped",
      reason: "not_retirable",
      imageId: "img-00000002",
      requestId: expect.any(String),
    })
    expect(of("a").error?.message).toContain("shared with 100000000009")
    expect(stands(w)).toEqual(["new a NORMAL f", `old ${PREV} NORMAL f 100000000009`])
    expect(w.cloud.sharesOf(OLD)).toEqual(["100000000009"])
  })

  it("goes in one region though it has to stay in another", async () => {
    const w = world()
    const gone = ["p", "q"].map((name) => w.cloud.put(THERE, { name, description: stamped("x") }))
    const kept = w.cloud.put(HERE, { name: "p", description: stamped("x"), tags: { "cvmimg.protect": "1" } })
    const retire = (imageId: string): ReplaceAction["retire"][number] => ({
      imageId,
      name: "p",
      how: "delete",
      deleteSnapshots: true,
      reason: "over_retention",
    })
    const plan = aPlan(
      aReplace("x", { retire: [retire(kept)] }),
      aReplace("x", { ...THERE, retire: gone.map(retire) }),
    )
    const { of } = await run(plan, w)
    expect(of("x", HERE.region)).toMatchObject({ outcome: "skipped", reason: "not_retirable" })
    expect(of("x", THERE.region).outcome).toBe("done")
    expect(w.cloud.deleted).toEqual(gone)
  })

  it("stays when the run is interrupted before", async () => {
    const w = world()
    putOld(w)
    const stop = new AbortController()
    const id = put(w)
    const { report } = await run(
      aPlan(aReplace("a", { old: OLD }), aRetirement("x", { imageId: id, name: "x" })),
      w,
      {
        signal: stop.signal,
        onEvent: (e) => {
          if (e.type === "import.accepted") stop.abort()
        },
      },
    )
    expect(report.results.map((r) => r.outcome)).toEqual(["running", "skipped"])
    expect(report.results[1]?.reason).toBe("interrupted")
    expect(w.cloud.deleted).toEqual([])
  })
})
