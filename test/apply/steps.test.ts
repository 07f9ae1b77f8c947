import { describe, expect, it } from "vitest"
import { IMAGE_TAG, STACK_TAG } from "../../src/model/provenance.ts"
import {
  anAwait,
  anImport,
  anUpdate,
  aPlan,
  aRefusal,
  HERE,
  run,
  SPEC,
  STACK_ID,
  stamped,
  THERE,
} from "./support/build.ts"
import { denied, FakeCloud, failure, lost } from "./support/fake-cloud.ts"
import { VirtualClock } from "./support/virtual-clock.ts"

const NEW = stamped("u", SPEC, STACK_ID, "new")
const EVERYTHING = {
  attributes: { description: NEW, family: "f", deprecated: false },
  tags: { set: { app: "web" }, remove: ["old"] },
  shares: { add: ["100000000001"], remove: [] },
}

function world(): { cloud: FakeCloud; clock: VirtualClock; id: string } {
  const clock = new VirtualClock()
  const cloud = new FakeCloud(clock)
  const id = cloud.put(HERE, { name: "u", description: stamped("u"), tags: { old: "1", kept: "1" } })
  return { cloud, clock, id }
}

const writes = (cloud: FakeCloud): readonly string[] =>
  cloud.calls.filter((c) => ["tags", "shares", "modify"].includes(c.verb)).map((c) => c.verb)

describe("changes in place", () => {
  it("write the stamp last, with all attributes in one call", async () => {
    const { cloud, clock, id } = world()
    const { of, events } = await run(aPlan(anUpdate("u", { imageId: id, update: EVERYTHING })), {
      cloud,
      clock,
    })
    expect(of("u")).toMatchObject({ outcome: "done", imageId: id, requestId: expect.stringMatching(/^req-/) })
    expect(writes(cloud)).toEqual(["tags", "shares", "modify"])
    expect(cloud.all(HERE)[0]).toMatchObject({
      description: NEW,
      family: "f",
      tags: { app: "web", kept: "1" },
    })
    const steps = events.flatMap((e) => (e.type === "update.settled" ? [e.step] : []))
    expect(steps).toEqual(["tags", "shares", "attributes"])
  })

  // The second: somebody took the stamp off since the plan saw it.
  it.each([
    [["provenance_missing:description", "provenance_outdated:cvmimg.stack"]],
    [["provenance_outdated:cvmimg.stack"]],
  ] as const)("write the stamp before the tags that it takes the place of go: %j", async (reasons) => {
    const { cloud, clock } = world()
    const tags = { [STACK_TAG]: STACK_ID, [IMAGE_TAG]: "old" }
    const id = cloud.put(HERE, { name: "t", description: "", tags })
    const update = {
      attributes: { description: stamped("t") },
      tags: { set: {}, remove: [STACK_TAG, IMAGE_TAG] },
      shares: { add: ["100000000001"], remove: [] },
    }
    const action = { ...anUpdate("t", { imageId: id, update }), reasons }
    const { of } = await run(aPlan(action), { cloud, clock })
    expect(of("t").outcome).toBe("done")
    expect(writes(cloud)).toEqual(["shares", "modify", "tags"])
  })

  it("stop at the step that fails, and the stamp stays as it was", async () => {
    const { cloud, clock, id } = world()
    cloud.script = (call) =>
      call.verb === "shares" ? { failure: failure("OverQuota", { requestId: "req-x" }) } : undefined
    const { of } = await run(aPlan(anUpdate("u", { imageId: id, update: EVERYTHING })), { cloud, clock })
    expect(of("u")).toMatchObject({ outcome: "failed", requestId: "req-x", error: { code: "OverQuota" } })
    expect(cloud.all(HERE)[0]?.description).toBe(stamped("u"))
  })

  it("whose reply is lost are looked at: done where they were carried out, else unknown", async () => {
    for (const verb of ["tags", "shares", "modify"]) {
      for (const carriedOut of [true, false]) {
        const { cloud, clock, id } = world()
        cloud.script = (call) => (call.verb === verb ? { failure: lost(), carriedOut } : undefined)
        const { of } = await run(aPlan(anUpdate("u", { imageId: id, update: EVERYTHING })), { cloud, clock })
        expect(of("u").outcome).toBe(carriedOut ? "done" : "unknown")
        expect(cloud.count(verb as "tags")).toBe(1)
      }
    }
  })

  it("are not made to an image that is gone or no longer ours", async () => {
    const { cloud, clock, id } = world()
    const foreign = cloud.put(HERE, { name: "f", description: stamped("f", SPEC, "ffffffff") })
    const bare = cloud.put(HERE, { name: "n" })
    const plan = aPlan(
      anUpdate("u", { imageId: "img-gone0000" }),
      anUpdate("f", { imageId: foreign }),
      anUpdate("n", { imageId: bare }),
      anUpdate("fa", { imageId: foreign, action: "adopt" }),
      anUpdate("na", { imageId: bare, action: "adopt" }),
      anUpdate("ok", { imageId: id }),
    )
    const { of } = await run(plan, { cloud, clock })
    expect(of("u")).toMatchObject({ outcome: "failed", error: { code: "ImageDisappeared" } })
    for (const image of ["f", "n", "fa"]) {
      expect(of(image)).toMatchObject({ outcome: "failed", error: { code: "ClientError.NotOurs" } })
    }
    expect(of("na").outcome).toBe("done")
    expect(of("ok").outcome).toBe("done")
    expect(cloud.count("list")).toBe(1)
  })

  it("of a place without rights are not tried any more", async () => {
    const { cloud, clock, id } = world()
    const second = cloud.put(HERE, { name: "v", description: stamped("v") })
    cloud.script = (call) => (call.verb === "modify" ? { failure: denied() } : undefined)
    const plan = aPlan(anUpdate("u", { imageId: id }), anUpdate("v", { imageId: second }))
    const { of } = await run(plan, { cloud, clock }, { settings: { concurrency: 1 } })
    expect(of("u").outcome).toBe("failed")
    expect(of("v")).toMatchObject({ outcome: "skipped", reason: "unauthorized" })
    expect(cloud.count("modify")).toBe(1)
  })

  it("follow an import or an await at NORMAL", async () => {
    const { cloud, clock } = world()
    const awaited = cloud.put(HERE, { name: "w", description: stamped("w") }, 30_000)
    const plan = aPlan(
      anImport("a", { afterwards: { attributes: { family: "f" }, shares: EVERYTHING.shares } }),
      anAwait("w", { imageId: awaited, afterwards: { attributes: { family: "g" } } }),
    )
    const { of } = await run(plan, { cloud, clock })
    expect(of("a").outcome).toBe("done")
    expect(of("w")).toMatchObject({ outcome: "done", imageId: awaited })
    expect(cloud.all(HERE).map((i) => i.family)).toEqual(["", "g", "f"])
  })

  it("that fail after NORMAL fail the import, with its image", async () => {
    const { cloud, clock } = world()
    cloud.script = (call) =>
      call.verb === "modify" ? { failure: failure("InvalidParameterValue.InvalidImageFamily") } : undefined
    const plan = aPlan(anImport("a", { afterwards: { attributes: { family: "?" } } }))
    const { of } = await run(plan, { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "failed", imageId: "img-00000002" })
  })
})

