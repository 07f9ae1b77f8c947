// Replies that are lost, cut short, late, or not the service's: of imports, and of listings. Rows 7-13, 48-52, 54.
import { describe, expect, test, vi } from "vitest"
import type { ConnectOptions } from "../../src/cloud/connect.ts"
import { until } from "../support/steady.ts"
import { image, MINUTE, scene, stack, VARIANTS } from "./scene.ts"

// The deadlines of calls follow real time; with those of a second no test waits for the usual half a minute.
vi.mock("../../src/cloud/connect.ts", async (original) => {
  const real = await original<typeof import("../../src/cloud/connect.ts")>()
  const limits = { connectMs: 1_000, idleMs: 400, readMs: 800, writeMs: 800 }
  return {
    ...real,
    connect: (options: ConnectOptions) => real.connect({ ...options, limits }),
    connectReading: (options: ConnectOptions) => real.connectReading({ ...options, limits }),
  }
})

/** Every way in which a reply can be lost, with the row that it belongs to. */
const LOSSES = [
  ["rst", "9"],
  ["fin", "9"],
  ["cut-rst", "9"],
  ["cut", "10"],
  ["stall", "10"],
  ["html", "11"],
  ["empty", "11"],
  ["object", "11"],
  ["garbage", "11"],
  ["500", "12"],
  ["502", "12"],
  ["503", "12"],
  ["503-json", "12"],
  ["504-empty", "12"],
  ["silence", "48"],
  ["trickle", "49"],
  ["huge", "51"],
  ["bomb", "51"],
  ["redirect", "54"],
] as const

const names = [...LOSSES.map(([how]) => `web-${how}`), "web-error"].sort()
const manifests = [stack(), ...names.map((name) => image(name))]

describe("imports that were accepted, of which the reply was lost", () => {
  test.each(VARIANTS)(
    "names unique: %s, visible after %i ms: all are found, none is made twice",
    async (duplicateNames, visibilityDelayMs) => {
      const s = await scene({ manifests, speed: 600, behaviour: { duplicateNames, visibilityDelayMs } })
      for (const [how] of LOSSES) s.emulator.fault(`ImportImage:web-${how},real,1:lost-after=${how}`)
      s.emulator.fault("ImportImage:web-error,real,1:error-after=InternalError")
      const { code, rows } = await s.apply()
      expect(rows).toEqual(names.map((name) => `import ${name} ap-singapore: done`))
      expect(code).toBe(0)
      expect(s.emulator.faults.map((f) => f.fired)).toEqual(names.map(() => 1))
      expect(s.imports().toSorted()).toEqual(names.map((name) => `${name} ap-singapore`))
      await s.settled()
    },
  )
})

