// Where probes go, and where they never go.
import * as fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { addressOf, checkedCosEndpoint, cosObject } from "../../src/check/cos.ts"
import { probe, refusalOf } from "./probing.ts"
import { COS, placed, spy } from "./support.ts"

describe("where probes go", () => {
  it("to COS, always by https, and with nothing of the manifest's own query", async () => {
    const requests = spy(
      async () => new Response(null, { status: 404, headers: { "x-cos-request-id": "r" } }),
    )
    const url = `${COS.replace("https:", "http:")}/a%20b/c+d.raw`
    const found = await probe([placed("", { source: { url: `${url}?versionId=1#x` } })], requests)
    expect(requests.calls.map((call) => call.url)).toEqual([`${COS}/a%20b/c+d.raw`])
    expect(Object.keys(found)).toEqual([url])
  })

  test.each([
    "https://golden-1250000000.cos.ap-singapore.myqcloud.com.evil.example/a",
    "https://golden-1250000000.cos.ap-singapore.myqcloud.com@evil.example/a",
    "https://user:pass@golden-1250000000.cos.ap-singapore.myqcloud.com/a",
    "https://golden-1250000000.cos.ap-singapore.myqcloud.com:8443/a",
    "https://evil.example/golden-1250000000.cos.ap-singapore.myqcloud.com/a",
    "https://golden-1250000000.cos.ap.singapore.myqcloud.com/a",
    "https://golden.cos.ap-singapore.myqcloud.com/a",
    "https://golden-1250000000.cos.ap-singapore.myqcloud.com/",
    "https://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "ftp://golden-1250000000.cos.ap-singapore.myqcloud.com/a",
    "not a url",
  ])("not to %s", async (url) => {
    const requests = spy()
    const found = await probe([placed("", { source: { url } })], requests)
    expect(requests.calls).toEqual([])
    expect(refusalOf(found)).toMatchObject({ status: "error", code: "not_cos_url" })
  })

  it("never anywhere else, whatever the URL", () => {
    const piece = fc.constantFrom(
      COS,
      "https://",
      "golden-1250000000",
      ".cos.",
      "myqcloud.com",
      "/",
      "..",
      "%2e%2e",
      "@",
      ":",
      "?",
      "#",
      "\\",
      "a",
      "\t",
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const object = cosObject(pieces.join(""))
        if (object === undefined) return
        const direct = new URL(addressOf(object, "", undefined))
        expect(direct.host).toMatch(/^[a-z0-9-]+-\d+\.cos\.[a-z0-9-]+\.myqcloud\.com$/)
        const local = new URL(addressOf(object, "", "http://127.0.0.1:9/cos"))
        expect(local.host).toBe("127.0.0.1:9")
        expect(local.pathname.startsWith(`/cos/${object.bucket}/`)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  test.each([
    "http://example.com/cos",
    "http://10.0.0.1/cos",
    "http://127.0.0.1.evil.example/cos",
    "http://user@127.0.0.1/cos",
    "http://127.0.0.1/cos?x=1",
    "file:///cos",
    "127.0.0.1:80",
  ])("a store that stands in for COS is on this machine: %s", async (cosEndpoint) => {
    expect(() => checkedCosEndpoint(cosEndpoint)).toThrow(RangeError)
    await expect(probe([placed("a.raw")], spy(), { cosEndpoint })).rejects.toThrow(RangeError)
  })

  test.each([
    ["http://127.0.0.1:80/cos/", "http://127.0.0.1/cos"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["https://[::1]:8080/cos", "https://[::1]:8080/cos"],
  ])("%s is one", (text, endpoint) => {
    expect(checkedCosEndpoint(text)).toBe(endpoint)
  })
})
