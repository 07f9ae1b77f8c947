import { describe, expect, test } from "vitest"
import { createAccounts } from "../../src/emulator/accounts.ts"
import { verify } from "../../src/emulator/tc3.ts"
import { raw, sdk, start } from "./helpers.ts"

const keys = { uin: "1", secretId: "AKIDEXAMPLE", secretKey: "SECRETEXAMPLE" }
const now = 1_700_000_000_000

function vector(service: string, host: string, signature: string): Parameters<typeof verify> {
  const scope = `AKIDEXAMPLE/2023-11-14/${service}/tc3_request`
  const request = {
    method: "POST",
    rawQuery: "",
    headers: {
      "content-type": "application/json",
      host,
      "x-tc-timestamp": "1700000000",
      authorization: `TC3-HMAC-SHA256 Credential=${scope}, SignedHeaders=content-type;host, Signature=${signature}`,
    },
    body: Buffer.from('{"ImageIds":["img-00000001"]}'),
  }
  return [request, createAccounts([keys]), now]
}

describe("the vectors of the reference page", () => {
  const first = "e26d0c70876b0766a70f762b46382d8e3e885f5105a1dcd19b64e3d5dc959fb7"
  const second = "b133b68f030b08b5267b85a7e3f2d17db93ee71d2481d63a080cf7eb195c7858"

  test("service cvm", () => {
    expect(verify(...vector("cvm", "cvm.tencentcloudapi.com", first)).account.uin).toBe("1")
  })

  test("service 127, the host signed without its port", () => {
    expect(verify(...vector("127", "127.0.0.1:8080", second)).account.uin).toBe("1")
  })

  test("one of them with the other's signature is refused", () => {
    expect(() => verify(...vector("127", "127.0.0.1:8080", first))).toThrow(/could not be validated/)
  })
})

describe("over the wire", () => {
  test("both ways of signing the host, other headers, an unsigned payload, GET", async () => {
    const emulator = await start()
    const { cvm } = sdk(emulator)
    expect((await cvm.DescribeImageQuota(null as never)).ImageNumQuota).toBe(500)
    const get = sdk(emulator, "ap-singapore", undefined, "GET").cvm
    expect(
      (await get.DescribeImages({ Limit: 1, Filters: [{ Name: "image-type", Values: ["PUBLIC_IMAGE"] }] }))
        .ImageSet,
    ).toHaveLength(1)
    const asks = [
      {},
      { host: "127.0.0.1" },
      { service: "localhost:8080/x" },
      { unsignedPayload: true },
      { signed: ["content-type", "host", "x-tc-action"] },
      { signed: ["content-type", "host", "x-tc-action"], lowerAction: true },
      { method: "GET" as const, query: "Limit=1&Filters.0.Name=platform&Filters.0.Values.0=ubu" },
    ]
    for (const ask of asks) {
      const reply = await raw(emulator, "DescribeImages", {}, ask)
      expect([ask, reply.code]).toEqual([ask, undefined])
    }
  })

  test("the same signature twice is no replay", async () => {
    const emulator = await start()
    const timestamp = Math.floor(Date.now() / 1000)
    expect((await raw(emulator, "DescribeImages", {}, { timestamp })).code).toBeUndefined()
    expect((await raw(emulator, "DescribeImages", {}, { timestamp })).code).toBeUndefined()
  })

  test("each refusal has its code and status 200", async () => {
    const now = Date.now()
    const emulator = await start({ wallClock: { now: () => now } })
    const seconds = Math.floor(now / 1000)
    const demo = { secretId: "AKIDcvmimgemulatordemo", secretKey: "cvmimg-emulator-demo-key" }
    const refusals: [string, Parameters<typeof raw>[3]][] = [
      ["AuthFailure.InvalidAuthorization", { tamper: () => "SKIP" }],
      ["AuthFailure.InvalidAuthorization", { tamper: (text) => text.replace("tc3_request", "request") }],
      ["AuthFailure.InvalidAuthorization", { signed: ["host"] }],
      ["AuthFailure.InvalidSecretId", { keys: { ...demo, secretId: "someone" } }],
      ["AuthFailure.SecretIdNotFound", { keys: { ...demo, secretId: "AKIDsomeone" } }],
      ["AuthFailure.SignatureFailure", { keys: { ...demo, secretKey: "wrong" } }],
      ["AuthFailure.SignatureFailure", { date: "2020-01-01" }],
      ["AuthFailure.SignatureFailure", { host: "elsewhere" }],
      ["AuthFailure.SignatureExpire", { timestamp: seconds - 301 }],
      ["AuthFailure.SignatureExpire", { timestamp: seconds + 302 }],
      ["AuthFailure.TokenFailure", { keys: { ...demo, token: "one too many" } }],
    ]
    for (const [code, options] of refusals) {
      const reply = await raw(emulator, "DescribeImages", {}, options)
      expect([reply.status, reply.code]).toEqual([200, code])
      expect(reply.response.RequestId).toMatch(/^[0-9a-f-]{36}$/)
    }
    expect((await raw(emulator, "DescribeImages", {}, { timestamp: seconds - 290 })).code).toBeUndefined()
  })

  test("temporary keys need their token until it expires, denied actions their right", async () => {
    let now = Date.now()
    const temporary = { secretId: "AKIDtemporary", secretKey: "k", token: "t", expiresAt: now + 60_000 }
    const emulator = await start({
      wallClock: { now: () => now },
      accounts: [{ uin: "100000000001", keys: [temporary], denied: ["cvm:ImportImage", "tag:*"] }],
    })
    const ask = (keys: { secretId: string; secretKey: string; token?: string }, action = "DescribeImages") =>
      raw(emulator, action, {}, { keys, timestamp: Math.floor(now / 1000) })
    expect((await ask({ secretId: "AKIDtemporary", secretKey: "k" })).code).toBe("AuthFailure.TokenFailure")
    expect((await ask(temporary)).code).toBeUndefined()
    expect((await ask(temporary, "ImportImage")).code).toBe("UnauthorizedOperation")
    expect((await ask(temporary, "CreateTag")).code).toBe("AuthFailure.UnauthorizedOperation")
    now += 60_000
    expect((await ask(temporary)).code).toBe("AuthFailure.TokenFailure")
  })
})
