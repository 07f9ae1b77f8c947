import { describe, expect, it } from "vitest"
import { anAwait, anImport, anUpdate, aPlan, HERE, run, stamped, THERE } from "./support/build.ts"
import { denied, FakeCloud, failure, lost } from "./support/fake-cloud.ts"
import { VirtualClock } from "./support/virtual-clock.ts"

const BAD_URL = "InvalidParameter.InvalidParameterUrlError"

describe("rehearsals", () => {
  function world(): { cloud: FakeCloud; clock: VirtualClock; plan: ReturnType<typeof aPlan> } {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    const updated = cloud.put(HERE, { name: "u", description: stamped("u") })
    const awaited = cloud.put(HERE, { name: "w", description: stamped("w") }, 30_000)
    cloud.script = (call) =>
      call.verb === "rehearse" && call.about === "bad" ? { failure: failure(BAD_URL) } : undefined
    const plan = aPlan(
      anImport("bad"),
      anImport("good"),
      anImport("good", THERE),
      anUpdate("u", { imageId: updated }),
      anAwait("w", { imageId: awaited }),
    )
    return { cloud, clock, plan }
  }

  it("let nothing start when one fails", async () => {
    const { cloud, clock, plan } = world()
    const { of, events } = await run(plan, { cloud, clock })
    expect(of("bad")).toMatchObject({ outcome: "failed", error: { code: BAD_URL } })
    expect(of("good", HERE.region)).toMatchObject({ outcome: "skipped", reason: "rehearsal_failed" })
    expect(of("good", THERE.region)).toMatchObject({ outcome: "skipped", reason: "rehearsal_failed" })
    expect(of("u")).toMatchObject({ outcome: "skipped", reason: "rehearsal_failed" })
    expect(of("w")).toMatchObject({ outcome: "running" })
    expect(cloud.count("import") + cloud.count("modify")).toBe(0)
    expect(events).toContainEqual(expect.objectContaining({ type: "rehearsal.settled", failed: 1 }))
  })

  it("stop only their own import with keepGoing", async () => {
    const { cloud, clock, plan } = world()
    const { of } = await run(plan, { cloud, clock }, { options: { keepGoing: true } })
    expect(of("bad").outcome).toBe("failed")
    for (const image of ["good", "u", "w"]) expect(of(image).outcome).toBe("done")
    expect(cloud.calls.some((c) => c.verb === "import" && c.about === "bad")).toBe(false)
  })

  it("see that another run was faster, and do not send then", async () => {
    const { cloud, clock } = world()
    const id = cloud.put(HERE, { name: "a", description: stamped("a") }, 60_000)
    cloud.script = (call) =>
      call.verb === "rehearse" ? { failure: failure("InvalidImageName.Duplicate") } : undefined
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "done", imageId: id })
    expect(cloud.count("import")).toBe(0)
  })

  it("fail when somebody else has the name", async () => {
    const { cloud, clock } = world()
    cloud.put(HERE, { name: "a", id: "img-foreign0" })
    cloud.script = (call) =>
      call.verb === "rehearse" ? { failure: failure("InvalidImageName.Duplicate") } : undefined
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a").error?.advice).toContain("img-foreign0 has the name")
    expect(of("a").outcome).toBe("failed")
  })

  it("with a refused name that nobody is seen to have are no failure until the window is over", async () => {
    const { cloud, clock } = world()
    cloud.script = (call) =>
      call.verb === "rehearse" ? { failure: failure("InvalidImageName.Duplicate") } : undefined
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "InvalidImageName.Duplicate" } })
    expect(clock.monotonic()).toBeGreaterThanOrEqual(1_800_000)
    expect(cloud.count("import")).toBe(0)
  })
})

describe("tags", () => {
  it("are made known once per account, before anything is rehearsed", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    const tags = { team: "platform", app: "web" }
    const other = { account: "other", request: { tags } }
    const plan = aPlan(
      anImport("a", { request: { tags } }),
      anImport("b", { request: { tags } }),
      anImport("a", other),
    )
    const { events } = await run(plan, { cloud, clock })
    const firsts = cloud.calls.slice(0, 4).map((c) => c.verb)
    expect(firsts).toEqual(["ensureTag", "ensureTag", "ensureTag", "ensureTag"])
    expect(cloud.count("ensureTag")).toBe(4)
    expect(events).toContainEqual(expect.objectContaining({ type: "tags.settled", created: 4 }))
  })

  it("that may not be created fail the imports of their account, and no others", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) =>
      call.verb === "ensureTag" && call.account === "other" ? { failure: denied() } : undefined
    const tags = { "cvmimg.stack": "golden", team: "platform" }
    const plan = aPlan(
      anImport("a", { request: { tags } }),
      anImport("a", { account: "other", request: { tags } }),
      anImport("plain", { account: "other" }),
    )
    const { report } = await run(plan, { cloud, clock }, { settings: { concurrency: 1 } })
    const outcomes = report.results.map((r) => `${r.image} ${r.account} ${r.outcome}`)
    expect(outcomes).toEqual(["a default done", "a other failed", "plain other done"])
    expect(report.results[1]?.error?.advice).toContain("provenance.tags: false")
    expect(cloud.calls.filter((c) => c.verb === "ensureTag" && c.account === "other")).toHaveLength(1)
  })

  it("that the service refuses fail what needs them alone", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) =>
      call.about === "bad=1" ? { failure: failure("FailedOperation.IllegalTagKey") } : undefined
    const plan = aPlan(
      anImport("a", { request: { tags: { bad: "1" } } }),
      anImport("b", { request: { tags: { ok: "1" } } }),
    )
    const { of } = await run(plan, { cloud, clock })
    expect(of("a").outcome).toBe("failed")
    expect(of("b").outcome).toBe("done")
  })

  it("are made known again when the reply is lost", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) => (call.verb === "ensureTag" && call.nth < 3 ? { failure: lost() } : undefined)
    const { of } = await run(aPlan(anImport("a", { request: { tags: { ok: "1" } } })), { cloud, clock })
    expect(of("a").outcome).toBe("done")
    expect(cloud.count("ensureTag")).toBe(3)
  })

  it("that are still missing half an hour after the creation are attached by a call of their own", async () => {
    for (const minutes of [10, 40]) {
      const clock = new VirtualClock()
      const cloud = new FakeCloud(clock, { importMs: minutes * 60_000, tagsAfterMs: 1e9 })
      const action = anImport("a", { request: { tags: { ok: "1", app: "web" } } })
      const { of } = await run(aPlan(action), { cloud, clock })
      expect(of("a").outcome).toBe("done")
      expect(cloud.all(HERE)[0]?.tags).toEqual(minutes > 30 ? { ok: "1", app: "web" } : {})
    }
  })
})
