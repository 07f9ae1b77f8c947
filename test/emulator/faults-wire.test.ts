import { Agent } from "node:http"
import { gunzipSync } from "node:zlib"
import { expect, onTestFinished, test, vi } from "vitest"
import type { Emulator, Manner } from "../../src/emulator/index.ts"
import { until } from "../support/steady.ts"
import { good, start } from "./helpers.ts"
import { type Seen, wire } from "./wire.ts"

const json = "application/json"

/** How each manner looks to a client. `done` says whether a whole and good reply was seen. */
const manners: readonly [Manner, (seen: Seen) => void][] = [
  ["rst", (seen) => expect(seen).toMatchObject({ error: "ECONNRESET", bytes: 0 })],
  ["fin", (seen) => expect(seen).toMatchObject({ error: "ECONNRESET", bytes: 0 })],
  ["silence", (seen) => expect(seen).toMatchObject({ error: "timeout", bytes: 0 })],
  ["cut", (seen) => short(seen, "ECONNRESET")],
  ["cut-rst", (seen) => short(seen, "ECONNRESET")],
  ["stall", (seen) => short(seen, "timeout")],
  ["empty", (seen) => expect(seen).toMatchObject({ status: 200, bytes: 0 })],
  ["object", (seen) => expect(seen).toMatchObject({ status: 200, text: "{}" })],
  ["html", (seen) => expect(seen.text).toMatch(/^<html>/)],
  ["garbage", (seen) => expect(seen).toMatchObject({ status: 200, headers: { "content-type": json } })],
  ["redirect", (seen) => expect(seen.headers.location).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/redirected$/)],
  ["500", (seen) => expect([seen.status, seen.text.slice(0, 6)]).toEqual([500, "<html>"])],
  ["502-empty", (seen) => expect(seen).toMatchObject({ status: 502, bytes: 0 })],
  ["503-json", (seen) => expect(JSON.parse(seen.text).Response.Error.Code).toBe("InternalError")],
  ["504", (seen) => expect(seen).toMatchObject({ status: 504 })],
]

function short(seen: Seen, error: string): void {
  expect(seen).toMatchObject({ status: 200, error })
  expect(seen.bytes).toBeGreaterThan(0)
  expect(Number(seen.headers["content-length"])).toBeGreaterThan(seen.bytes)
}

function ledger(emulator: Emulator): (string | undefined)[] {
  return emulator.ledger.map((entry) => entry.action)
}

test.each(manners)("%s: a reply that is lost before and after the effect", async (by, check) => {
  const emulator = await start()
  emulator.fault({ on: "ImportImage", calls: 1, effect: { kind: "lost-before", by } })
  emulator.fault(`ImportImage:2:lost-after=${by}`)
  check(await wire(emulator, "ImportImage", good))
  expect([ledger(emulator), emulator.world.images(), emulator.requests]).toEqual([[], [], []])
  check(await wire(emulator, "ImportImage", good))
  expect(ledger(emulator)).toEqual(["ImportImage"])
  expect(emulator.requests.map((entry) => entry.code)).toEqual([null])
  const again = await wire(emulator, "ImportImage", good)
  expect(JSON.parse(again.text).Response.Error.Code).toBe("InvalidImageName.Duplicate")
  expect(emulator.faults.map(({ seen, fired }) => [seen, fired])).toEqual([
    [3, 1],
    [3, 1],
  ])
})

test("garbage is neither JSON nor UTF-8", async () => {
  const emulator = await start({ faults: ["*:*:lost-after=garbage"] })
  const { text } = await wire(emulator, "DescribeImages")
  expect(() => JSON.parse(text)).toThrow()
  expect(() => new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "latin1"))).toThrow()
})

test("a bomb unpacks to a GiB, and huge is as large on the wire", async () => {
  const emulator = await start({
    faults: ["DescribeImages:1:lost-after=bomb", "DescribeImages:2:lost-after=huge"],
  })
  const bomb = await wire(emulator, "DescribeImages", {}, { patience: 5000 })
  expect(bomb).toMatchObject({ status: 200, headers: { "content-encoding": "gzip" } })
  expect(bomb.error).toBeUndefined()
  const member = Buffer.from(bomb.text.slice(0, bomb.bytes / 1024), "latin1")
  expect(gunzipSync(member).length).toBe(1024 ** 2)
  const huge = await wire(emulator, "DescribeImages", {}, { patience: 5000, most: 20 * 1024 ** 2 })
  expect(huge).toMatchObject({ status: 200, error: "enough" })
})

