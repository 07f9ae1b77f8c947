// Probes over real HTTP, against the emulator's object store and against servers that misbehave.
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import type * as http from "node:http"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as fc from "fast-check"
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from "vitest"
import {
  qcow2Image,
  rawImage,
  SAMPLE_OBJECTS,
  vhdImage,
  writeSampleImages,
} from "../../scripts/sample-images.mjs"
import { addressOf, checkedCosEndpoint, cosObject } from "../../src/check/cos.ts"
import { PUBLIC, type SourceProbe, sourcesSeen } from "../../src/check/source-probe.ts"
import { type ProbeOptions, probeSources } from "../../src/check/sources.ts"
import { systemClock } from "../../src/cloud/clock.ts"
import type { Cloud, SourceSigner } from "../../src/cloud/port.ts"
import { type Emulator, startEmulator } from "../../src/emulator/index.ts"
import type { Clock } from "../../src/model/clock.ts"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import { httpServer, type Listening } from "../cloud/support.ts"
import { COS, cloudOf, placed, type Spy, spy, store } from "./support.ts"

const noSigner = async (): Promise<string> => {
  throw new Error("nothing is to be signed here")
}
/** Pauses are no part of these tests. */
const clock: Clock = { ...systemClock, sleep: async (_, signal) => signal?.throwIfAborted() }

const probe = (
  placements: readonly DesiredPlacement[],
  http: Spy,
  more: Partial<ProbeOptions> = {},
): Promise<Record<string, SourceProbe>> =>
  probeSources({ placements, fetch: http.fetch, sign: noSigner, clock, ...more })

const failureOf = (found: Record<string, SourceProbe>, reader: string = PUBLIC) =>
  Object.values(found)[0]?.access.get(reader)

