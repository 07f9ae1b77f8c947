import { describe, expect, it } from "vitest"
import { apply } from "../../src/apply/apply.ts"
import { anAwait, anImport, anUpdate, aPlan, HERE, run, SETTINGS, stamped, types } from "./support/build.ts"
import { FakeCloud, failure, lost } from "./support/fake-cloud.ts"
import { VirtualClock } from "./support/virtual-clock.ts"

describe("an interrupt", () => {
  it("starts nothing new, awaits what is on the wire, ends the waiting", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { latencyMs: 1_000, repliesId: true })
    const stop = new AbortController()
    const images = ["a", "b", "c", "d"]
    const awaited = cloud.put(HERE, { name: "w", description: stamped("w") }, 600_000)
    const plan = aPlan(...images.map((i) => anImport(i)), anAwait("w", { imageId: awaited }))
    let started = 0
    const { of, events } = await run(
      plan,
      { cloud, clock },
      {
        settings: { concurrency: 2 },
        signal: stop.signal,
        onEvent: (e) => {
          // Two are accepted by then, two are on the wire.
          if (e.type === "placement.started" && e.action === "import") started += 1
          if (started === 2) stop.abort()
        },
      },
    )
    for (const image of ["a", "b", "w"]) expect(of(image)).toMatchObject({ outcome: "running" })
    expect(of("a")).toMatchObject({ imageId: "img-00000002", requestId: expect.any(String) })
    for (const image of ["c", "d"]) {
      expect(of(image)).toMatchObject({ outcome: "skipped", reason: "interrupted", durationMs: 0 })
    }
    expect(types(events)).toContain("interrupted")
    expect(cloud.count("import")).toBe(2)
    expect(cloud.onWire).toBe(0)
    expect(clock.monotonic()).toBeLessThan(10_000)
  })

  it("before the start leaves everything alone", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    const id = cloud.put(HERE, { name: "u", description: stamped("u") })
    const plan = aPlan(anImport("a", { request: { tags: { a: "b" } } }), anUpdate("u", { imageId: id }))
    const { of } = await run(plan, { cloud, clock }, { signal: AbortSignal.abort() })
    expect(of("a")).toMatchObject({ outcome: "skipped", reason: "interrupted" })
    expect(of("u")).toMatchObject({ outcome: "skipped", reason: "interrupted" })
    expect(cloud.calls).toEqual([])
  })

  it("leaves an import whose reply was lost unknown", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock, { visibleAfterMs: 600_000 })
    cloud.script = (call) => (call.verb === "import" ? { failure: lost(), carriedOut: true } : undefined)
    const stop = new AbortController()
    clock.at(60_000, () => stop.abort())
    const { of } = await run(aPlan(anImport("a")), { cloud, clock }, { signal: stop.signal })
    expect(of("a").outcome).toBe("unknown")
  })

  it("comes from the reader too, who stops iterating", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    for await (const event of apply(aPlan(anImport("a")), { cloud, clock, settings: SETTINGS })) {
      if (event.type === "rehearsal.started") break
    }
    expect(cloud.count("import")).toBe(0)
    expect(cloud.onWire).toBe(0)
  })
})

describe("listings that fail during the wait", () => {
  it("are events, and made again", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) =>
      call.verb === "list" && call.nth > 1 && call.nth < 12
        ? { failure: failure("InternalError", { retryable: true, ambiguous: true }) }
        : undefined
    const { of, events } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a").outcome).toBe("done")
    expect(types(events).filter((t) => t === "call.retried")).toHaveLength(10)
  })

  it("for want of credentials leave it running", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) =>
      call.verb === "list" && call.nth > 2
        ? { failure: failure("AuthFailure.TokenFailure", { blame: "permission" }) }
        : undefined
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "running", error: { code: "AuthFailure.TokenFailure" } })
    expect(clock.monotonic()).toBeLessThan(120_000)
  })

  it("until the limit leave it running", async () => {
    const clock = new VirtualClock()
    const cloud = new FakeCloud(clock)
    cloud.script = (call) =>
      call.verb === "list" && call.nth > 2
        ? { failure: failure("InternalError", { retryable: true }) }
        : undefined
    const { of } = await run(aPlan(anImport("a")), { cloud, clock })
    expect(of("a")).toMatchObject({ outcome: "running", error: { code: "InternalError" } })
    expect(clock.monotonic()).toBeLessThan(7_200_000 + 60_000)
  })
})

describe("polling", () => {
  it("does not depend on how many imports are pending", async () => {
    const counts = []
    for (const size of [10, 1_000]) {
      const clock = new VirtualClock()
      const cloud = new FakeCloud(clock, { importMs: 1_200_000, latencyMs: 1 })
      const plan = aPlan(...Array.from({ length: size }, (_, i) => anImport(`i${i}`)))
      await run(plan, { cloud, clock })
      counts.push(cloud.count("list"))
    }
    const [few = 0, many = 0] = counts
    expect(many).toBeLessThanOrEqual(few + 5)
    expect(few).toBeLessThan(130)
  })
})
