import { Agent, request } from "node:http"
import { expect, onTestFinished, test, vi } from "vitest"
import { demoAccount, type Emulator } from "../../src/emulator/index.ts"
import { until } from "../support/steady.ts"
import { good, start } from "./helpers.ts"
import { type WireOptions, wire } from "./wire.ts"

/** The error code of a call, "ok", or how the connection broke. */
async function code(
  emulator: Emulator,
  action: string,
  parameters: unknown = {},
  options: WireOptions = {},
): Promise<string> {
  const { error, text } = await wire(emulator, action, parameters, options)
  return error ?? JSON.parse(text).Response.Error?.Code ?? "ok"
}

async function codes(emulator: Emulator, times: number, action: string, parameters: unknown = {}) {
  const seen: string[] = []
  for (let call = 0; call < times; call += 1) seen.push(await code(emulator, action, parameters))
  return seen
}

test("a port that is shut for a time, and the same world behind it again", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  /** A port that was taken meanwhile is tried again 50 ms later. */
  const opens = (): Promise<void> =>
    until(async () => {
      vi.advanceTimersByTime(50)
      return (await code(emulator, "DescribeImageQuota")) === "ok"
    })
  const emulator = await start({ faults: ["server:0s-200ms:refuse"] })
  vi.advanceTimersByTime(1)
  expect(await codes(emulator, 2, "DescribeImageQuota")).toEqual(["ECONNREFUSED", "ECONNREFUSED"])
  vi.advanceTimersByTime(198)
  expect(await code(emulator, "DescribeImageQuota")).toBe("ECONNREFUSED")
  await opens()
  expect(emulator.faults).toMatchObject([{ spec: "server:0s-200ms:refuse", fired: 1 }])
  emulator.fault("server:0s-1h:refuse")
  vi.advanceTimersByTime(1)
  expect(await code(emulator, "DescribeImageQuota")).toBe("ECONNREFUSED")
  emulator.clearFaults()
  await opens()
  emulator.fault("server:0s-1h:refuse")
  vi.advanceTimersByTime(1)
  await emulator.close()
})

test("half-open and reset connections; the way inside stays open", async () => {
  const emulator = await start({ faults: ["server:2:half-open", "server:3-4:hang-up"] })
  const inside = await fetch(`${emulator.url}/_emulator/faults`)
  expect(await inside.json()).toMatchObject({ faults: [{}, {}] })
  expect(await codes(emulator, 6, "DescribeImageQuota")).toEqual([
    "ok",
    "timeout",
    "ok",
    "ECONNRESET",
    "ECONNRESET",
    "ok",
  ])
  expect(emulator.requests).toHaveLength(3)
  const agent = new Agent({ keepAlive: true })
  emulator.fault("server:*:half-open")
  expect(await code(emulator, "ImportImage", good, { agent })).toBe("timeout")
  expect(emulator.ledger).toEqual([])
  agent.destroy()
})