describe("the emulator's store", () => {
  let dir: string
  let emulator: Emulator
  let cloud: Cloud & SourceSigner
  let crcs: Map<string, string>
  const put = (name: string, bytes: Buffer, size?: number): void => {
    const path = join(dir, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
    if (size !== undefined) truncateSync(path, size)
  }

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "cvmimg-check-"))
    const written = await writeSampleImages(dir)
    crcs = new Map(written.map(({ bucket, key, crc64 }) => [`${bucket}/${key}`, crc64]))
    put("locked-1250000000/secret.qcow2", qcow2Image(rawImage("secret")))
    put("foreign-1250000099/theirs.qcow2", qcow2Image(rawImage("theirs")))
    put("golden-ap-singapore-1250000000/empty.raw", Buffer.alloc(0))
    put("golden-ap-singapore-1250000000/tiny.raw", Buffer.from("tiny"))
    // 60 GiB of hole: the store gives no CRC for it.
    put("golden-ap-singapore-1250000000/huge.raw", rawImage("huge"), 60 * 1024 ** 3)
    emulator = await startEmulator({ objects: dir, privateObjects: ["locked-1250000000"] })
    cloud = await cloudOf(emulator)
  })
  afterAll(async () => {
    cloud.close()
    await emulator.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const cosEndpoint = (): { cosEndpoint: string } => ({
    cosEndpoint: String(emulator.env.CVMIMG_COS_ENDPOINT),
  })
  const signed = (): Partial<ProbeOptions> => ({ ...cosEndpoint(), sign: cloud.sourceUrl })
  const lockedUrl = "https://locked-1250000000.cos.ap-singapore.myqcloud.com/secret.qcow2"

  it("is asked once for each distinct object, twice where a VHD may end", async () => {
    const requests = spy()
    const regions = ["ap-singapore", "eu-frankfurt"]
    const placements = SAMPLE_OBJECTS.flatMap(({ key }) =>
      regions.flatMap((region) => [placed(key, { region }), placed(key, { region, image: "twin" })]),
    )
    const found = await probe(placements, requests, cosEndpoint())
    expect(Object.keys(found)).toHaveLength(SAMPLE_OBJECTS.length * 2)
    for (const { key, format } of SAMPLE_OBJECTS) {
      const url = `${COS}/${key}`
      expect(found[url]).toMatchObject({
        seen: { crc64: crcs.get(`golden-ap-singapore-1250000000/${key}`) },
        content: { format, virtualSize: expect.any(Number) },
      })
      expect(found[url]?.seen?.etag).toMatch(/^[0-9a-f]{32}$/)
      expect(found[url]?.content?.problem).toBeUndefined()
      const made = requests.calls.filter(
        (call) => call.url.endsWith(key) && call.url.includes("ap-singapore"),
      )
      // Nothing but a VHD has its mark at the end; a raw disk could be one.
      expect(made).toHaveLength(format === "vhd" || format === "raw" ? 2 : 1)
    }
    expect(requests.calls.every(({ method }) => method === "GET")).toBe(true)
    expect(requests.most).toBeLessThanOrEqual(8)
    expect(emulator.requests).toHaveLength(0)
  })

  it("gives what a plan compares", async () => {
    const url = `${COS}/ubuntu/jammy-20261101.qcow2`
    const found = await probe(
      [placed("ubuntu/jammy-20261101.qcow2"), placed("nothing.raw")],
      spy(),
      cosEndpoint(),
    )
    const size = qcow2Image(rawImage("ubuntu/jammy-20261101.qcow2")).length
    expect(sourcesSeen(found)).toEqual({
      [url]: {
        size,
        crc64: crcs.get("golden-ap-singapore-1250000000/ubuntu/jammy-20261101.qcow2"),
        etag: found[url]?.seen?.etag,
      },
    })
  })

  test.each<[string, string, object]>([
    ["no object", `${COS}/nothing.raw`, { status: "error", code: "not_found" }],
    [
      "no bucket",
      "https://none-1250000000.cos.ap-singapore.myqcloud.com/a.raw",
      { status: "error", code: "no_bucket" },
    ],
    ["a private one", lockedUrl, { status: "error", code: "not_public" }],
    ["not COS", "https://example.com/a.raw", { status: "error", code: "not_cos_url" }],
  ])("%s: %s", async (_, url, failure) => {
    const found = await probe([placed("", { source: { url } })], spy(), cosEndpoint())
    expect(failureOf(found)).toMatchObject(failure)
    expect(Object.values(found)[0]?.seen).toBeUndefined()
  })

  it("an object without bytes, one with few, and one of 60 GiB", async () => {
    const found = await probe(
      [placed("empty.raw"), placed("tiny.raw"), placed("huge.raw")],
      spy(),
      cosEndpoint(),
    )
    expect(found[`${COS}/empty.raw`]).toMatchObject({ seen: { size: 0 } })
    expect(found[`${COS}/empty.raw`]?.content).toBeUndefined()
    expect(found[`${COS}/tiny.raw`]).toMatchObject({
      seen: { size: 4 },
      content: { problem: { code: "format_broken" } },
    })
    expect(found[`${COS}/huge.raw`]).toMatchObject({
      seen: { size: 60 * 1024 ** 3 },
      content: { format: "raw", virtualSize: 60 * 1024 ** 3, storesZeros: true },
    })
  })

  it("a CRC-64 that a manifest names and the answer lacks is asked for by one HEAD more", async () => {
    const requests = spy()
    await probe([placed("huge.raw", { source: { crc64: "1" } })], requests, cosEndpoint())
    expect(requests.calls.map(({ method }) => method)).toEqual(["GET", "HEAD", "GET"])
  })

  it("opens a private object with a signature of its own for each method", async () => {
    const requests = spy()
    const secret = placed("", { source: { url: lockedUrl, sign: true } })
    const found = await probe([secret], requests, signed())
    expect(found[lockedUrl]).toMatchObject({ content: { format: "qcow2" } })
    expect(found[lockedUrl]?.access.get("default")).toBeNull()
    expect(requests.calls).toHaveLength(1)
    expect(requests.calls[0]?.url).toContain("q-signature=")
    expect(Object.keys(found)).toEqual([lockedUrl])
    expect(JSON.stringify([found, [...(found[lockedUrl]?.access ?? [])]])).not.toContain("q-sign")
    // The one for GET does not open HEAD.
    const url = new URL(await cloud.sourceUrl("default", lockedUrl, "GET"))
    const local = `${emulator.env.CVMIMG_COS_ENDPOINT}/locked-1250000000${url.pathname}${url.search}`
    expect((await fetch(local, { method: "HEAD" })).status).toBe(403)
    const head = new URL(await cloud.sourceUrl("default", lockedUrl, "HEAD"))
    const forHead = `${emulator.env.CVMIMG_COS_ENDPOINT}/locked-1250000000${head.pathname}${head.search}`
    expect((await fetch(forHead, { method: "HEAD" })).status).toBe(200)
  })

  it("leaves the import's URL unused: what was probed is imported in the same second", async () => {
    const secret = placed("", { image: "secret", source: { url: lockedUrl, sign: true } })
    await probe([secret], spy(), signed())
    await cloud.importImage(
      { account: "default", region: "ap-singapore" },
      {
        name: "secret",
        description: "",
        url: lockedUrl,
        sign: true,
        osType: "Ubuntu",
        osVersion: "22",
        architecture: "x86_64",
        force: false,
        tags: {},
        dataDiskUrls: [],
      },
    )
    emulator.world.advance(600_000)
    expect(emulator.world.images().find(({ name }) => name === "secret")?.state).toBe("NORMAL")
    emulator.clearLogs()
  })

  it("judges every way of reading an object: unsigned, by one account, by another", async () => {
    const requests = spy()
    const sources = [{}, { sign: true }, { sign: true, signAs: "other" }]
    const placements = sources.map((source) => placed("", { source: { url: lockedUrl, ...source } }))
    const found = await probe(placements, requests, signed())
    expect([...(found[lockedUrl]?.access ?? [])].map(([reader, failure]) => [reader, failure?.code])).toEqual(
      [
        [PUBLIC, "not_public"],
        ["default", undefined],
        ["other", undefined],
      ],
    )
    expect(requests.calls).toHaveLength(3)
    const theirs = "https://foreign-1250000099.cos.ap-singapore.myqcloud.com/theirs.qcow2"
    const foreign = await probe([placed("", { source: { url: theirs, sign: true } })], spy(), signed())
    expect(foreign[theirs]?.access.get("default")).toMatchObject({ status: "error", code: "not_readable" })
  })

  it("a URL that cannot be signed is not asked for", async () => {
    const requests = spy()
    const placements = [placed("", { source: { url: lockedUrl, sign: true, signAs: "nobody" } })]
    const found = await probe(placements, requests, signed())
    expect(failureOf(found, "nobody")).toMatchObject({ status: "skipped", code: "not_signed" })
    expect(requests.calls).toEqual([])
  })

  it("data disks are probed too, once where they are shared", async () => {
    const disk = { url: `${COS}/debian/bookworm-20261015.raw`, template: "" }
    const requests = spy()
    const found = await probe(
      [placed("a.raw", { dataDisks: [disk] }), placed("b.raw", { dataDisks: [disk, disk] })],
      requests,
      cosEndpoint(),
    )
    expect(found[disk.url]).toMatchObject({ content: { format: "raw" } })
    expect(requests.calls.filter(({ url }) => url.endsWith("bookworm-20261015.raw"))).toHaveLength(2)
  })
})

