import { createHash, createHmac } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { systemClock } from "../../src/cloud/clock.ts"
import { connect } from "../../src/cloud/connect.ts"
import { signCosUrl } from "../../src/cloud/cos-sign.ts"
import { type CredentialSource, Keys } from "../../src/cloud/keys.ts"
import { startEmulator } from "../../src/emulator/index.ts"
import { api, cloudAt, failureOf, httpServer, REQUEST, SCOPE } from "./support.ts"

// The keys and times of the example in COS's documentation of request signatures (436/7778).
const KEYS = new Keys({
  secretId: "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q",
  secretKey: "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz",
})

describe("a signed COS URL", () => {
  it("derives the key as the documentation's example does", () => {
    const signKey = createHmac("sha1", KEYS.secretKey).update("1557989753;1557996953").digest("hex")
    expect(signKey).toBe("937914bf490e9e8c189836aad2052e4feeb35eaf")
  })

  it("signs method, decoded path and host", () => {
    const url = "https://examplebucket-1250000000.cos.ap-beijing.myqcloud.com/a%20b/c+d.qcow2"
    const signed = new URL(signCosUrl(url, KEYS, 1557989753, 1557996953))
    const q = signed.searchParams
    const http = "get\n/a b/c+d.qcow2\n\nhost=examplebucket-1250000000.cos.ap-beijing.myqcloud.com\n"
    const digest = createHash("sha1").update(http).digest("hex")
    const signature = createHmac("sha1", "937914bf490e9e8c189836aad2052e4feeb35eaf")
      .update(`sha1\n1557989753;1557996953\n${digest}\n`)
      .digest("hex")
    expect(q.get("q-signature")).toBe(signature)
    expect([...q.keys()]).toEqual([
      "q-sign-algorithm",
      "q-ak",
      "q-sign-time",
      "q-key-time",
      "q-header-list",
      "q-url-param-list",
      "q-signature",
    ])
    expect(signed.origin + signed.pathname).toBe(url)
  })

  it("appends the token of temporary keys, and keeps a query that is there", () => {
    const keys = new Keys({ secretId: "AKIDx", secretKey: "y", token: "a+b/c==" })
    const url = signCosUrl("https://b-1250000000.cos.ap-x.myqcloud.com/k?versionId=1", keys, 1, 2)
    expect(url).toMatch(/\?versionId=1&q-sign-algorithm=sha1&/)
    expect(url).toMatch(/&x-cos-security-token=a%2Bb%2Fc%3D%3D$/)
  })
})

describe("source.sign", () => {
  const open: { close(): unknown }[] = []
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
  })
  const OWN = new Keys({ secretId: "AKIDownownown", secretKey: "own-secret-own" })
  const OTHER = new Keys({ secretId: "AKIDotherother", secretKey: "other-secret" })
  const credentials: CredentialSource = {
    of: async (account) => (account === "other" ? OTHER : OWN),
    renew: async () => OWN,
  }

  let now = Date.UTC(2026, 10, 24, 6)
  const clock = { ...systemClock, now: () => now }

  async function served(answer: (url: string) => object | [string, string] = () => ({})) {
    const urls: string[] = []
    const server = await httpServer(
      api((_, params) => {
        urls.push(String(params.ImageUrl))
        return answer(String(params.ImageUrl))
      }),
    )
    const accounts = ["default", "other"].map((name) => ({ name, vars: {} }))
    const cloud = await cloudAt(server.url, { credentials, accounts, importTimeoutMs: 7_200_000, clock })
    open.push(cloud, server)
    return { cloud, urls }
  }

  it("signs at each call, data disks too, valid for the import's timeout and an hour", async () => {
    const { cloud, urls } = await served()
    const request = { ...REQUEST, sign: true, dataDiskUrls: [REQUEST.url] }
    await cloud.rehearseImport(SCOPE, request)
    now += 1_100
    const accepted = await cloud.importImage(SCOPE, request)
    expect(new Set(urls).size).toBe(2)
    for (const url of urls) {
      const q = new URL(url).searchParams
      expect(q.get("q-ak")).toBe("AKIDownownown")
      const end = Number(q.get("q-sign-time")?.split(";")[1])
      expect(Math.abs(end - now / 1_000 - 3 * 3_600)).toBeLessThan(5)
    }
    expect(JSON.stringify(accepted)).not.toContain("q-sign")
  })

  it("signs with the account that signAs names, or not at all without sign", async () => {
    const { cloud, urls } = await served()
    await cloud.importImage(SCOPE, { ...REQUEST, sign: true, signAs: "other" })
    await cloud.importImage(SCOPE, REQUEST)
    expect(urls[0]).toContain("q-ak=AKIDotherother")
    expect(urls[1]).toBe(REQUEST.url)
    const unknown = await failureOf(cloud.importImage(SCOPE, { ...REQUEST, sign: true, signAs: "nobody" }))
    expect(unknown.code).toBe("ClientError.Credentials")
  })

  it("never shows the signed URL in a failure", async () => {
    const { cloud } = await served((url) => [
      "InvalidParameter.InvalidParameterUrlError",
      `cannot read ${url}`,
    ])
    const failure = await failureOf(cloud.importImage(SCOPE, { ...REQUEST, sign: true }))
    expect(failure.message).toBe(`cannot read ${REQUEST.url}?***`)
  })
})

describe("on the emulator's object store", () => {
  it("a signature opens a private object, and a private object without one cannot be imported", async () => {
    const objects = mkdtempSync(join(tmpdir(), "cvmimg-objects-"))
    mkdirSync(join(objects, "golden-1250000000", "a b"), { recursive: true })
    writeFileSync(join(objects, "golden-1250000000", "a b", "c+d.qcow2"), "content")
    const emulator = await startEmulator({
      objects,
      privateObjects: ["golden-1250000000"],
      behaviour: { urlCheck: "submit" },
    })
    const accounts = [{ name: "default", vars: {} }]
    const { env } = emulator
    const cloud = await connect({ site: "intl", accounts, clock: systemClock, env, home: "/nonexistent" })
    const url = "https://golden-1250000000.cos.ap-singapore.myqcloud.com/a%20b/c+d.qcow2"
    const keys = new Keys({
      secretId: env.TENCENTCLOUD_SECRET_ID ?? "",
      secretKey: env.TENCENTCLOUD_SECRET_KEY ?? "",
    })
    const now = Math.floor(Date.now() / 1_000)
    const path = "/golden-1250000000/a%20b/c+d.qcow2"
    const get = async (signed: string) => fetch(`${env.CVMIMG_COS_ENDPOINT}${path}${new URL(signed).search}`)
    expect((await get(url)).status).toBe(403)
    expect((await get(signCosUrl(url, keys, now - 60, now - 1))).status).toBe(403)
    const good = await get(signCosUrl(url, keys, now - 60, now + 60))
    expect([good.status, await good.text()]).toEqual([200, "content"])

    const request = { ...REQUEST, url, osType: "Other Linux", osVersion: "-" }
    const refused = await failureOf(cloud.importImage(SCOPE, request))
    expect(refused.code).toBe("InvalidParameter.InvalidParameterUrlError")
    expect(await cloud.importImage(SCOPE, { ...request, sign: true })).toHaveProperty("requestId")
    cloud.close()
    await emulator.close()
    rmSync(objects, { recursive: true })
  })
})
