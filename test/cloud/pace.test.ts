/**
 * In real time: fake timers hide exactly the faults that matter here. Where the least rate is held, stalls of this
 * machine are left out of the time, which are no lane's fault.
 */
import { describe, expect, it } from "vitest"
import { systemClock } from "../../src/cloud/clock.ts"
import { createLane, type Lane, type Slot } from "../../src/cloud/pace.ts"
import { createPacer, DOCUMENTED_RATES } from "../../src/cloud/pacing.ts"
import type { Clock } from "../../src/model/clock.ts"
import { cpuOf } from "../support/cpu.ts"
import { FastClock } from "../support/fast-clock.ts"

/** The most events in any half-open second. */
function busiestSecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  let most = 0
  for (let i = 0, from = 0; i < sorted.length; i++) {
    while ((sorted[i] ?? 0) - (sorted[from] ?? 0) >= 1_000) from++
    most = Math.max(most, i - from + 1)
  }
  return most
}

async function sendAll(
  lane: Lane,
  count: number,
  latency: (i: number) => number,
  clock: Clock = systemClock,
): Promise<number[]> {
  const times: number[] = []
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const slot = await lane.acquire()
      await clock.sleep(latency(i))
      times.push(clock.monotonic())
      slot.sent()
    }),
  )
  return times
}

describe.concurrent("pacing in real time", () => {
  it("10 a second, spaced: never 11 in a second", async () => {
    const times = await sendAll(createLane({ perSecond: 10, spaced: true }, systemClock), 41, () => 0)
    expect(busiestSecond(times)).toBeLessThanOrEqual(10)
  })

  it("10 a second, spaced: at least 97 % of the rate", async () => {
    const clock = new FastClock(1)
    const times = await sendAll(createLane({ perSecond: 10, spaced: true }, clock), 41, () => 0, clock)
    const seconds = (Math.max(...times) - Math.min(...times)) / 1_000
    expect(40 / seconds).toBeGreaterThan(9.7)
  })

  it("slow first connections do not bunch up with fast later ones", async () => {
    const lane = createLane({ perSecond: 10, spaced: true }, systemClock)
    const times = await sendAll(lane, 30, (i) => (i < 5 ? 600 : i % 7))
    expect(busiestSecond(times)).toBeLessThanOrEqual(10)
  })

  it("reads burst up to the limit and then wait for the window", async () => {
    const clock = new FastClock(1)
    const lane = createLane({ perSecond: 40, spaced: false }, clock)
    const times = await sendAll(lane, 100, (i) => i % 3, clock)
    expect(busiestSecond(times)).toBeLessThanOrEqual(40)
    const sorted = [...times].sort((a, b) => a - b)
    expect((sorted[39] ?? 0) - (sorted[0] ?? 0)).toBeLessThan(200)
    expect((sorted[99] ?? 0) - (sorted[0] ?? 0)).toBeLessThan(2_300)
  })
})

// Alone, because it stops every other test of this process.
it("a stalled event loop is not followed by a burst", async () => {
  const lane = createLane({ perSecond: 10, spaced: true }, systemClock)
  const all = sendAll(lane, 20, () => 0)
  await new Promise((resolve) => setTimeout(resolve, 250))
  const until = performance.now() + 800
  while (performance.now() < until);
  const times = await all
  const after = times.filter((t) => t >= until && t < until + 90)
  expect(after.length).toBeLessThanOrEqual(2)
  expect(busiestSecond(times)).toBeLessThanOrEqual(10)
})

/** A clock that runs as fast as it is slept on. */
function fastClock(): Clock & { jump(ms: number): void } {
  let time = 0
  let wall = 0
  return {
    now: () => time + wall,
    monotonic: () => time,
    async sleep(ms) {
      await Promise.resolve()
      time += ms
    },
    jump(ms) {
      wall += ms
    },
  }
}