test("large requests pass a watched port whole", async () => {
  const emulator = await start({ faults: ["server:99:half-open"] })
  const description = { ...good, ImageDescription: "x".repeat(2_000_000) }
  expect(await code(emulator, "ImportImage", description, { patience: 5000 })).toBe(
    "InvalidParameterValue.TooLarge",
  )
  const chunked = await new Promise<number>((resolve) => {
    const sent = request(`${emulator.url}/`, { method: "POST" }, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
    sent.write("{")
    setTimeout(() => sent.end("}"), 30)
  })
  expect(chunked).toBe(200)
})

test("a server whose clock is wrong, for a time", async () => {
  const start0 = Date.now()
  let now = start0
  const wallClock = { now: () => now }
  const emulator = await start({ wallClock, faults: ["server:10s-20s:skew=-10m"] })
  const at = async (milliseconds: number) => {
    now = start0 + milliseconds
    const timestamp = Math.floor(now / 1000)
    const reply = await wire(emulator, "DescribeImageQuota", {}, { timestamp })
    const off = Math.round((Date.parse(String(reply.headers.date)) - now) / 60_000) + 0
    return [JSON.parse(reply.text).Response.Error?.Code ?? "ok", off]
  }
  expect(await at(0)).toEqual(["ok", 0])
  expect(await at(10_000)).toEqual(["AuthFailure.SignatureExpire", -10])
  expect(await at(19_000)).toEqual(["AuthFailure.SignatureExpire", -10])
  expect(await at(20_000)).toEqual(["ok", 0])
  expect(emulator.faults).toMatchObject([{ seen: 2, fired: 2 }])
  const corrected = Math.floor(now / 1000) + 600
  emulator.fault("server:*:skew=10m")
  expect(await code(emulator, "DescribeImageQuota", {}, { timestamp: corrected })).toBe("ok")
})

test("a token that ends midway: another one goes on", async () => {
  const first = { secretId: "AKIDfirst", secretKey: "k", token: "t1" }
  const second = { secretId: "AKIDsecond", secretKey: "k", token: "t2" }
  const emulator = await start({
    accounts: [{ uin: "100000000001", keys: [first, second] }],
    faults: ["*:3:expire-token"],
  })
  const call = (keys: typeof first) => code(emulator, "DescribeImageQuota", {}, { keys })
  expect([
    await call(first),
    await call(first),
    await call(first),
    await call(first),
    await call(second),
  ]).toEqual(["ok", "ok", "AuthFailure.TokenFailure", "AuthFailure.TokenFailure", "ok"])
  emulator.clearFaults()
  expect(await call(first)).toBe("ok")
})

test("a key that is disabled and rights that are taken midway", async () => {
  const emulator = await start({ faults: ["ImportImage:2:revoke", "DescribeRegions:2:disable-key"] })
  const names = ["a", "b", "c"].map((ImageName) => ({ ...good, ImageName }))
  const imports = []
  for (const image of names) imports.push(await code(emulator, "ImportImage", image))
  expect(imports).toEqual(["ok", "UnauthorizedOperation", "UnauthorizedOperation"])
  expect(emulator.ledger).toHaveLength(1)
  expect(await codes(emulator, 3, "DescribeRegions")).toEqual([
    "ok",
    "AuthFailure.SecretIdNotFound",
    "AuthFailure.SecretIdNotFound",
  ])
  expect(emulator.faults.map(({ fired }) => fired)).toEqual([1, 1])
  emulator.clearFaults()
  expect(await code(emulator, "ImportImage", names[2])).toBe("ok")
  emulator.fault("*:1:revoke=tag:*")
  expect(await code(emulator, "CreateTag", { TagKey: "a", TagValue: "b" })).toBe(
    "AuthFailure.UnauthorizedOperation",
  )
})

test("storms: all, a share that is the same in each run, or what others leave", async () => {
  const behaviour = { enforceRates: false }
  const storm = await start({ behaviour, faults: ["*:0s-1h:throttle"] })
  expect(new Set(await codes(storm, 5, "DescribeImages"))).toEqual(new Set(["RequestLimitExceeded"]))
  const share = async (seed: string) => {
    const emulator = await start({ behaviour, seed, faults: ["*:30%:throttle"] })
    return (await codes(emulator, 60, "DescribeImageQuota")).map((one) => one === "ok")
  }
  const [first, again, other] = [await share("1"), await share("1"), await share("2")]
  expect(first).toEqual(again)
  expect(first).not.toEqual(other)
  const hit = first.filter((ok) => !ok).length
  expect(hit).toBeGreaterThan(6)
  expect(hit).toBeLessThan(32)
  let now = Date.now()
  const left = await start({
    behaviour,
    wallClock: { now: () => now },
    faults: ["DescribeImages:*:throttle=2"],
  })
  expect(await codes(left, 3, "DescribeImages")).toEqual(["ok", "ok", "RequestLimitExceeded"])
  now += 1001
  expect(await codes(left, 1, "DescribeImages")).toEqual(["ok"])
})

test("a share does not hang on what else is called", async () => {
  const draws = async (names: string[]) => {
    const emulator = await start({
      behaviour: { enforceRates: false },
      faults: ["*:50%:error=InternalError"],
    })
    const seen: string[] = []
    for (const ImageName of names) {
      const result = await code(emulator, "ImportImage", { ...good, ImageName, DryRun: true })
      if (ImageName === "a") seen.push(result)
    }
    return seen
  }
  expect(await draws([..."aaaaaaaaaaaa"])).toEqual(await draws([..."bababbaccaacacaaabaabab"]))
})

test("what a fault hits is chosen by region, account, image and time", async () => {
  let now = Date.now()
  const emulator = await start({
    wallClock: { now: () => now },
    images: [{ region: "ap-singapore", name: "web-1", id: "img-10000000" }],
    faults: [
      "*:region=ap-tokyo:error=A1",
      "*:account=2*:error=A2",
      "*:web-*:error=A3",
      "DescribeImages:img-1*,5s-6s:error=A4",
      "writes:/2:error=A5",
    ],
    accounts: [demoAccount, { uin: "200000000002", secretId: "AKIDother", secretKey: "k" }],
  })
  expect(await code(emulator, "DescribeImages", {}, { region: "ap-tokyo" })).toBe("A1")
  const keys = { secretId: "AKIDother", secretKey: "k" }
  expect(await code(emulator, "DescribeImages", {}, { keys })).toBe("A2")
  const filter = { Filters: [{ Name: "image-name", Values: ["web-1"] }] }
  expect(await code(emulator, "DescribeImages", filter)).toBe("A3")
  expect(await code(emulator, "DescribeImages", { ImageIds: ["img-10000000"] })).toBe("A3")
  expect(await code(emulator, "DescribeImages")).toBe("ok")
  emulator.clearFaults(3)
  expect(await code(emulator, "DescribeImages", { ImageIds: ["img-10000000"] })).toBe("ok")
  now += 5000
  expect(await code(emulator, "DescribeImages", { ImageIds: ["img-10000000"] })).toBe("A4")
  now += 1000
  expect(await code(emulator, "DescribeImages", { ImageIds: ["img-10000000"] })).toBe("ok")
  expect(await code(emulator, "DeleteImages", { ImageIds: ["img-10000001"] })).toBe("InvalidImageId.NotFound")
  expect(await code(emulator, "DeleteImages", { ImageIds: ["img-10000001"] })).toBe("A5")
  expect(emulator.clearFaults(3)).toBe(false)
})

test("a bad signature stays a bad signature, whatever the fault", async () => {
  const emulator = await start({ faults: ["*:*:error=InternalError"] })
  const tamper = (text: string) => text.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))
  expect(await code(emulator, "DescribeImages", {}, { tamper })).toBe("AuthFailure.SignatureFailure")
  expect(emulator.faults).toMatchObject([{ seen: 1, fired: 0 }])
})

