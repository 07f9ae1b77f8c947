// The parts of a drift that goes on: when it is due, that runs neither overlap nor end the process, how it fares, and what
// it tells over HTTP. Time is the test's; HTTP is real.

import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, onTestFinished, test } from "vitest"
import { type Health, healthDocument } from "../../src/cli/health.ts"
import type { Io } from "../../src/cli/io.ts"
import { type Listening, listen, parseAddress } from "../../src/cli/listen.ts"
import { parseDuration, parseSchedule } from "../../src/cli/schedule.ts"
import { watch } from "../../src/cli/watch.ts"

const AT = Date.parse("2026-11-24T06:10:00Z")
const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe("a schedule", () => {
  test("a duration counts from the first run, and a slow run pushes nothing back", () => {
    const s = parseSchedule("6h", AT)
    expect(s.next(AT) - AT).toBe(6 * HOUR)
    expect(s.next(AT + 5 * HOUR) - AT).toBe(6 * HOUR)
    expect(s.next(AT + 6 * HOUR) - AT).toBe(12 * HOUR)
    expect(s.next(AT + 13 * HOUR) - AT).toBe(18 * HOUR)
  })

  test("cron is read in the machine's time zone", () => {
    const s = parseSchedule("0 */6 * * *", AT)
    const due = new Date(s.next(AT))
    expect([due.getMinutes(), due.getHours() % 6]).toEqual([0, 0])
    expect(s.next(AT)).toBeGreaterThan(AT)
    expect(s.next(s.next(AT)) - s.next(AT)).toBe(6 * HOUR)
  })

  test.each([
    "",
    "6",
    "0h",
    "6 hours",
    "* * * *",
    "* * * * * *",
    "61 * * * *",
    "0 0 30 2 *",
    "x y z a b",
    "@sometimes",
  ])("'%s' is none", (text) => {
    expect(() => parseSchedule(text, AT)).toThrow(/--every takes a duration such as/)
  })

  test("other durations", () => {
    expect(parseDuration("--jitter", "0")).toBe(0)
    expect(parseDuration("--heartbeat", "24h")).toBe(24 * HOUR)
    expect(() => parseDuration("--heartbeat", "soon")).toThrow(/--heartbeat takes a duration/)
  })
})

/** A process whose time passes only in waits. */
function timed(): { io: Io; stop: (why?: string) => void; now: () => number; pass: (ms: number) => void } {
  const controller = new AbortController()
  let now = AT
  const io = {
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: async (ms: number) => {
        controller.signal.throwIfAborted()
        now += ms
      },
    },
    signal: controller.signal,
  } as unknown as Io
  return {
    io,
    stop: (why = "interrupted by SIGTERM") => controller.abort(new Error(why)),
    now: () => now,
    pass: (ms) => {
      now += ms
    },
  }
}

describe("watching", () => {
  async function runs(how: {
    every?: string
    takes?: (n: number) => number
    ok?: (n: number) => boolean
    jitterMs?: number
    count: number
  }): Promise<{ starts: number[]; seen: Health[] }> {
    const t = timed()
    const starts: number[] = []
    const seen: Health[] = []
    let under = 0
    await watch(t.io, {
      schedule: parseSchedule(how.every ?? "1h", AT),
      jitterMs: how.jitterMs ?? 0,
      random: () => 0.5,
      changed: (health) => seen.push(health),
      run: async () => {
        expect(under++).toBe(0)
        starts.push(t.now() - AT)
        await Promise.resolve()
        t.pass(how.takes?.(starts.length) ?? MINUTE)
        under--
        if (starts.length === how.count) t.stop()
        return how.ok?.(starts.length) ?? true
      },
    })
    return { starts, seen }
  }

  test("begins at once and goes on by the schedule", async () => {
    expect((await runs({ count: 4 })).starts).toEqual([0, HOUR, 2 * HOUR, 3 * HOUR])
  })

  test("a run that takes too long lets turns pass, and none overlap", async () => {
    const { starts } = await runs({ count: 3, takes: (n) => (n === 1 ? 150 * MINUTE : MINUTE) })
    expect(starts).toEqual([0, 3 * HOUR, 4 * HOUR])
  })

  test("a random delay stays within its bound, and never reaches the turn after", async () => {
    expect((await runs({ count: 3, jitterMs: 10 * MINUTE })).starts).toEqual([0, 65 * MINUTE, 125 * MINUTE])
    expect((await runs({ count: 2, every: "1m", takes: () => 0, jitterMs: HOUR })).starts).toEqual([
      0, 90_000,
    ])
  })

  test("failures are counted until one succeeds, and end nothing", async () => {
    const { starts, seen } = await runs({ count: 5, ok: (n) => n === 1 || n === 5 })
    expect(starts).toHaveLength(5)
    const after = seen.filter((h) => h.runningSince === undefined)
    expect(after.map((h) => h.failuresInARow)).toEqual([0, 1, 2, 3, 0])
    expect(after.map((h) => (h.lastSuccessAt ?? 0) - AT)).toEqual([1, 1, 1, 1, 241].map((m) => m * MINUTE))
  })
})