describe("a lane", () => {
  it("is first come, first served, and calls that were turned away keep their place", async () => {
    const lane = createLane({ perSecond: 10, spaced: true }, fastClock())
    const order: string[] = []
    const take = async (name: string, turnedAway?: Slot): Promise<Slot> => {
      const slot = await lane.acquire(undefined, turnedAway)
      order.push(name)
      slot.sent()
      return slot
    }
    const a = await take("a")
    const b = await take("b")
    await Promise.all([take("c"), take("d"), take("b again", b), take("a again", a)])
    expect(order).toEqual(["a", "b", "a again", "b again", "c", "d"])
  })

  it("forgets who gave up", async () => {
    const lane = createLane({ perSecond: 1, spaced: true }, fastClock())
    ;(await lane.acquire()).sent()
    const controller = new AbortController()
    const given = lane.acquire(controller.signal)
    controller.abort(new Error("enough"))
    await expect(given).rejects.toThrow("enough")
    await expect(lane.acquire(AbortSignal.abort(new Error("at once")))).rejects.toThrow("at once")
    ;(await lane.acquire()).sent()
  })

  it("a slot that was not used does not count", async () => {
    const clock = fastClock()
    const lane = createLane({ perSecond: 2, spaced: false }, clock)
    for (let i = 0; i < 20; i++) (await lane.acquire()).unused()
    expect(clock.monotonic()).toBe(0)
    const slot = await lane.acquire()
    slot.sent()
    slot.sent()
    slot.unused()
    ;(await lane.acquire()).sent()
    expect(clock.monotonic()).toBe(0)
    ;(await lane.acquire()).sent()
    expect(clock.monotonic()).toBeGreaterThan(1_000)
  })

  it("halves when throttled, once a moment, down to one in two seconds, and recovers", async () => {
    const clock = fastClock()
    const lane = createLane({ perSecond: 10, spaced: true }, clock)
    lane.throttled()
    lane.throttled()
    expect(lane.rate()).toBe(5)
    for (let i = 0; i < 10; i++) {
      await clock.sleep(1_000)
      lane.throttled()
    }
    expect(lane.rate()).toBe(0.5)
    const before = clock.monotonic()
    for (let i = 0; i < 20; i++) {
      ;(await lane.acquire()).sent()
      lane.succeeded()
    }
    expect(lane.rate()).toBe(10)
    expect(clock.monotonic() - before).toBeLessThan(30_000)
  })

  it("keeps its pace where a tenth of all calls is refused, and not where half of them are", async () => {
    const accepted = async (refusedOf: (i: number) => boolean): Promise<number> => {
      const clock = fastClock()
      const lane = createLane({ perSecond: 10, spaced: true }, clock)
      let good = 0
      for (let i = 0; i < 1_000; i++) {
        ;(await lane.acquire()).sent()
        if (refusedOf(i)) lane.throttled()
        else {
          good++
          lane.succeeded()
        }
      }
      return (1_000 * good) / clock.monotonic()
    }
    expect(await accepted((i) => i % 10 === 9)).toBeGreaterThan(0.95 * 9)
    // Three in a row are still paid for, when enough went well before.
    expect(await accepted((i) => i % 30 > 26)).toBeGreaterThan(0.95 * 9)
    expect(await accepted((i) => i % 2 === 1)).toBeLessThan(3)
  })

  it("spends little on a storm of ten minutes, and recovers in less than 30 s", async () => {
    const clock = fastClock()
    const lane = createLane({ perSecond: 10, spaced: true }, clock)
    let sent = 0
    let slot: Slot | undefined
    while (clock.monotonic() < 600_000) {
      slot = await lane.acquire(undefined, slot)
      slot.sent()
      sent++
      lane.throttled()
    }
    expect(sent).toBeLessThanOrEqual(1.1 * 300)
    const over = clock.monotonic()
    while (lane.rate() < 10) {
      ;(await lane.acquire()).sent()
      lane.succeeded()
    }
    expect(clock.monotonic() - over).toBeLessThan(30_000)
  })

  it("takes a call that was answered late for one that arrived late", async () => {
    const clock = fastClock()
    const lane = createLane({ perSecond: 2, spaced: false }, clock)
    const call = async (roundTripMs: number): Promise<void> => {
      const slot = await lane.acquire()
      slot.sent()
      await clock.sleep(roundTripMs)
      slot.answered()
      slot.answered()
    }
    await call(10)
    await call(40)
    await call(10)
    // The third had to wait for the first, the fourth for the second, which may have been 30 ms on its way.
    expect(clock.monotonic()).toBe(1_005 + 10)
    ;(await lane.acquire()).sent()
    expect(clock.monotonic()).toBe(10 + 1_005 + 30)
    await clock.sleep(2_000)
    await call(9_000)
    await call(10)
    await call(10)
    expect(clock.monotonic()).toBeLessThan(3_045 + 9_000 + 1_100)
  })

  it("does not look at the wall clock", async () => {
    const clock = fastClock()
    const lane = createLane({ perSecond: 10, spaced: true }, clock)
    for (let i = 0; i < 30; i++) {
      ;(await lane.acquire()).sent()
      clock.jump(3_600_000 * (i % 2 ? 1 : -1))
    }
    expect(clock.monotonic()).toBeGreaterThan(2_900)
  })

  it("costs constant time: 50,000 waiters, half of them gone", async () => {
    const lane = createLane({ perSecond: 1_000_000, spaced: false }, fastClock())
    const controller = new AbortController()
    const took = await cpuOf(async () => {
      const kept: Promise<unknown>[] = []
      const gone: Promise<unknown>[] = []
      for (let i = 0; i < 25_000; i++) {
        kept.push(lane.acquire().then((slot) => slot.sent()))
        gone.push(lane.acquire(controller.signal).catch(() => {}))
      }
      controller.abort()
      await Promise.all([...kept, ...gone])
    })
    expect(took).toBeLessThan(2_000)
  })
})

describe("the pacer", () => {
  const call = { service: "cvm", account: "a", region: "r1", action: "ImportImage" } as const
  it("has a lane per account, region and action; of the tag service per account and action", () => {
    const pacer = createPacer({}, systemClock)
    expect(pacer(call)).toBe(pacer({ ...call }))
    expect(pacer(call)).not.toBe(pacer({ ...call, region: "r2" }))
    expect(pacer(call)).not.toBe(pacer({ ...call, account: "b" }))
    expect(pacer(call)).not.toBe(pacer({ ...call, action: "DescribeImages" }))
    const tag = { ...call, service: "tag", action: "CreateTag" } as const
    expect(pacer(tag)).toBe(pacer({ ...tag, region: undefined }))
  })

  it("can count per account", () => {
    const pacer = createPacer({ countedPer: "account" }, systemClock)
    expect(pacer(call)).toBe(pacer({ ...call, region: "r2" }))
  })

  it("knows the documented rates, which settings replace", () => {
    expect(DOCUMENTED_RATES).toMatchObject({
      ImportImage: 10,
      DescribeImages: 40,
      DescribeImportImageOs: 288,
    })
    expect(createPacer({}, systemClock)({ ...call, action: "SomethingElse" }).rate()).toBe(10)
    expect(createPacer({ perSecond: { ImportImage: 3 } }, systemClock)(call).rate()).toBe(3)
  })
})