describe("servers that misbehave", () => {
  const open: Listening[] = []
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
  })
  const serve = async (handler: http.RequestListener): Promise<string> => {
    const server = await httpServer(handler)
    open.push(server)
    return server.url
  }
  const one = async (
    handler: http.RequestListener,
    requests: Spy = spy(),
    more: Partial<ProbeOptions> = {},
  ) => {
    const found = await probe([placed("a.vhd")], requests, { cosEndpoint: await serve(handler), ...more })
    return found[`${COS}/a.vhd`] as SourceProbe
  }
  const IMAGE = vhdImage(rawImage("bad"), { type: "fixed" })
  const cos = { "x-cos-request-id": "r" }

  test.each([301, 302, 307, 308])("a redirect (%d) is not followed", async (status) => {
    let visits = 0
    const elsewhere = await serve((_, response) => {
      visits += 1
      response.end()
    })
    const requests = spy()
    const found = await one(
      (_, response) => response.writeHead(status, { ...cos, location: elsewhere }).end(),
      requests,
    )
    expect(found.access.get(PUBLIC)).toMatchObject({ status: "error", code: "redirected" })
    expect([visits, requests.calls.length]).toEqual([0, 1])
  })

  test.each<[string, number, object, string, string, string]>([
    ["archived", 403, cos, "<Error><Code>InvalidObjectState</Code></Error>", "error", "archived"],
    ["private", 403, cos, "<Error><Code>AccessDenied</Code></Error>", "error", "not_public"],
    ["a proxy's 403", 403, {}, "<html>blocked</html>", "skipped", "unexpected_answer"],
    ["a proxy's page", 200, {}, "<html>please log in</html>", "skipped", "unexpected_answer"],
    ["too busy", 503, cos, "<Error><Code>SlowDown</Code></Error>", "skipped", "unexpected_answer"],
    ["a teapot", 418, cos, "", "skipped", "unexpected_answer"],
    [
      "another piece than was asked for",
      206,
      { ...cos, "content-range": "bytes 5-9/100" },
      "12345",
      "skipped",
      "unexpected_answer",
    ],
    ["no size", 206, { ...cos, "content-range": "bytes 0-4/*" }, "12345", "skipped", "unexpected_answer"],
  ])("%s", async (_, status, headers, body, verdict, code) => {
    const requests = spy()
    const found = await one((_, response) => response.writeHead(status, { ...headers }).end(body), requests)
    expect(found.access.get(PUBLIC)).toMatchObject({ status: verdict, code })
    expect(found.seen).toBeUndefined()
    // What may pass by itself is asked for once more.
    expect(requests.calls).toHaveLength(verdict === "skipped" ? 2 : 1)
  })

  it("a passing failure is forgotten", async () => {
    let count = 0
    const good = store(IMAGE)
    const found = await one((request, response) => {
      count += 1
      if (count === 1) response.writeHead(503, cos).end()
      else if (count === 3) response.destroy()
      else good(request, response)
    })
    expect(found.content).toMatchObject({ format: "vhd" })
    expect(count).toBe(4)
  })

  it("a server that ignores ranges is not read beyond what was asked for", async () => {
    let sent = 0
    const requests = spy()
    const found = await one((_, response) => {
      const size = 4 * 1024 ** 3
      response.writeHead(200, { ...cos, etag: '"e"', "content-length": size })
      const block = Buffer.alloc(1 << 16)
      const more = (): void => {
        while (!response.destroyed && sent < size && response.write(block)) sent += block.length
      }
      response.on("drain", more)
      more()
    }, requests)
    expect(found.seen).toEqual({ size: 4 * 1024 ** 3, etag: "e" })
    // The end cannot be had from it, so nothing is said of the format.
    expect(found).toMatchObject({ unread: { code: "unexpected_answer" } })
    expect(sent).toBeLessThan(64 * 1024 ** 2)
  })

  it("silence ends at the limit, and so does a trickle", async () => {
    const silent = await one(() => {}, spy(), { timeoutMs: 100 })
    expect(silent.access.get(PUBLIC)).toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/0\.1 s/),
    })
    const trickle = await one(
      (_, response) => {
        response.writeHead(206, { ...cos, "content-range": "bytes 0-36863/100000" })
        const timer = setInterval(() => response.write("x"), 20)
        response.on("close", () => clearInterval(timer))
      },
      spy(),
      { timeoutMs: 150 },
    )
    expect(trickle.access.get(PUBLIC)).toMatchObject({ status: "skipped", code: "unreachable" })
  })

  it("nobody there", async () => {
    const found = await probe([placed("a.raw")], spy(), { cosEndpoint: "http://127.0.0.1:1" })
    expect(failureOf(found)).toMatchObject({ status: "skipped", code: "unreachable" })
  })

  it("an object that changes between two requests is not judged", async () => {
    let count = 0
    const found = await one((request, response) => store(IMAGE, { etag: `"e${count++}"` })(request, response))
    expect(found.unread).toMatchObject({ status: "skipped", code: "source_changing" })
    expect(found.content).toBeUndefined()
  })

  it("an encoding is not undone", async () => {
    const found = await one(store(IMAGE, { "content-encoding": "gzip" }))
    expect(found).toMatchObject({ encoding: "gzip", seen: { size: IMAGE.length } })
    expect(found.content).toBeUndefined()
  })

  it("takes only checksums and ETags that can be some", async () => {
    const odd = await one(store(IMAGE, { etag: "<script>", "x-cos-hash-crc64ecma": "0x12" }))
    expect(odd.seen).toEqual({ size: IMAGE.length })
    const good = await one(store(IMAGE, { etag: 'W/"ab-3"', "x-cos-hash-crc64ecma": "18446744073709551615" }))
    expect(good.seen).toEqual({ size: IMAGE.length, etag: "ab-3", crc64: "18446744073709551615" })
  })

  it("says nothing of an address in what the connection throws", async () => {
    const requests = spy(async (url) => {
      throw new Error(`cannot reach ${url}`)
    })
    const sign = async (_: string, url: string): Promise<string> => `${url}?q-signature=secret`
    const placements = [placed("a.raw", { source: { sign: true } })]
    const found = await probeSources({ placements, fetch: requests.fetch, sign, clock })
    expect(requests.calls[0]?.url).toContain("q-signature=secret")
    expect(failureOf(found, "default")?.message).toBe("The object could not be read: the connection failed.")
  })

  it("rejects with the signal's reason, before and while it asks", async () => {
    const why = new Error("enough")
    await expect(probe([placed("a.raw")], spy(), { signal: AbortSignal.abort(why) })).rejects.toBe(why)
    const stop = new AbortController()
    const cosEndpoint = await serve(() => stop.abort(why))
    await expect(probe([placed("a.raw")], spy(), { cosEndpoint, signal: stop.signal })).rejects.toBe(why)
  })
})

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
    expect(failureOf(found)).toMatchObject({ status: "error", code: "not_cos_url" })
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
