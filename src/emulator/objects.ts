import { Readable } from "node:stream"
import type { Accounts } from "./accounts.ts"
import { checkObjectSignature, type ObjectRequest, type Signature } from "./cos-signature.ts"
import type { ReadRange } from "./formats.ts"
import { knownRegions } from "./regions.ts"

/** An address of COS taken apart. `key` is decoded. */
export interface CosAddress {
  host: string
  bucket: string
  appid: string
  region: string
  key: string
  query: URLSearchParams
}

/**
 * Takes `http(s)://<bucket>-<appid>.cos.<region>.myqcloud.com/<key>` apart (section 6.1). `url`: not of that form
 * (custom domains, the ancient cosd host and ports are none); `appid`: the bucket carries no valid appid.
 */
export function parseCosUrl(text: string): CosAddress | "url" | "appid" {
  let url: URL
  let key: string
  try {
    url = new URL(text)
    key = decodeURIComponent(url.pathname.slice(1))
  } catch {
    return "url"
  }
  if ((url.protocol !== "http:" && url.protocol !== "https:") || url.port !== "" || url.username !== "")
    return "url"
  const match = /^([a-z0-9-]+)\.cos\.([a-z0-9-]+)\.myqcloud\.com$/.exec(url.hostname)
  if (match === null || key === "" || !/^[\x21-\x7e]+$/.test(text)) return "url"
  const bucket = match[1] ?? ""
  const region = match[2] ?? ""
  const appid = appidOf(bucket)
  if (!knownRegions.has(region)) return "url"
  if (appid === undefined) return "appid"
  return { host: url.hostname, bucket, appid, region, key, query: url.searchParams }
}

/** The appid at the end of a bucket's full name, 8 to 12 digits, or undefined. */
export function appidOf(bucket: string): string | undefined {
  return /^[a-z0-9][a-z0-9-]*-(\d{8,12})$/.exec(bucket)?.[1]
}

/** An object of the store. */
export interface StoredObject {
  /** Changes when the object does; for remembering its hashes. */
  identity: string
  size: number
  modifiedMs: number
  private: boolean
  read: ReadRange
  /** All bytes from `start` to `end`, both included. */
  stream(start: number, end: number): Readable
}

/** Where objects come from: files of a directory, or samples made up from their names. */
export interface ObjectStore {
  find(bucket: string, key: string): StoredObject | "NoSuchBucket" | "NoSuchKey"
}

/** Where an object differs from what a fault puts in its place: behind what tells its format. */
const DIFFERS_AT = 8_191

/** Another object of the same length: one byte of it is different. */
export function otherBytes(object: StoredObject): StoredObject {
  const at = Math.min(DIFFERS_AT, object.size - 1)
  return {
    ...object,
    identity: `${object.identity}\0other`,
    read(offset, length) {
      const bytes = Buffer.from(object.read(offset, length))
      flip(bytes, at - offset)
      return bytes
    },
    stream: (start, end) => Readable.from(flipped(object.stream(start, end), at - start)),
  }
}

async function* flipped(parts: Readable, at: number): AsyncGenerator<Buffer> {
  let from = 0
  for await (const part of parts) {
    const bytes = Buffer.from(part as Buffer)
    flip(bytes, at - from)
    from += bytes.length
    yield bytes
  }
}

function flip(bytes: Buffer, at: number): void {
  const byte = bytes[at]
  if (byte !== undefined) bytes[at] = byte ^ 0xff
}

/** Whether a request, signed or not, may read an object. `now` is wall time in milliseconds. */
export function accessTo(
  object: StoredObject,
  request: ObjectRequest,
  accounts: Accounts,
  now: number,
): Signature | "public" {
  const signature = checkObjectSignature(request, accounts, now)
  return signature === "absent" && !object.private ? "public" : signature
}

/** Whether an object is named by a pattern: a bucket, `<bucket>/<key>`, or a beginning of these and `*`. */
export function isListed(patterns: readonly string[], bucket: string, key: string): boolean {
  const name = `${bucket}/${key}`
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === bucket || pattern === name,
  )
}
