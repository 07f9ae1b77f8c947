import { describe, expect, test } from "vitest"
import { slidingWindows } from "../../src/emulator/rates.ts"
import { codeOf, good, raw, sdk, start } from "./helpers.ts"

describe("common parameters", () => {
  test("version, action, region, method, body", async () => {
    const emulator = await start()
    const cases: [string, Parameters<typeof raw>[3], string?][] = [
      ["NoSuchVersion", { version: "2016-01-01" }],
      ["InvalidAction", { version: "2018-08-13" }],
      ["InvalidAction", {}, "constructor"],
      ["MissingParameter", {}, ""],
      ["MissingParameter", { region: null }],
      ["UnsupportedRegion", { region: "mars-north" }],
      ["InvalidParameter", { body: "{" }],
      ["InvalidParameter", { body: "[]" }],
      ["InvalidRequest", { headers: { "content-type": "text/plain" } }],
      ["RequestSizeLimitExceeded", { method: "GET", query: `Limit=${"0".repeat(33_000)}` }],
    ]
    for (const [code, options, action] of cases) {
      expect((await raw(emulator, action ?? "DescribeImages", {}, options)).code).toBe(code)
    }
    const put = await fetch(emulator.url, { method: "PUT", body: "{}" })
    expect(((await put.json()) as { Response: { Error: unknown } }).Response.Error).toMatchObject({
      Code: "UnsupportedProtocol",
    })
    emulator.setBehaviour({ unknownRegionCode: "InvalidRegion.NotFound" })
    expect((await raw(emulator, "DescribeImages", {}, { region: "x" })).code).toBe("InvalidRegion.NotFound")
  })

  test("a body over 10 MB", async () => {
    const emulator = await start()
    const reply = await raw(
      emulator,
      "DescribeImages",
      {},
      { body: `{"ImageIds":["${"x".repeat(10_500_000)}"]}` },
    )
    expect(reply.code).toBe("RequestSizeLimitExceeded")
  })

  test("the trace id comes back, and the language changes the message only", async () => {
    const emulator = await start()
    const headers = { "x-tc-traceid": "abc", "x-tc-language": "zh-CN" }
    const reply = await raw(emulator, "ImportImage", {}, { headers })
    expect(reply.headers.get("x-tc-traceid")).toBe("abc")
    expect([reply.code, reply.message]).toEqual(["MissingParameter", "缺少参数错误。"])
    const error = await sdk(emulator)
      .cvm.ImportImage({} as never)
      .catch((reason) => reason)
    expect(error).toMatchObject({ code: "MissingParameter", traceId: expect.stringMatching(/-/) })
  })

  test("the server's own clock stands in Date", async () => {
    const emulator = await start({ wallClock: { now: () => Date.UTC(2030, 0, 1) } })
    const reply = await raw(emulator, "DescribeImages")
    expect([reply.headers.get("date"), reply.code]).toEqual([
      "Tue, 01 Jan 2030 00:00:00 GMT",
      "AuthFailure.SignatureExpire",
    ])
  })
})