describe("health", () => {
  const base: Health = { startedAt: AT, failuresInARow: 0 }
  const valid = new Ajv2020({ formats: { "date-time": true } }).compile(
    JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/health.schema.json"), "utf8")),
  )
  test.each([
    ["before the first run", { ...base }, AT, "ok"],
    ["a run is under way", { ...base, runningSince: AT }, AT + 14 * MINUTE, "ok"],
    ["a run does not end", { ...base, runningSince: AT }, AT + 16 * MINUTE, "overdue"],
    ["waiting", { ...base, nextRunAt: AT + 6 * HOUR }, AT + 6 * HOUR, "ok"],
    ["a run did not begin", { ...base, nextRunAt: AT + HOUR }, AT + HOUR + 16 * MINUTE, "overdue"],
    ["two failures", { ...base, failuresInARow: 2, nextRunAt: AT + HOUR }, AT, "ok"],
    ["three failures", { ...base, failuresInARow: 3, lastRunAt: AT, nextRunAt: AT + HOUR }, AT, "failing"],
    ["no next run", { ...base, lastSuccessAt: AT, nextRunAt: Number.POSITIVE_INFINITY }, AT + HOUR, "ok"],
  ])("%s", (_name, health, now, status) => {
    const document = healthDocument(health, now)
    expect(document.status).toBe(status)
    expect(valid(document), JSON.stringify(valid.errors)).toBe(true)
  })
})

describe("the address to listen at", () => {
  test.each([
    ["127.0.0.1:9808", { host: "127.0.0.1", port: 9808 }],
    ["[::1]:0", { host: "::1", port: 0 }],
    [":9808", { host: "::", port: 9808 }],
    ["localhost:80", { host: "localhost", port: 80 }],
  ])("%s", (text, address) => {
    expect(parseAddress(text)).toEqual(address)
  })

  test.each([
    "9808",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:65536",
    "::1:80",
    "[x]:80",
    "[1:2]:80",
    "http://a:1/",
  ])("%s is none", (text) => {
    expect(() => parseAddress(text)).toThrow(/--listen takes an address/)
  })
})

describe("the pages", () => {
  async function pages(health: Health, now = AT): Promise<Listening> {
    const listening = await listen(
      { host: "127.0.0.1", port: 0 },
      { health: () => healthDocument(health, now), metrics: () => "cvmimg_x 1\n" },
    )
    onTestFinished(() => listening.close())
    return listening
  }

  test.each([
    ["ok", { startedAt: AT, failuresInARow: 0 }, AT, 200, 200],
    ["failing", { startedAt: AT, failuresInARow: 3 }, AT, 503, 200],
    ["overdue", { startedAt: AT, failuresInARow: 0 }, AT + HOUR, 503, 503],
  ])("%s", async (status, health, now, healthz, livez) => {
    const { url } = await pages(health, now)
    const reply = await fetch(`${url}/healthz`)
    expect(reply.status).toBe(healthz)
    expect(await reply.json()).toMatchObject({ formatVersion: 1, status })
    expect((await fetch(`${url}/livez?x=1`)).status).toBe(livez)
  })

  test("metrics have the type that Prometheus asks for; HEAD has no body; the rest is not there", async () => {
    const { url } = await pages({ startedAt: AT, failuresInARow: 0 })
    const reply = await fetch(`${url}/metrics`)
    expect(reply.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
    expect(await reply.text()).toBe("cvmimg_x 1\n")
    expect(await (await fetch(`${url}/metrics`, { method: "HEAD" })).text()).toBe("")
    expect((await fetch(`${url}/metrics`, { method: "POST", body: "x" })).status).toBe(405)
    const missing = await fetch(`${url}/<script>`)
    expect([missing.status, await missing.text()]).toEqual([404, "/healthz, /livez and /metrics are here\n"])
  })

  test("a caller that says nothing does not keep it from closing", async () => {
    const listening = await pages({ startedAt: AT, failuresInARow: 0 })
    const { port } = new URL(listening.url)
    const silent = connect(Number(port), "127.0.0.1")
    const over = new Promise((done) => silent.once("close", done))
    silent.on("error", () => {})
    await new Promise((done) => silent.once("connect", done))
    silent.write("GET /metrics HTT")
    await listening.close()
    await over
  })
})
