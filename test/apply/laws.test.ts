import fc from "fast-check"
import { expect, it } from "vitest"
import { apply } from "../../src/apply/apply.ts"
import type { ImportAction } from "../../src/model/plan.ts"
import { anImport, aPlan, HERE, run, SETTINGS, THERE, types } from "./support/build.ts"
import { denied, FakeCloud, type Fault, failure, lost } from "./support/fake-cloud.ts"
import { VirtualClock } from "./support/virtual-clock.ts"

/** What may happen to a call; most calls go well. */
const faults: readonly (() => Fault | undefined)[] = [
  ...Array.from({ length: 6 }, () => () => undefined),
  () => ({ failure: lost(), carriedOut: true }),
  () => ({ failure: lost() }),
  () => ({ failure: failure("InternalError", { retryable: true, ambiguous: true }), carriedOut: true }),
  () => ({ failure: failure("RequestLimitExceeded", { retryable: true, blame: "rate" }) }),
  () => ({ failure: failure("InvalidImageName.Duplicate") }),
  () => ({ failure: failure("ImageQuotaLimitExceeded", { blame: "quota" }) }),
  () => ({ failure: denied() }),
]

const states = ["NORMAL", "NORMAL", "NORMAL", "IMPORTFAILED", "CREATEFAILED", "FORGOTTEN"]

const scenario = fc.record({
  luck: fc.array(fc.nat(faults.length - 1), { minLength: 1, maxLength: 60 }),
  ends: fc.array(fc.nat(states.length - 1), { minLength: 1, maxLength: 6 }),
  size: fc.integer({ min: 1, max: 6 }),
  visibleAfterMs: fc.constantFrom(0, 30_000, 900_000, 3_600_000),
  importMs: fc.constantFrom(1_000, 120_000, 3_600_000),
  repliesId: fc.boolean(),
  uniqueNames: fc.boolean(),
  keepGoing: fc.boolean(),
  concurrency: fc.integer({ min: 1, max: 4 }),
  maxImporting: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  together: fc.boolean(),
  interruptAtMs: fc.option(fc.integer({ min: 0, max: 2_000_000 }), { nil: undefined }),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never

function worldOf(s: Scenario): { cloud: FakeCloud; clock: VirtualClock; actions: ImportAction[] } {
  const clock = new VirtualClock()
  const { visibleAfterMs, importMs, repliesId, uniqueNames } = s
  const outcome = (name: string): string =>
    states[s.ends[Number(name.slice(1)) % s.ends.length] ?? 0] ?? "NORMAL"
  const cloud = new FakeCloud(clock, { visibleAfterMs, importMs, repliesId, uniqueNames, outcome })
  let drawn = 0
  cloud.script = () => {
    drawn += 1
    return faults[s.luck[drawn % s.luck.length] ?? 0]?.()
  }
  const parts = {
    release: s.together ? ("together" as const) : ("perRegion" as const),
    afterwards: { attributes: { family: "f" } },
    request: { tags: { team: "platform" } },
  }
  const actions = Array.from({ length: s.size }, (_, i) => [
    anImport(`i${i}`, parts),
    anImport(`i${i}`, { ...THERE, ...parts }),
  ]).flat()
  return { cloud, clock, actions }
}

it("whatever fails, an import is sent once at most, every action ends, and done is done", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (s) => {
      const { cloud, clock, actions } = worldOf(s)
      const stop = new AbortController()
      if (s.interruptAtMs !== undefined) clock.at(s.interruptAtMs, () => stop.abort())
      const { report, events } = await run(
        aPlan(...actions),
        { cloud, clock },
        {
          signal: stop.signal,
          options: { keepGoing: s.keepGoing },
          settings: {
            concurrency: s.concurrency,
            ...(s.maxImporting === undefined ? {} : { maxImporting: s.maxImporting }),
          },
        },
      )
      // At most one call for each placement, and so at most one image (I1).
      for (const { region, request } of actions) {
        const calls = cloud.calls.filter(
          (c) => c.verb === "import" && c.region === region && c.about === request.name,
        )
        expect(calls.length).toBeLessThanOrEqual(1)
      }
      // A row for each action, sorted.
      const rows = report.results.map((r) => `${r.image} ${r.account} ${r.region}`)
      expect(rows).toEqual(actions.map((a) => `${a.image} ${a.account} ${a.region}`).sort())
      expect(types(events).filter((t) => t === "placement.settled")).toHaveLength(actions.length)
      // Done: the image stands there, NORMAL, by name, with our mark and what comes after (I3).
      for (const row of report.results) {
        const image = cloud.all(row).find((i) => i.name === row.image)
        if (row.outcome === "done") {
          expect(image).toMatchObject({ id: row.imageId, state: "NORMAL", family: "f" })
        }
        // Failed and skipped before anything was accepted: no image of ours may be there (I8).
        if (row.outcome === "skipped" && row.requestId === undefined) {
          expect(image === undefined || row.imageId !== undefined).toBe(true)
        }
        if (row.outcome === "unknown") expect(row.error).toBeDefined()
        if (row.outcome === "failed") expect(row.error?.advice).toBeTruthy()
      }
      if (s.maxImporting !== undefined) expect(cloud.mostImporting).toBeLessThanOrEqual(s.maxImporting)
      expect(cloud.onWire).toBe(0)
    }),
    { numRuns: 200 },
  )
})

it("what befalls one region does not change the outcome in another (I10)", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (s) => {
      const outcomes = async (fail: boolean): Promise<unknown> => {
        const { cloud, clock, actions } = worldOf({ ...s, together: false })
        const luck = cloud.script
        cloud.script = (call) =>
          fail && call.region === THERE.region && call.verb !== "rehearse" ? luck(call) : undefined
        const plan = aPlan(...actions)
        const { report } = await run(plan, { cloud, clock }, { settings: { concurrency: s.concurrency } })
        return report.results.filter((r) => r.region === HERE.region).map((r) => [r.image, r.outcome])
      }
      expect(await outcomes(true)).toEqual(await outcomes(false))
    }),
    { numRuns: 60 },
  )
})

it("a second run after any first one does not import again what is there", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (s) => {
      const { cloud, clock, actions } = worldOf({
        ...s,
        uniqueNames: false,
        visibleAfterMs: 0,
        together: false,
      })
      const plan = aPlan(...actions)
      const stop = new AbortController()
      if (s.interruptAtMs !== undefined) clock.at(s.interruptAtMs, () => stop.abort())
      await run(plan, { cloud, clock }, { signal: stop.signal, options: { keepGoing: true } })
      await run(plan, { cloud, clock }, { options: { keepGoing: true } })
      for (const { region, account, request } of actions) {
        const images = cloud.all({ account, region }).filter((i) => i.name === request.name)
        expect(images.length).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 60 },
  )
})

it("throws for a fault of its own, and not for one of the cloud", async () => {
  const clock = new VirtualClock()
  const cloud = new FakeCloud(clock)
  cloud.importImage = () => Promise.reject(new TypeError("no CloudError"))
  const { of } = await run(aPlan(anImport("a")), { cloud, clock })
  expect(of("a")).toMatchObject({ outcome: "unknown", error: { code: "ClientError.Unknown" } })
  const broken = apply(undefined as never, { cloud, clock, settings: SETTINGS })
  await expect(broken.next()).rejects.toThrow(TypeError)
})