describe("parameters are strict", () => {
  test.each([
    ["UnknownParameter", { Surprise: 1 }],
    ["UnknownParameter", { ImportImageDataDiskList: [] }],
    ["UnknownParameter", { TagSpecification: [{ ResourceType: "image", Tags: [], Extra: 1 }] }],
    [
      "UnknownParameter",
      { TagSpecification: [{ ResourceType: "image", Tags: [{ TagKey: "a", TagValue: "b" }] }] },
    ],
    ["MissingParameter", { ImageName: undefined }],
    ["MissingParameter", { ImageName: "" }],
    ["MissingParameter", { TagSpecification: [{ ResourceType: "image" }] }],
    ["InvalidParameter", { Force: "true" }],
    ["InvalidParameter", { ImageName: 7 }],
    ["InvalidParameter", { ImageDescription: null }],
    ["InvalidParameter", { TagSpecification: {} }],
    ["InvalidParameterValue.TooLarge", { ImageName: "x".repeat(61) }],
    ["InvalidParameterValue.TooLarge", { ImageDescription: "x".repeat(257) }],
    ["InvalidParameterValue", { Architecture: "arm_64" }],
    ["InvalidParameterValue", { TagSpecification: [{ ResourceType: "instance", Tags: [] }] }],
  ])("%s for %j", async (code, change) => {
    const emulator = await start()
    expect((await raw(emulator, "ImportImage", { ...good, ...change })).code).toBe(code)
    expect(emulator.ledger).toHaveLength(0)
  })

  test("60 characters are 60 characters, whatever they take in memory", async () => {
    const emulator = await start()
    expect((await raw(emulator, "ImportImage", { ...good, ImageName: "😀".repeat(60) })).code).toBeUndefined()
  })

  test("cn takes data disks and arm_64, and tells the image id", async () => {
    const emulator = await start({ site: "cn" })
    const change = { Architecture: "arm_64", ImportImageDataDiskList: [{ ImageUrl: good.ImageUrl }] }
    const reply = await sdk(emulator).cvm.ImportImage({ ...good, ...change })
    expect(reply.ImageId).toMatch(/^img-[0-9a-z]{8}$/)
    expect(emulator.world.image(reply.ImageId ?? "")?.architecture).toBe("arm")
    emulator.setBehaviour({ importReturnsImageId: "never" })
    expect((await sdk(emulator).cvm.ImportImage({ ...good, ImageName: "b" })).ImageId).toBeUndefined()
  })
})

describe("rate limits", () => {
  test("the eleventh import of a second is refused, per region and account", async () => {
    let now = 0
    const emulator = await start({
      wallClock: { now: () => Date.now(), monotonic: () => now },
      behaviour: { duplicateNames: "never" },
    })
    const { cvm } = sdk(emulator)
    const codes = await Promise.all(Array.from({ length: 11 }, () => codeOf(cvm.ImportImage(good))))
    expect(codes.filter((code) => code === "RequestLimitExceeded")).toHaveLength(1)
    const refused = await raw(emulator, "ImportImage", good)
    expect(refused.message).toBe(
      "Your current request times equals to `11` in a second, which exceeds the frequency limit `10` for a second. Please reduce the frequency of calls.",
    )
    expect((await raw(emulator, "ImportImage", good, { region: "ap-hongkong" })).code).not.toBe(
      "RequestLimitExceeded",
    )
    expect((await raw(emulator, "DeleteImages", { ImageIds: [] })).code).toBe("MissingParameter")
    now = 999.9
    expect((await raw(emulator, "ImportImage", good)).code).toBe("RequestLimitExceeded")
    now = 1000
    expect((await raw(emulator, "ImportImage", good)).code).toBeUndefined()
  })

  test("tables can be changed and switched off, and the scope widened", async () => {
    const emulator = await start({
      wallClock: { now: () => Date.now(), monotonic: () => 0 },
      behaviour: { rates: { DescribeImages: 1 }, rateScope: "account" },
    })
    expect((await raw(emulator, "DescribeImages")).code).toBeUndefined()
    expect((await raw(emulator, "DescribeImages", {}, { region: "ap-hongkong" })).code).toBe(
      "RequestLimitExceeded",
    )
    emulator.setBehaviour({ enforceRates: false })
    expect((await raw(emulator, "DescribeImages")).code).toBeUndefined()
  })

  test("no sliding second ever holds more than the limit", () => {
    const windows = slidingWindows()
    const admitted: number[] = []
    for (let now = 0; now < 5000; now += 37) {
      if (windows.admit("key", 10, now, false).fits) admitted.push(now)
    }
    for (const start of admitted) {
      expect(admitted.filter((time) => time >= start && time < start + 1000).length).toBeLessThanOrEqual(10)
    }
    expect(admitted.length).toBeGreaterThanOrEqual(49)
  })
})
