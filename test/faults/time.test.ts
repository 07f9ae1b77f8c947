// Limits of calls, clocks that are wrong or jump, credentials that end. Rows 14, 15, 32-35, 56, 61.
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { demoAccount } from "../../src/emulator/index.ts"
import type { Clock } from "../../src/model/clock.ts"
import { writeSecret } from "../support/canary.ts"
import type { FastClock } from "../support/fast-clock.ts"
import { until } from "../support/steady.ts"
import { image, MINUTE, peaks, SECOND, scene, stack } from "./scene.ts"

const LETTERS = [..."abcdefgh"]
const eight = LETTERS.map((name) => image(name))

describe("limits of calls", () => {
  test("one refusal: made again after a second, in its place", async () => {
    const s = await scene({
      manifests: [stack(), ...eight],
      faults: ["ImportImage:real,2:throttle"],
      speed: 30,
    })
    expect((await s.apply()).code).toBe(0)
    const real = s.emulator.requests.filter((r) => r.action === "ImportImage" && r.parameters.DryRun !== true)
    const [refused, ...more] = real.filter((r) => r.code === "RequestLimitExceeded")
    expect(more).toEqual([])
    const name = refused?.parameters.ImageName
    const again = real.find((r) => r.parameters.ImageName === name && r.code === null)
    const waited = (again?.monotonicMs ?? 0) - (refused?.monotonicMs ?? 0)
    expect(waited).toBeGreaterThanOrEqual(SECOND)
    // Others may go on meanwhile, in their order.
    const others = real.map((r) => r.parameters.ImageName).filter((other) => other !== name)
    expect(others).toEqual(others.toSorted())
    expect(s.imports()).toHaveLength(8)
    await s.settled()
  })

  test("a storm of ten minutes: got through in order, at little cost, and nobody starves", async () => {
    // Slower than other scenes: a stall of this machine must not make turns that are seconds apart due at once.
    const s = await scene({ manifests: [stack(), ...eight], speed: 60 })
    s.emulator.fault("*:0s-10m:throttle")
    const began = s.clock.now()
    const { code, rows } = await s.apply("--no-checks")
    expect(rows.filter((row) => !row.endsWith(": done"))).toEqual([])
    expect(code).toBe(0)
    const sent = s.emulator.ledger.filter((e) => e.action === "ImportImage")
    expect(sent.map((e) => e.parameters.ImageName)).toEqual(LETTERS)
    // One call in two seconds is the least rate; lanes are asked one after the other.
    const refused = s.emulator.requests.filter((r) => r.code === "RequestLimitExceeded")
    expect(refused.length).toBeLessThanOrEqual((10 * 60 * 0.5 + 10) * 2)
    const delays = sent.map((e) => e.wallMs - began)
    const mean = delays.reduce((a, b) => a + b, 0) / delays.length
    expect(Math.max(...delays)).toBeLessThanOrEqual(3 * mean)
    await s.settled()
  })

  test("others leave two calls a second: few calls are wasted", async () => {
    const s = await scene({ manifests: [stack(), ...eight], speed: 20, behaviour: { importMs: 5 * SECOND } })
    s.emulator.fault("ImportImage:*:throttle=2")
    expect((await s.apply()).code).toBe(0)
    expect(s.imports()).toHaveLength(8)
    const calls = s.emulator.requests.filter((r) => r.action === "ImportImage")
    const refused = calls.filter((r) => r.code === "RequestLimitExceeded")
    // Few calls, so that the first misses weigh: 16 are needed.
    expect(refused.length).toBeLessThanOrEqual(8)
    await s.settled()
  })

  test("fifty at a time never exceed ten in any second", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `web-${i}`)
    const s = await scene({
      manifests: [stack("apply: { concurrency: 50 }"), ...names.map((name) => image(name))],
      speed: 1,
      behaviour: { enforceRates: true, importMs: 100 },
    })
    expect((await s.apply("--no-checks")).code).toBe(0)
    expect(s.emulator.requests.filter((r) => r.code !== null)).toEqual([])
    for (const [lane, most] of peaks(s.emulator, (action) => action === "ImportImage"))
      expect({ lane, ok: most <= 10 }).toEqual({ lane, ok: true })
    await s.settled()
  })
})