test("a byte at a time, whole in the end", async () => {
  const emulator = await start({ faults: ["GetCallerIdentity:*:lost-after=trickle,every=2ms"] })
  const hasty = await wire(emulator, "GetCallerIdentity", {}, { patience: 150 })
  short(hasty, "timeout")
  const patient = await wire(emulator, "GetCallerIdentity", {}, { patience: 5000 })
  expect(JSON.parse(patient.text).Response.AccountId).toBe("100000000001")
})

test("delays: the reply, or the effect itself, also when the client has gone", async () => {
  // The emulator's delays end when the test says so.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  const delayed = (): Promise<void> => until(() => vi.getTimerCount() === 1)
  const emulator = await start({
    faults: ["ImportImage:1:delay=80ms", "ImportImage:2:delay-before=150ms", "ImportImage:3:delay=300ms"],
  })
  const late = wire(emulator, "ImportImage", { ...good, ImageName: "a" }, { patience: 60_000 })
  await delayed()
  expect(emulator.ledger).toHaveLength(1)
  vi.advanceTimersByTime(79)
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(1)
  expect(await late).toMatchObject({ status: 200 })
  const gone = wire(emulator, "ImportImage", { ...good, ImageName: "b" })
  await delayed()
  expect((await gone).error).toBe("timeout")
  expect(emulator.ledger).toHaveLength(1)
  vi.advanceTimersByTime(150)
  await expect.poll(() => emulator.ledger.length).toBe(2)
  const third = wire(emulator, "ImportImage", { ...good, ImageName: "c" })
  await delayed()
  expect([(await third).error, emulator.ledger.length]).toEqual(["timeout", 3])
})

test("errors before the effect and after it", async () => {
  const emulator = await start({
    faults: [
      "ImportImage:1:error=InternalError,message=try later",
      "ImportImage:2:error-after=InternalError",
      "ImportImage:1,dryrun:error=InvalidParameter",
    ],
  })
  const code = async (DryRun: boolean): Promise<unknown> => {
    const { Error: error } = JSON.parse(
      (await wire(emulator, "ImportImage", { ...good, DryRun })).text,
    ).Response
    return error && [error.Code, error.Message.slice(0, 9)]
  }
  expect(await code(true)).toEqual(["InvalidParameter", "The reque"])
  expect(await code(true)).toBeUndefined()
  expect(await code(false)).toEqual(["InternalError", "try later"])
  expect(emulator.ledger).toHaveLength(0)
  expect(await code(false)).toEqual(["InternalError", "An intern"])
  expect(emulator.ledger).toHaveLength(1)
  expect(emulator.faults.map(({ fired }) => fired)).toEqual([1, 1, 1])
})

test("a mixed-up reply is that of another region", async () => {
  const emulator = await start({ faults: ["DescribeImageQuota:2:lost-after=mixed"] })
  emulator.world.setAccount({
    uin: "100000000001",
    secretId: "AKIDcvmimgemulatordemo",
    secretKey: "cvmimg-emulator-demo-key",
    quota: { "ap-singapore": 5, "ap-tokyo": 6 },
  })
  const quota = async (region: string): Promise<number> =>
    JSON.parse((await wire(emulator, "DescribeImageQuota", {}, { region })).text).Response.ImageNumQuota
  expect(await quota("ap-tokyo")).toBe(6)
  expect(await quota("ap-singapore")).toBe(6)
  expect(await quota("ap-singapore")).toBe(5)
})

test("a connection that is closed after a good reply, without a word", async () => {
  const emulator = await start({ faults: ["DescribeImageQuota:1:close"] })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const first = await wire(emulator, "DescribeImageQuota", {}, { agent })
  expect(first).toMatchObject({ status: 200, headers: { connection: "keep-alive" } })
  await expect.poll(() => ({ ...agent.sockets, ...agent.freeSockets })).toEqual({})
  const second = await wire(emulator, "DescribeImageQuota", {}, { agent })
  expect(second.status).toBe(200)
  expect(second.socket).not.toBe(first.socket)
  agent.destroy()
})