test("faults over HTTP: set, listed, counted, cleared", async () => {
  const emulator = await start()
  const ask = async (method: string, body?: unknown, query: string = "") => {
    const reply = await fetch(`${emulator.url}/_emulator/faults${query}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    })
    return [reply.status, await reply.json()]
  }
  const object = { on: "import", effect: { kind: "never-ends" } }
  expect(await ask("POST", "DescribeImages:1:error=InternalError")).toMatchObject([
    200,
    { faults: [{ id: 1, spec: "DescribeImages:1:error=InternalError", seen: 0, fired: 0 }] },
  ])
  expect(await ask("POST", { faults: ["*:*:close", object] })).toMatchObject([
    200,
    { faults: [{ id: 2 }, { id: 3 }] },
  ])
  expect(await ask("POST", { faults: ["*:*:close", "*:*:clse"] })).toMatchObject([
    400,
    { message: "fault '*:*:clse', column 5: there is no effect clse; did you mean close?" },
  ])
  expect(await ask("POST", { faults: 1 })).toMatchObject([400, {}])
  expect(await code(emulator, "DescribeImages")).toBe("InternalError")
  expect(await code(emulator, "DescribeImages")).toBe("ok")
  expect(await ask("GET")).toMatchObject([
    200,
    {
      faults: [
        { id: 1, seen: 2, fired: 1 },
        { id: 2, seen: 2, fired: 2 },
        { id: 3, seen: 0, fired: 0, fault: object },
      ],
    },
  ])
  expect(await ask("DELETE", undefined, "?id=2")).toMatchObject([200, { faults: [{ id: 1 }, { id: 3 }] }])
  expect(await ask("DELETE", undefined, "?id=2")).toMatchObject([404, {}])
  expect(await ask("DELETE")).toEqual([200, { faults: [] }])
})

test("an emulator with delays and silent calls ends at once", async () => {
  const emulator = await start({
    faults: [
      "DescribeImages:*:delay=1h",
      "DescribeRegions:*:delay-before=1h",
      "CreateTag:*:lost-after=silence",
    ],
  })
  const waiting = ["DescribeImages", "DescribeRegions", "CreateTag"].map((action) =>
    wire(emulator, action, action === "CreateTag" ? { TagKey: "a", TagValue: "b" } : {}, {
      patience: 60_000,
    }),
  )
  await expect.poll(() => emulator.faults.map(({ fired }) => fired)).toEqual([1, 1, 1])
  const started = performance.now()
  await emulator.close()
  expect(performance.now() - started).toBeLessThan(30_000)
  expect((await Promise.all(waiting)).map((seen) => seen.error)).toEqual([
    "ECONNRESET",
    "ECONNRESET",
    "ECONNRESET",
  ])
  expect(emulator.ledger).toHaveLength(1)
})