/** A wall clock of the tool's own, off by `offset()`; time that only goes forward is the scene's. */
const off =
  (offset: () => number) =>
  (clock: FastClock): Clock => ({
    now: () => clock.now() + offset(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  })

describe.concurrent("the clock", () => {
  test.each(["10m", "-10m"])(
    "of the service is off by %s: corrected, and no call is refused for good",
    async (by) => {
      const s = await scene({ manifests: [stack(), image("web")] })
      s.emulator.fault(`server:*:skew=${by}`)
      expect(await s.apply()).toMatchObject({ code: 0, rows: ["import web ap-singapore: done"] })
      expect(s.imports()).toEqual(["web ap-singapore"])
      const refused = s.emulator.requests.filter((r) => r.code !== null).map((r) => r.code)
      expect(new Set(refused)).toEqual(new Set(["AuthFailure.SignatureExpire"]))
      expect(refused.length).toBeLessThanOrEqual(6)
      await s.settled()
    },
  )

  test.each([60 * MINUTE, -60 * MINUTE])(
    "of this machine jumps by %i ms during the wait: nothing ends early, nothing bursts",
    async (jump) => {
      let shift = 0
      const s = await scene({
        manifests: [stack("apply: { importTimeout: 15m }"), ...eight],
        behaviour: { importMs: 5 * MINUTE },
        toolClock: off(() => shift),
      })
      const running = s.apply()
      await until(() => s.imports().length === 8)
      shift = jump
      const { code, rows } = await running
      expect(rows).toEqual(LETTERS.map((name) => `import ${name} ap-singapore: done`))
      expect(code).toBe(0)
      const listings = s.emulator.requests.filter((r) => r.action === "DescribeImages")
      // Five minutes at a poll in 1 to 15 s, and what it costs to notice the clock.
      expect(listings.length).toBeLessThan(90)
      expect(s.imports()).toHaveLength(8)
      await s.settled()
    },
  )
})

test("a machine that sleeps for an hour, on a clock that counts it: no burst, and what ended meanwhile is done", async () => {
  const many = Array.from({ length: 20 }, (_, i) => `web-${String(i).padStart(2, "0")}`)
  const s = await scene({
    manifests: [stack("apply: { importTimeout: 15m }"), ...many.map((name) => image(name))],
    speed: 1,
    behaviour: { enforceRates: true, importMs: 2 * SECOND },
  })
  const running = s.apply("--no-checks")
  await until(() => s.imports().length >= 5)
  // Some are sent and waited for, others wait for their turn.
  s.clock.advance(60 * MINUTE)
  const { code, rows } = await running
  expect(rows.filter((row) => !/: (done|running \()/.test(row))).toEqual([])
  expect([0, 5]).toContain(code)
  expect(s.imports()).toHaveLength(many.length)
  for (const [lane, most] of peaks(s.emulator, (action) => action === "ImportImage"))
    expect({ lane, ok: most <= 10 }).toEqual({ lane, ok: true })
  s.clock.advance(60 * MINUTE)
  expect((await s.apply()).code).toBe(0)
  await s.settled()
})

/** An account whose keys end. */
const TEMPORARY = {
  uin: "100000000001",
  secretId: "AKIDtemporary0123456789",
  secretKey: "temporarykey0123456789",
  token: "token-1",
}

describe.concurrent("credentials", () => {
  test("a token that ends during the wait and has no successor: running, 5, and taken up again", async () => {
    const s = await scene({
      manifests: [stack(), image("web")],
      behaviour: { importMs: 4 * MINUTE },
      accounts: [TEMPORARY],
    })
    s.emulator.fault("DescribeImages:5:expire-token")
    const { code, rows } = await s.apply()
    expect(rows).toEqual([expect.stringMatching(/^import web ap-singapore: running \(/)])
    expect(code).toBe(5)
    s.emulator.clearFaults()
    expect((await s.apply()).code).toBe(0)
    expect(s.imports()).toEqual(["web ap-singapore"])
    await s.settled()
  })

  test("a token that ends during the wait and is renewed in its file: the wait goes on", async () => {
    const s = await scene({
      manifests: [stack(), image("web")],
      behaviour: { importMs: 4 * MINUTE },
      accounts: [TEMPORARY],
      env: { TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "", TENCENTCLOUD_TOKEN: "" },
    })
    const write = (t: string): void =>
      writeSecret(
        join(s.directory, "..", "home", ".tencentcloud", "credentials"),
        `[default]\nsecret_id = ${TEMPORARY.secretId}\nsecret_key = ${TEMPORARY.secretKey}\ntoken = ${t}\n`,
      )
    write("token-1")
    const running = s.apply()
    await until(() => s.imports().length === 1)
    write("token-2")
    s.emulator.world.setAccount({ ...TEMPORARY, token: "token-2" })
    expect(await running).toMatchObject({ code: 0, rows: ["import web ap-singapore: done"] })
    expect(s.imports()).toHaveLength(1)
    await s.settled()
  })

  test("the token service is down once: asked again, and the failure is not kept", async () => {
    const role = "qcs::cam::uin/100000000001:roleName/images"
    const s = await scene({
      manifests: [stack(`accounts: { default: { assumeRole: { arn: "${role}" } } }`), image("web")],
      accounts: [{ ...demoAccount, roles: ["images"] }],
      faults: ["AssumeRole:1-6:lost-before=503"],
    })
    const first = await s.plan()
    const second = await s.plan()
    expect(s.emulator.faults[0]?.fired).toBeGreaterThan(0)
    expect([first.code, second.code]).toContain(0)
    s.emulator.clearFaults()
    expect((await s.apply()).code).toBe(0)
    await s.settled()
  })
})

test("a source is signed when it is imported, not when it is planned: hours between the two do no harm", async () => {
  const s = await scene({
    manifests: [stack(), image("web").replace('.qcow2" }', '.qcow2", sign: true }')],
    privateObjects: ["golden-ap-singapore-1250000000"],
    behaviour: { importMs: 40 * MINUTE },
    speed: 2_000,
  })
  expect((await s.plan("--out", "plan.json")).code).toBe(0)
  s.clock.advance(26 * 60 * MINUTE)
  // Signed anew with other times, the action is the same: nothing is stale.
  expect(await s.apply("--plan", "plan.json")).toMatchObject({
    code: 0,
    rows: ["import web ap-singapore: done"],
  })
  await s.settled()
})
