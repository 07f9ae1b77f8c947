import { describe, expect, it } from "vitest"
import type { Action, ReplaceAction } from "../../src/model/plan.ts"
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
  stamped,
  THERE,
} from "./support/build.ts"
import { lost } from "./support/fake-cloud.ts"
import { OLD, PREV, putOld, putRetired, stands, world, writes } from "./support/halfway.ts"

describe("what is retired", () => {
  it("is retired when everything else has ended, and each image has a row", async () => {
    const w = world({ importMs: 600_000 })
    putOld(w)
    const one = putRetired(w)
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
    const id = putRetired(w)
    const { of } = await run(aPlan(action, aRetirement("x", { imageId: id, name: "x" })), w)
    const row = of("x", HERE.region)
    expect(row).toMatchObject({ outcome: "skipped", reason: "import_not_done", imageId: id })
    expect(w.cloud.deleted).toEqual([])
  })

  it("goes when an import of something else fails", async () => {
    const w = world({ outcome: () => "IMPORTFAILED" })
    const id = putRetired(w)
    const other = anImport("n", { afterwards: { attributes: { family: "g" } } })
    const { of } = await run(aPlan(other, aRetirement("x", { imageId: id, name: "x" })), w)
    expect(of("x").outcome).toBe("done")
  })

  it("stays when an import of it is still running, or of unknown outcome", async () => {
    const w = world()
    const id = putRetired(w)
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
    const id = putRetired(w)
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
