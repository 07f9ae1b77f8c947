import { describe, expect, it } from "vitest"
import { aKeep, anImport, aPlan, aRefusal, HERE, run, stamped, THERE, types } from "./support/build.ts"
import { denied, FakeCloud, failure, lost } from "./support/fake-cloud.ts"
import { VirtualClock } from "./support/virtual-clock.ts"

const MINUTE = 60_000

describe("an import", () => {
  it("is done when it was read at NORMAL, and not before", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { importMs: 90_000 })
    const { events, of, report } = await run(aPlan(anImport("a"), aKeep("k")), { cloud, clock })
    expect(types(events)).toEqual([
      "run.started",
      "rehearsal.started",
      "rehearsal.checked",
      "rehearsal.settled",
      "placement.started",
      "import.accepted",
      "image.state",
      "image.state",
      "placement.settled",
      "run.settled",
    ])
    expect(of("a")).toMatchObject({ outcome: "done", action: "import", imageId: "img-00000001" })
    expect(of("a").durationMs).toBeGreaterThanOrEqual(90_000)
    expect(of("a").durationMs).toBeLessThan(90_000 * 1.2)
    expect(report).toMatchObject({ formatVersion: 1, stack: "golden" })
    expect(report.results).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ results: report.results })
  })

  it("is found by name and mark among others where the reply has no id, by id where it has", async () => {
    for (const repliesId of [false, true]) {
      const clock = new VirtualClock()
      const cloud = new FakeCloud(clock, { repliesId, visibleAfterMs: 5 * MINUTE })
      cloud.put(HERE, { name: "a-2", description: stamped("a") })
      cloud.put(HERE, { name: "A", description: stamped("a") })
      const { of } = await run(aPlan(anImport("a")), { cloud, clock })
      expect(of("a")).toMatchObject({ outcome: "done", imageId: "img-00000003" })
      expect(cloud.count("import")).toBe(1)
    }
  })

  it("is sent once when its reply is lost, and goes on when it shows up", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { visibleAfterMs: 15 * MINUTE, importMs: 20 * MINUTE })
    cloud.script = (call) => (call.verb === "import" ? { failure: lost(), carriedOut: true } : undefined)
    const { of, events } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "done", imageId: "img-00000001" })
    expect(cloud.count("import")).toBe(1)
    expect(types(events)).toContain("import.unclear")
  })

  it("is unknown when its reply is lost and nothing shows up", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) => (call.verb === "import" ? { failure: lost() } : undefined)
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "unknown", error: { code: "ClientError.ConnectionLost" } })
    expect(of("a").imageId).toBeUndefined()
    expect(of("a").durationMs).toBeGreaterThanOrEqual(30 * MINUTE)
    expect(cloud.count("import")).toBe(1)
  })

  it("is unknown when it was accepted and never shows up", async () => {
    for (const repliesId of [false, true]) {
      const clock = new VirtualClock()
      const cloud = new FakeCloud(clock, { repliesId, visibleAfterMs: 10_000 * MINUTE })
      const { of } = await run(aPlan(anImport("a")), { cloud, clock })
      expect(of("a")).toMatchObject({ outcome: "unknown", error: { code: "ClientError.NotVisible" } })
      expect(of("a").requestId).toMatch(/^req-/)
    }
  })

  it("goes on with the image of another run that has the name, the mark and the spec", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { visibleAfterMs: 10 * MINUTE, importMs: 30 * MINUTE })
    // The other run is a moment faster, and its image is not visible yet.
    const other = anImport("a")
    await cloud.importImage(HERE, other.request)
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "done", imageId: "img-00000001" })
    expect(cloud.all(HERE)).toHaveLength(1)
  })

  it("fails when somebody else's image has the name", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) => {
      if (call.verb === "import") cloud.put(HERE, { name: "a", id: "img-foreign0" })
      return undefined
    }
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({
      outcome: "failed",
      error: { code: "InvalidImageName.Duplicate", advice: expect.stringContaining("img-foreign0") },
    })
    expect(of("a").imageId).toBeUndefined()
  })

  it("fails before it is sent when the name was taken since the plan", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { uniqueNames: false })
    cloud.put(HERE, { name: "a", description: stamped("a", "f".repeat(16)) })
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ClientError.NameTaken" } })
    expect(cloud.count("import")).toBe(0)
  })

  it("waits for the same import if another run sent it since the plan", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { uniqueNames: false })
    const id = cloud.put(HERE, { name: "a", description: stamped("a") }, MINUTE)
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "done", imageId: id })
    expect(cloud.count("import")).toBe(0)
  })

  it("reports a double and touches neither", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { uniqueNames: false })
    cloud.script = (call) => {
      if (call.verb === "import") cloud.put(HERE, { name: "a", description: stamped("a") }, MINUTE)
      return undefined
    }
    const action = anImport("a", { afterwards: { attributes: { family: "f" } } })
    const { of } = await run(aPlan(action), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "unknown", error: { code: "ClientError.DoubleImport" } })
    expect(cloud.count("modify")).toBe(0)
  })

  it("fails with the known causes that fit", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { outcome: () => "IMPORTFAILED" })
    const action = anImport("a", { request: { bootMode: "UEFI", force: true } })
    const { of } = await run(aPlan(action), { cloud, clock })
    const { error, ...rest } = of("a")
    expect(rest).toMatchObject({ outcome: "failed", imageId: "img-00000001" })
    expect(error?.code).toBe("ImportFailed")
    for (const text of [
      "qcow2",
      "virtio_blk",
      "waives cloud-init only",
      "bootMode is UEFI",
      "--retry-failed",
    ]) {
      expect(error?.advice).toContain(text)
    }
  })

  it("fails when the image is read back with another name or without our mark", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { repliesId: true })
    clock.at(30_000, () => cloud.change("img-00000001", { description: "mine now" }))
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ClientError.ReadBackMismatch" } })
  })

  it("fails when the image disappears during the wait", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { importMs: 10 * MINUTE })
    clock.at(MINUTE, () => cloud.remove("img-00000001"))
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ImageDisappeared" } })
    expect(of("a").durationMs).toBeLessThan(3 * MINUTE)
  })

  it("shows states that nobody knows and waits on", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { importMs: 10 * MINUTE, repliesId: true })
    clock.at(MINUTE, () => cloud.change("img-00000001", { state: "TRANSMOGRIFYING" }))
    clock.at(2 * MINUTE, () => cloud.change("img-00000001", { state: "IMPORTING" }))
    const { of, events } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a").outcome).toBe("done")
    const states = events.flatMap((e) => (e.type === "image.state" ? [e.state] : []))
    expect(states).toEqual(["IMPORTING", "TRANSMOGRIFYING", "IMPORTING", "NORMAL"])
  })

  it("is running, not failed, when it takes longer than its limit", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { importMs: 100 * 60 * MINUTE })
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "running", imageId: "img-00000001" })
    expect(of("a").durationMs).toBeGreaterThanOrEqual(7_200_000)
    expect(of("a").durationMs).toBeLessThan(7_200_000 + 20_000)
  })

  it("fails as the API says, and the others do not notice", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) =>
      call.verb === "import" && call.about === "b"
        ? { failure: failure("InvalidParameterValue.InvalidBootMode", { requestId: "req-b" }) }
        : undefined
    const { of } = await run(aPlan(anImport("a"), anImport("b"), anImport("c")), { cloud, clock })
    expect(of("a").outcome).toBe("done")
    expect(of("b")).toMatchObject({ outcome: "failed", requestId: "req-b" })
    expect(of("c").outcome).toBe("done")
  })

  it("stops the imports of a region without quota, and of no other", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) =>
      call.verb === "import" && call.region === HERE.region
        ? { failure: failure("ImageQuotaLimitExceeded") }
        : undefined
    const images = ["a", "b", "c", "d"]
    const plan = aPlan(...images.flatMap((i) => [anImport(i), anImport(i, THERE)]))
    const { of } = await run(plan, { cloud, clock }, { settings: { concurrency: 1 } })
    expect(of("a", HERE.region)).toMatchObject({ outcome: "failed" })
    for (const image of images.slice(1)) {
      expect(of(image, HERE.region)).toMatchObject({
        outcome: "skipped",
        reason: "quota_exhausted",
        error: { code: "ImageQuotaLimitExceeded" },
      })
    }
    for (const image of images) expect(of(image, THERE.region).outcome).toBe("done")
  })

  it("stops the writes of a place where the right was lost", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) =>
      call.verb === "import" && call.region === HERE.region ? { failure: denied() } : undefined
    const plan = aPlan(anImport("a"), anImport("b"), anImport("a", THERE))
    const { of } = await run(plan, { cloud, clock }, { settings: { concurrency: 1 } })
    expect(of("a", HERE.region)).toMatchObject({ outcome: "failed" })
    expect(of("b", HERE.region)).toMatchObject({ outcome: "skipped", reason: "unauthorized" })
    expect(of("a", THERE.region).outcome).toBe("done")
  })

  it("keeps to the limits of requests and of imports under way", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    const plan = aPlan(...Array.from({ length: 40 }, (_, i) => anImport(`i${i}`)))
    const { report } = await run(plan, { cloud, clock }, { settings: { concurrency: 3, maxImporting: 5 } })
    expect(report.results.every((r) => r.outcome === "done")).toBe(true)
    expect(cloud.mostOnWire).toBeLessThanOrEqual(3 + 1)
    expect(cloud.mostImporting).toBe(5)
  })

  it("does not start more imports than fit beside those that never end", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { importMs: 1e9 })
    const plan = aPlan(anImport("a"), anImport("b"), anImport("c"))
    const { of } = await run(plan, { cloud, clock }, { settings: { maxImporting: 2 } })
    expect(of("a").outcome).toBe("running")
    expect(of("b").outcome).toBe("running")
    expect(of("c")).toMatchObject({ outcome: "skipped", reason: "no_room" })
  })

  it("leaves refusals alone and says why", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    const { of } = await run(aPlan(aRefusal("r", { refusal: "ambiguous" })), { cloud, clock })
    expect(of("r")).toMatchObject({ outcome: "skipped", action: "refuse", reason: "ambiguous" })
    expect(cloud.calls).toEqual([])
  })
})
