// Apply over HTTP: the real adapter with the vendor's SDK on one side, the emulator on the other, a door that loses
// calls and replies between them. What is true is judged by the emulator's world and ledger.
import { afterEach, describe, expect, it } from "vitest"
import { isEmpty } from "../../src/plan/index.ts"
import { desired } from "../plan/build.ts"
import { run } from "./support/build.ts"
import {
  applied,
  clock,
  closeWorlds,
  FAST,
  HONGKONG,
  httpWorld,
  imports,
  inRegion,
  planned,
  SINGAPORE,
} from "./support/over-http.ts"

afterEach(closeWorlds)

describe("apply over HTTP", () => {
  it("then plan: the plan is empty", async () => {
    const w = await httpWorld()
    const parts = {
      family: "f",
      tags: { team: "platform" },
      description: "hardened",
      sharedWith: ["100000000009"],
    }
    const wanted = desired(
      inRegion("a", SINGAPORE, parts),
      inRegion("a", HONGKONG, { ...parts, release: "together" }),
      inRegion("b", SINGAPORE),
    )
    const { report } = await applied(w, wanted)
    expect(report.results.map((r) => r.outcome)).toEqual(["done", "done", "done"])
    expect(isEmpty(await planned(w, wanted))).toBe(true)
    expect(imports(w)).toBe(3)
    // A change in place, and nothing else is written.
    const changed = desired(
      ...wanted.placements.map((p) => ({ ...p, description: "new text", tags: { team: "web", old: null } })),
    )
    w.emulator.clearLogs()
    const second = await applied(w, changed)
    expect(second.report.results.map((r) => `${r.action} ${r.outcome}`)).toEqual(Array(3).fill("update done"))
    expect(imports(w)).toBe(0)
    expect(isEmpty(await planned(w, changed))).toBe(true)
  })

  it.each(["lose reply", "lose call"] as const)("%s of an import: one image at most", async (passage) => {
    const w = await httpWorld()
    w.door.decide = (action, body) => (action === "ImportImage" && body.DryRun !== true ? passage : "pass")
    const wanted = desired(inRegion("a", SINGAPORE))
    const { of } = await applied(w, wanted, { visibilityWindowMs: 600 })
    expect(of("a").outcome).toBe(passage === "lose reply" ? "done" : "unknown")
    expect(imports(w)).toBe(passage === "lose reply" ? 1 : 0)
    w.door.decide = () => "pass"
    const again = await applied(w, wanted)
    expect(again.report.results.every((r) => r.outcome === "done")).toBe(true)
    expect(imports(w)).toBe(1)
    expect(isEmpty(await planned(w, wanted))).toBe(true)
  })

  it.each(["CreateTag", "ModifyImageAttribute", "ModifyResourceTags", "DescribeImages"])(
    "a lost reply of %s is looked into and ends well",
    async (lost) => {
      const w = await httpWorld()
      const first = inRegion("a", SINGAPORE, { tags: { team: "platform" } })
      await applied(w, desired(first))
      let left = 1
      w.door.decide = (action) => {
        if (action !== lost || left === 0) return "pass"
        left -= 1
        return "lose reply"
      }
      const wanted = desired({ ...first, description: "new", tags: { team: "web" } })
      const { of } = await applied(w, wanted)
      expect(left).toBe(0)
      expect(of("a").outcome).toBe("done")
      expect(isEmpty(await planned(w, wanted))).toBe(true)
    },
  )

  it("IMPORTFAILED is a failure with causes, and other images are done", async () => {
    const w = await httpWorld({ importOutcomes: { bad: "VirtioNotInstall" } })
    const { of } = await applied(w, desired(inRegion("bad", SINGAPORE), inRegion("good", SINGAPORE)))
    expect(of("bad")).toMatchObject({ outcome: "failed", error: { code: "ImportFailed" } })
    expect(of("good").outcome).toBe("done")
  })

  it("an import without end is running, and the next run waits for it", async () => {
    const w = await httpWorld({ importOutcomes: { slow: "never" } })
    const wanted = desired(inRegion("slow", SINGAPORE))
    const { of } = await applied(w, wanted, { importTimeoutMs: 400 })
    expect(of("slow")).toMatchObject({ outcome: "running", imageId: expect.stringMatching(/^img-/) })
    const id = of("slow").imageId ?? ""
    const [action] = (await planned(w, wanted)).actions
    expect(action?.action).toBe("await")
    setTimeout(() => w.emulator.world.changeImage(id, { state: "NORMAL" }), 200)
    const again = await applied(w, wanted)
    expect(again.of("slow")).toMatchObject({ action: "await", outcome: "done", imageId: id })
    expect(imports(w)).toBe(1)
  })

  it.each([true, false])("two runs at once, names unique: %s", async (unique) => {
    const w = await httpWorld({ duplicateNames: unique ? "submit" : "never", visibilityDelayMs: 100 })
    const wanted = desired(inRegion("a", SINGAPORE), inRegion("b", SINGAPORE))
    const both = await Promise.all([applied(w, wanted), applied(w, wanted)])
    const outcomes = both.flatMap(({ report }) => report.results.map((r) => r.outcome))
    if (unique) {
      expect(outcomes).toEqual(["done", "done", "done", "done"])
      expect(imports(w)).toBe(2)
    } else {
      // Nothing prevents the double there: it is detected and reported, and nothing is deleted.
      const doubled = imports(w) > 2
      expect(outcomes.includes("unknown")).toBe(doubled)
      expect(w.emulator.world.images()).toHaveLength(imports(w))
    }
  })

  it("without quota stops that region alone", async () => {
    const w = await httpWorld({ quota: 1 })
    const wanted = desired(
      ...["a", "b", "c"].map((image) => inRegion(image, SINGAPORE)),
      inRegion("a", HONGKONG),
    )
    const { report } = await applied(w, wanted, { concurrency: 1 })
    const inSingapore = report.results.filter((r) => r.region === SINGAPORE).map((r) => r.outcome)
    expect(inSingapore.sort()).toEqual(["done", "failed", "skipped"])
    expect(report.results.find((r) => r.region === HONGKONG)?.outcome).toBe("done")
  })

  it("an interrupt lets the call on the wire end, and the next run goes on", async () => {
    const w = await httpWorld({ importMs: 500 })
    const wanted = desired(...["a", "b", "c", "d"].map((image) => inRegion(image, SINGAPORE)))
    const stop = new AbortController()
    w.door.decide = (action, body) => {
      if (action === "ImportImage" && body.ImageName === "b" && body.DryRun !== true) stop.abort()
      return "pass"
    }
    const first = await run(
      await planned(w, wanted),
      { cloud: w.cloud, clock },
      { signal: stop.signal, options: { poll: FAST }, settings: { concurrency: 1 } },
    )
    expect(first.report.results.map((r) => r.outcome)).toEqual(["running", "running", "skipped", "skipped"])
    expect(imports(w)).toBe(2)
    const again = await applied(w, wanted)
    expect(again.report.results.every((r) => r.outcome === "done")).toBe(true)
    expect(imports(w)).toBe(4)
    expect(isEmpty(await planned(w, wanted))).toBe(true)
  })
})
