// Probes against servers that misbehave.
import type * as http from "node:http"
import { afterEach, describe, expect, it, test } from "vitest"
import { rawImage, vhdImage } from "../../scripts/sample-images.mjs"
import type { Fetch } from "../../src/check/index.ts"
import { PUBLIC, type SourceProbe } from "../../src/check/source-probe.ts"
import { type ProbeOptions, probeSources } from "../../src/check/sources.ts"
import { withObjects } from "../../src/cli/objects.ts"
import { httpServer, type Listening } from "../cloud/support.ts"
import { noPauses, probe, refusalOf } from "./probing.ts"
import { COS, placed, type Spy, spy, store } from "./support.ts"

const WIRES: readonly [string, Fetch][] = [
  ["Node's own fetch", fetch],
  ["the connections of a plan", (url, init) => withObjects((own) => own(url, init))],
]

describe.each(WIRES)("servers that misbehave, by %s", (_wire, wire) => {
  const spied = (): Spy => spy(wire)
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
    requests: Spy = spied(),
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
    const requests = spied()
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
    const requests = spied()
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
    const requests = spied()
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
    expect(found.unread).toMatch(/at present/)
    expect(sent).toBeLessThan(64 * 1024 ** 2)
  })

  it("silence ends at the limit, and so does a trickle", async () => {
    const silent = await one(() => {}, spied(), { timeoutMs: 100 })
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
    const gone = await httpServer(() => {})
    await gone.close()
    const found = await probe([placed("a.raw")], spied(), { cosEndpoint: gone.url })
    expect(refusalOf(found)).toMatchObject({
      status: "skipped",
      code: "unreachable",
      message: "The object could not be read: ECONNREFUSED.",
    })
  })

  it("an object that changes between two requests is not judged", async () => {
    let count = 0
    const found = await one((request, response) => store(IMAGE, { etag: `"e${count++}"` })(request, response))
    expect(found.unread).toMatch(/changed/)
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
    const found = await probeSources({ placements, fetch: requests.fetch, sign, clock: noPauses })
    expect(requests.calls[0]?.url).toContain("q-signature=secret")
    expect(refusalOf(found, "default")?.message).toBe("The object could not be read: the connection failed.")
  })

  it("rejects with the signal's reason, before and while it asks", async () => {
    const why = new Error("enough")
    await expect(probe([placed("a.raw")], spied(), { signal: AbortSignal.abort(why) })).rejects.toBe(why)
    const stop = new AbortController()
    const cosEndpoint = await serve(() => stop.abort(why))
    await expect(probe([placed("a.raw")], spied(), { cosEndpoint, signal: stop.signal })).rejects.toBe(why)
  })
})
