// Probes against the emulator's object store, over real HTTP.
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, test } from "vitest"
import { qcow2Image, rawImage, SAMPLE_OBJECTS, writeSampleImages } from "../../scripts/sample-images.mjs"
import type { Fetch } from "../../src/check/index.ts"
import { PUBLIC, sourcesSeen } from "../../src/check/source-probe.ts"
import type { ProbeOptions } from "../../src/check/sources.ts"
import type { Cloud, SourceSigner } from "../../src/cloud/port.ts"
import { type Emulator, startEmulator } from "../../src/emulator/index.ts"
import { probe, refusalOf } from "./probing.ts"
import { COS, cloudOf, placed, requestOf, spy } from "./support.ts"

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
    expect(requests.most).toBeLessThanOrEqual(32)
    expect(emulator.requests).toHaveLength(0)
  })

  it("looks at 32 objects of one bucket at a time, and goes on with the others meanwhile", async () => {
    const open = new Map<string, number>()
    const most = new Map<string, number>()
    const slow: Fetch = async (url, init) => {
      const bucket = new URL(url).pathname.split("/")[2] ?? ""
      const now = (open.get(bucket) ?? 0) + 1
      open.set(bucket, now)
      most.set(bucket, Math.max(most.get(bucket) ?? 0, now))
      await new Promise((resolve) => setTimeout(resolve, 20))
      open.set(bucket, (open.get(bucket) ?? 0) - 1)
      return fetch(url, init)
    }
    const requests = spy(slow)
    const many = Array.from({ length: 100 }, (_, i) => placed(`none-${i}.qcow2`))
    const few = Array.from({ length: 3 }, (_, i) => placed(`none-${i}.qcow2`, { region: "ap-tokyo" }))
    const found = await probe([...many, ...few], requests, cosEndpoint())
    expect(Object.keys(found)).toHaveLength(103)
    expect([...most.values()].sort()).toEqual([3, 32])
    expect(requests.calls.slice(0, 6).filter(({ url }) => url.includes("ap-tokyo"))).toHaveLength(3)
  })

  it("asks for the few bytes that tell a qcow2, and for more where the object is none after all", async () => {
    const ranges = async (key: string, format: "qcow2" | "raw"): Promise<unknown[]> => {
      const requests = spy()
      const found = await probe([placed(key, { source: { format } })], requests, cosEndpoint())
      expect(Object.values(found)[0]?.content).toMatchObject({ virtualSize: expect.any(Number) })
      return requests.calls.map(({ range }) => range)
    }
    expect(await ranges("ubuntu/jammy-20261101.qcow2", "qcow2")).toEqual(["bytes=0-511"])
    expect(await ranges("ubuntu/jammy-20261101.qcow2", "raw")).toEqual(["bytes=0-36863"])
    const [first, second, ...tail] = await ranges("debian/bookworm-20261015.raw", "qcow2")
    expect([first, second]).toEqual(["bytes=0-511", "bytes=0-36863"])
    expect(tail).toHaveLength(1)
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
    expect(refusalOf(found)).toMatchObject(failure)
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
      { ...requestOf(secret), tags: {} },
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
    expect(refusalOf(found, "nobody")).toMatchObject({ status: "skipped", code: "not_signed" })
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
