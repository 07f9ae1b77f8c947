// Faults on the object store: what a client sees of each.
import { describe, expect, test } from "vitest"
import type { Emulator } from "../../src/emulator/index.ts"
import { parseFault } from "../../src/emulator/index.ts"
import { afterSteady } from "../support/steady.ts"
import { start } from "./helpers.ts"

const path = "/cos/golden-1250000000/images/web.qcow2"

interface Read {
  readonly status?: number
  readonly cos?: boolean
  readonly etag?: string | null
  readonly crc?: string | null
  readonly text: string
  readonly broken: boolean
}

/** A read with fetch; a broken connection and one that stays silent look the same. */
async function read(emulator: Emulator, how: RequestInit & { readonly at?: string } = {}): Promise<Read> {
  const { at = path, ...init } = how
  const patience = new AbortController()
  const takeBack = afterSteady(300, () => patience.abort())
  const { signal } = patience
  let so: Omit<Read, "text" | "broken"> = {}
  try {
    const reply = await fetch(emulator.url + at, { redirect: "manual", signal, ...init })
    const { headers, status } = reply
    so = {
      status,
      cos: headers.has("x-cos-request-id"),
      etag: headers.get("etag"),
      crc: headers.get("x-cos-hash-crc64ecma"),
    }
    return { ...so, text: Buffer.from(await reply.arrayBuffer()).toString("latin1"), broken: false }
  } catch {
    return { ...so, text: "", broken: true }
  } finally {
    takeBack()
  }
}

describe("an error of COS", () => {
  test.each([
    ["AccessDenied", 403],
    ["InvalidObjectState", 403],
    ["NoSuchKey", 404],
    ["NoSuchBucket", 404],
    ["InternalError", 500],
    ["SlowDown", 503],
    ["InvalidArgument", 400],
  ])("%s is answered as COS does, with %i", async (code, status) => {
    const emulator = await start({ faults: [`objects:1:error=${code}`] })
    const refused = await read(emulator)
    expect(refused).toMatchObject({ status, cos: true })
    expect(refused.text).toContain(`<Code>${code}</Code>`)
    expect(await read(emulator)).toMatchObject({ status: 200, broken: false })
    expect(emulator.faults).toMatchObject([{ seen: 2, fired: 1 }])
  })
})

test.each(["rst", "fin", "silence"])("%s: not a byte", async (by) => {
  const emulator = await start({ faults: [`objects:*:lost-before=${by}`] })
  expect(await read(emulator)).toEqual({ text: "", broken: true })
  expect(await read(emulator, { method: "HEAD" })).toEqual({ text: "", broken: true })
})

test.each(["cut", "cut-rst", "stall", "trickle"])("%s: its headers, and not all of it", async (by) => {
  const emulator = await start({ faults: [`objects:1:lost-after=${by}`, `objects:2:lost-after=${by}`] })
  const broken = await read(emulator)
  expect(broken).toMatchObject({ status: 200, cos: true, broken: true })
  expect(await read(emulator, { method: "HEAD" })).toEqual({ text: "", broken: true })
  expect(await read(emulator)).toMatchObject({ etag: broken.etag, broken: false })
})

test("somebody else answers: a page, a gateway, a redirect", async () => {
  const emulator = await start({
    faults: ["objects:1:lost-before=html", "objects:2:lost-before=503", "objects:3:lost-before=redirect"],
  })
  expect(await read(emulator)).toMatchObject({ status: 200, cos: false, text: /^<html>/ })
  expect(await read(emulator)).toMatchObject({ status: 503, cos: false })
  expect(await read(emulator)).toMatchObject({ status: 302 })
})

test("a delay is one of the reply, whatever comes then", async () => {
  const emulator = await start({ faults: ["objects:*:delay=80ms", "objects:2:error=SlowDown"] })
  for (const status of [200, 503]) {
    const began = performance.now()
    expect(await read(emulator)).toMatchObject({ status })
    expect(performance.now() - began).toBeGreaterThan(75)
  }
})

test("other bytes: another object of the same length, the same in each piece", async () => {
  const emulator = await start({ faults: ["objects:2+:other-bytes"] })
  const before = await read(emulator)
  const after = await read(emulator)
  expect(after.text).toHaveLength(before.text.length)
  const places = [...before.text].flatMap((sign, i) => (sign === after.text[i] ? [] : [i]))
  expect(places).toEqual([8191])
  expect(after.etag).not.toBe(before.etag)
  expect(after.crc).not.toBe(before.crc)
  const piece = await read(emulator, { headers: { range: "bytes=8000-8999" } })
  expect(piece).toMatchObject({ status: 206, etag: after.etag, text: after.text.slice(8000, 9000) })
})

test("an object is chosen by its key, its end, or with its bucket; calls of the API are none", async () => {
  const emulator = await start({
    faults: [
      "objects:web.qcow2:error=SlowDown",
      "objects:images/*.raw:error=NoSuchKey",
      "objects:silver-*/*:error=AccessDenied",
      "*:*:lost-before=503",
    ],
  })
  const status = async (at: string): Promise<number | undefined> => (await read(emulator, { at })).status
  expect(await status(path)).toBe(503)
  expect(await status("/cos/golden-1250000000/images/a.raw")).toBe(404)
  expect(await status("/cos/silver-1250000000/a.vhd")).toBe(403)
  expect(await status("/cos/golden-1250000000/a.vhd")).toBe(200)
  expect(emulator.faults.map(({ fired }) => fired)).toEqual([1, 1, 1, 0])
})

test.each([
  ["objects:*:throttle", 11, "throttle is no effect on objects"],
  ["objects:region=ap-*:delay=1s", 9, "objects are not chosen by region"],
  ["objects:*:lost-after=mixed", 11, "mixed is about regions and accounts, and objects have none"],
  ["ImportImage:*:other-bytes", 15, "other-bytes is no effect on ImportImage, but on objects"],
  ["object:*:delay=1s", 1, "there is no action object; did you mean objects?"],
])("%s is no fault", (text, column, message) => {
  expect(parseFault(text).problem).toEqual({ column, message })
})
