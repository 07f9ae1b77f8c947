import { expect, test } from "vitest"
import { startEmulator } from "../../src/emulator/index.ts"
import { good, raw, sdk, start } from "./helpers.ts"

const json = { "content-type": "application/json" }

test("other processes can read the logs and the world, switch, and move time", async () => {
  const emulator = await start()
  // biome-ignore lint/suspicious/noExplicitAny: replies of several shapes
  const read = async (path: string): Promise<any> => (await fetch(`${emulator.url}/_emulator/${path}`)).json()
  const write = (path: string, body: unknown, headers: Record<string, string> = json) =>
    fetch(`${emulator.url}/_emulator/${path}`, { method: "POST", headers, body: JSON.stringify(body) })
  await sdk(emulator).cvm.ImportImage(good)
  await raw(emulator, "DescribeImages", { Limit: 0 })
  expect((await read("requests")).requests).toMatchObject([
    {
      sequence: 1,
      action: "ImportImage",
      code: null,
      parameters: good,
      account: "100000000001",
      client: expect.stringMatching(/^SDK_NODEJS/),
    },
    { sequence: 2, action: "DescribeImages", code: "InvalidParameterValue.InvalidParameterValueLimit" },
  ])
  expect((await read("requests?after=1")).requests).toHaveLength(1)
  expect((await read("requests?action=ImportImage")).requests).toHaveLength(1)
  expect((await read("ledger")).ledger).toMatchObject([{ action: "ImportImage", region: "ap-singapore" }])
  expect((await read("world")).images[0].state).toBe("IMPORTING")
  expect((await write("advance", { milliseconds: 500_000 })).status).toBe(200)
  expect((await read("world")).images[0].state).toBe("NORMAL")
  expect((await write("behaviour", { quota: 7 })).status).toBe(200)
  expect((await read("behaviour")).quota).toBe(7)
  expect((await write("behaviour", { quota: "7" })).status).toBe(400)
  expect((await write("behaviour", { nothing: 1 })).status).toBe(400)
  expect((await write("advance", { milliseconds: -1 })).status).toBe(400)
  expect((await write("behaviour", {}, { "content-type": "text/plain" })).status).toBe(415)
  expect((await write("clear", {})).status).toBe(200)
  expect((await read("requests")).requests).toEqual([])
  expect((await fetch(`${emulator.url}/_emulator/else`)).status).toBe(404)
  expect((await fetch(`${emulator.url}/else`)).status).toBe(404)
})

test("the logs are bounded", async () => {
  const emulator = await start({ logLimit: 2, behaviour: { enforceRates: false } })
  for (let index = 0; index < 9; index += 1) await raw(emulator, "DescribeImages", {})
  expect(emulator.requests.length).toBeLessThanOrEqual(4)
  expect(emulator.requests.at(-1)?.sequence).toBe(9)
})

test("what a client needs stands in env; faults have their places", async () => {
  const emulator = await start({
    faults: {
      arrives(request, response) {
        if (request.headers["x-tc-action"] !== "DescribeImageQuota") return false
        response.destroy()
        return true
      },
      refuses: (call) => (call.action === "CreateTag" ? { code: "InternalError", message: "no" } : undefined),
      delivers(reply, response) {
        if (reply.call?.action !== "ImportImage") return false
        response.destroy()
        return true
      },
    },
  })
  expect(emulator.env).toEqual({
    CVMIMG_ENDPOINT: emulator.url,
    CVMIMG_COS_ENDPOINT: `${emulator.url}/cos`,
    TENCENTCLOUD_SECRET_ID: "AKIDcvmimgemulatordemo",
    TENCENTCLOUD_SECRET_KEY: "cvmimg-emulator-demo-key",
  })
  expect((await raw(emulator, "CreateTag", { TagKey: "a", TagValue: "b" })).code).toBe("InternalError")
  await expect(raw(emulator, "DescribeImageQuota")).rejects.toThrow()
  await expect(raw(emulator, "ImportImage", good)).rejects.toThrow()
  expect(emulator.ledger.map((entry) => entry.action)).toEqual(["ImportImage"])
  expect(emulator.requests.map((entry) => entry.action)).toEqual(["CreateTag", "ImportImage"])
  await expect(startEmulator({ behaviour: { duplicateNames: "sometimes" as never } })).rejects.toThrow(
    RangeError,
  )
})
