import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from "node:fs"
import { join, sep } from "node:path"
import type { Accounts } from "./accounts.ts"
import { checkObjectSignature, type Signature } from "./cos-signature.ts"
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

/** A file that stands for an object. */
export interface StoredObject {
  path: string
  size: number
  modifiedMs: number
  /** Private by a `.private` file in its bucket or beside it, or by the option `privateObjects`. */
  private: boolean
}

/** Objects below a directory `<bucket-appid>/<key>`. */
export interface ObjectStore {
  /** Looks an object up. Files whose name ends in `.private` only mark others and are not objects. */
  find(bucket: string, key: string): StoredObject | "NoSuchBucket" | "NoSuchKey"
  /** Whether a request, signed or not, may read an object. */
  access(
    object: StoredObject,
    request: Parameters<typeof checkObjectSignature>[0],
    now: number,
  ): Signature | "public"
}

/** `privateObjects`: bucket names, `<bucket>/<key>`, or a beginning of one of them followed by `*`. */
export function objectStore(
  directory: string,
  privateObjects: readonly string[],
  accounts: Accounts,
): ObjectStore {
  return {
    find(bucket, key) {
      if (appidOf(bucket) === undefined) return "NoSuchBucket"
      const root = realpathOf(join(directory, bucket))
      if (root === undefined || !statSync(root).isDirectory()) return "NoSuchBucket"
      const steps = key.split("/")
      const odd = steps.some((step) => step === "" || step === "." || step === ".." || step.includes("\0"))
      if (odd || key.endsWith(".private")) return "NoSuchKey"
      const path = realpathOf(join(root, ...steps))
      if (path === undefined || !path.startsWith(root + sep)) return "NoSuchKey"
      const stats = statSync(path)
      if (!stats.isFile()) return "NoSuchKey"
      const listed = privateObjects.some((pattern) => matches(pattern, bucket, key))
      const marked = existsSync(join(root, ".private")) || existsSync(join(root, `${join(...steps)}.private`))
      return { path, size: stats.size, modifiedMs: stats.mtimeMs, private: listed || marked }
    },
    access(object, request, now) {
      const signature = checkObjectSignature(request, accounts, now)
      return signature === "absent" && !object.private ? "public" : signature
    },
  }
}

/** Reads ranges of a file by opening it for each call; for the few ranges that decide about a format. */
export function rangeReader(path: string): ReadRange {
  return (offset, length) => {
    const file = openSync(path, "r")
    try {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
    } finally {
      closeSync(file)
    }
  }
}

function matches(pattern: string, bucket: string, key: string): boolean {
  if (pattern.endsWith("*")) return `${bucket}/${key}`.startsWith(pattern.slice(0, -1))
  return pattern === bucket || pattern === `${bucket}/${key}`
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