describe("release: together", () => {
  const family = { afterwards: { attributes: { family: "f" } }, release: "together" as const }
  const familyOf = (cloud: FakeCloud, place: typeof HERE): string | undefined =>
    cloud.all(place).find((i) => i.name === "a")?.family

  it("moves the family only when every placement is NORMAL", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    const slow = cloud.put(THERE, { name: "a", description: stamped("a") }, 600_000)
    const kept = cloud.put({ ...HERE, region: "ap-tokyo" }, { name: "a", description: stamped("a") })
    const update = { attributes: { family: "f" } }
    const plan = aPlan(
      anImport("a", family),
      anAwait("a", { ...THERE, imageId: slow, ...family }),
      anUpdate("a", { region: "ap-tokyo", imageId: kept, update, release: "together" }),
    )
    let early = 0
    const { report } = await run(
      plan,
      { cloud, clock },
      {
        onEvent: (e) => {
          if (e.type === "update.started" && clock.monotonic() < 600_000) early += 1
        },
      },
    )
    expect(report.results.map((r) => r.outcome)).toEqual(["done", "done", "done"])
    expect(early).toBe(0)
    expect([familyOf(cloud, HERE), familyOf(cloud, THERE)]).toEqual(["f", "f"])
  })

  it("holds the family back when a placement fails or is refused", async () => {
    const failing = anImport("a", { ...THERE, ...family })
    for (const second of [failing, aRefusal("a", THERE)]) {
      const clock = new VirtualClock()
      const cloud = new FakeCloud(clock, {
        outcome: (_, place) => (place.region === THERE.region ? "IMPORTFAILED" : "NORMAL"),
      })
      const { of } = await run(aPlan(anImport("a", family), second, anImport("b")), { cloud, clock })
      expect(of("a", HERE.region)).toMatchObject({
        outcome: "skipped",
        reason: "release_held",
        imageId: expect.any(String),
        requestId: expect.any(String),
      })
      expect(familyOf(cloud, HERE)).toBe("")
      expect(of("b").outcome).toBe("done")
    }
  })
})