describe("imports that never arrived, though bytes left", () => {
  test.each(["submit+dryRun", "never"] as const)(
    "names unique: %s: unknown, and made once by the next run, after the window",
    async (duplicateNames) => {
      const s = await scene({ manifests, speed: 1_500, behaviour: { duplicateNames } })
      for (const [how] of LOSSES) s.emulator.fault(`ImportImage:web-${how},real,1:lost-before=${how}`)
      s.emulator.fault("ImportImage:web-error,real,1:error=InternalError")
      const first = await s.apply()
      expect(first.rows.map((row) => row.replace(/ \(.*/, ""))).toEqual(
        names.map((name) => `import ${name} ap-singapore: unknown`),
      )
      expect(first.code).toBe(5)
      expect(s.imports()).toEqual([])
      const again = await s.apply()
      expect(again.rows.filter((row) => !row.endsWith(": done"))).toEqual([])
      expect(again.code).toBe(0)
      expect(s.imports()).toHaveLength(names.length)
      await s.settled()
    },
  )

  test("a run that comes at once looks through the rest of the window before it sends", async () => {
    const s = await scene({
      manifests: [stack("apply: { visibilityWindow: 20m }"), image("web")],
      faults: ["ImportImage:real,1:lost-before"],
      speed: 1_200,
    })
    const stop = new AbortController()
    const stopped = s.run(["apply", "--yes"], { signal: stop.signal })
    await until(() => s.emulator.faults[0]?.fired === 1)
    const lostAt = s.clock.now()
    stop.abort(new Error("stopped"))
    expect((await stopped).code).toBe(130)
    const { rows } = await s.apply()
    expect(rows).toEqual(["import web ap-singapore: done"])
    const [sent] = s.emulator.ledger.filter((e) => e.action === "ImportImage")
    expect((sent?.wallMs ?? 0) - lostAt).toBeGreaterThan(19 * MINUTE)
    await s.settled()
  })
})

const REGIONS = [
  ..."ap-bangkok ap-hongkong ap-jakarta ap-mumbai ap-seoul ap-singapore ap-tokyo eu-frankfurt eu-moscow".split(
    " ",
  ),
  ..."na-ashburn na-siliconvalley na-toronto sa-saopaulo ap-beijing ap-chengdu ap-chongqing ap-guangzhou".split(
    " ",
  ),
  ..."ap-nanjing ap-shanghai".split(" "),
]
const everywhere = [stack(), image("web", `regions: [${REGIONS.join(", ")}]`)]

describe("listings", () => {
  test("that are lost once are read again, and no image is taken for missing", async () => {
    const s = await scene({ manifests: everywhere })
    expect((await s.apply()).code).toBe(0)
    // What leads elsewhere or is beyond any limit is no passing trouble: that region is given up, see the next test.
    const passing = LOSSES.filter(([, row]) => row !== "51" && row !== "54")
    for (const [i, [how]] of passing.entries())
      s.emulator.fault(`DescribeImages:region=${REGIONS[i]},1:lost-after=${how}`)
    const { code, rows } = await s.plan("--detailed-exitcode")
    expect(rows.filter((row) => !row.startsWith("keep "))).toEqual([])
    expect(code).toBe(0)
    expect(s.emulator.faults.map((f) => f.fired)).toEqual(passing.map(() => 1))
    await s.settled()
  })

  test("that are lost for good refuse their regions, and nothing is imported there", async () => {
    const s = await scene({ manifests: everywhere })
    expect((await s.apply()).code).toBe(0)
    const before = s.emulator.ledger.length
    const quick = LOSSES.filter(([how]) => !["silence", "stall", "trickle"].includes(how))
    for (const [i, [how]] of quick.entries())
      s.emulator.fault(`DescribeImages:region=${REGIONS[i]}:lost-after=${how}`)
    const plan = await s.plan()
    expect(plan.rows.filter((row) => !row.startsWith("keep ")).toSorted()).toEqual(
      REGIONS.slice(0, quick.length)
        .map((region) => `refuse web ${region}: not_observed`)
        .sort(),
    )
    expect(plan.code).toBe(1)
    expect((await s.apply()).code).toBe(1)
    expect(s.emulator.ledger).toHaveLength(before)
    // Few calls each: a service that is down is not hammered.
    expect(Math.max(...s.emulator.faults.map((f) => f.fired))).toBeLessThanOrEqual(10)
    await s.settled()
  })
})

test("connections that the service closes without a word: unknown, or done, and never made twice", async () => {
  const some = [..."abcdefgh"]
  const s = await scene({
    manifests: [stack(), ...some.map((name) => image(name))],
    faults: ["ImportImage:*:close"],
    speed: 1_500,
  })
  const { rows } = await s.apply()
  // A call on a connection that was kept may have been read or not: nothing proves that it was not.
  const ends = new Set(rows.map((row) => row.replace(/^import . ap-singapore: /, "")))
  for (const end of ends) expect(end).toMatch(/^(done|(unknown|failed) \(ClientError.ConnectionLost\))$/)
  s.emulator.clearFaults()
  expect((await s.apply()).code).toBe(0)
  expect(s.imports()).toHaveLength(some.length)
  await s.settled()
})

test("a listing that belongs to another region is not believed", async () => {
  const s = await scene({
    manifests: [stack(), image("api"), image("web", "regions: [eu-frankfurt]")],
    behaviour: { duplicateNames: "never" },
  })
  expect((await s.apply()).code).toBe(0)
  s.emulator.fault("DescribeImages:region=eu-frankfurt:lost-after=mixed")
  // The emulator mixes up what it remembers: first somebody else has to ask.
  await s.plan("--region", "ap-singapore")
  const { rows } = await s.plan()
  expect(s.emulator.faults[0]?.fired).toBeGreaterThan(0)
  expect(rows.filter((row) => row.startsWith("import "))).toEqual([])
  await s.settled()
})
