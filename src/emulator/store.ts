import { createHash, randomBytes } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { pipeline } from "node:stream/promises"
import type { Box } from "./box.ts"
import { crc64 } from "./crc64.ts"
import { breakOff } from "./faults/wire.ts"
import type { Faults, ObjectFault } from "./faults.ts"
import { accessTo, appidOf, otherBytes, type StoredObject } from "./objects.ts"
import { visit } from "./probe.ts"
import { knownRegions } from "./regions.ts"

/** Above this size an object gets the ETag of a multipart upload and no CRC, as old objects on COS have none. */
const largestHashed = 4 * 1024 ** 3

/** Of what breaks off, no more than this is made ready. */
const BROKEN_BYTES = 1024 ** 2

/** The HTTP status of an error that a fault asks for; any other is 400. */
const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  InvalidObjectState: 403,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  InternalError: 500,
  ServiceUnavailable: 503,
  SlowDown: 503,
}

interface Hashes {
  etag: string
  crc: string | undefined
}

/** Hashes by identity, so that a file is read once. */
const hashes = new Map<string, Promise<Hashes>>()

/**
 * Serves GET and HEAD of an object, as COS does: `path` is `/<bucket>/<key>`, percent-encoded. Errors are XML with
 * 403, 404, 405 or 416. A Range of one piece gives 206; several pieces are ignored.
 */
export async function serveObject(
  box: Box,
  faults: Faults,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  rawQuery: string,
): Promise<void> {
  request.resume()
  const address = split(path)
  const { method } = request
  const reads = address !== undefined && (method === "GET" || method === "HEAD")
  const fault = reads ? await faults.reads?.({ method, ...address }, response) : undefined
  if (fault === "taken") return
  const requestId = randomBytes(16).toString("hex")
  response.setHeader("x-cos-request-id", requestId)
  response.setHeader("Server", "tencent-cos")
  const fail = (status: number, code: string, message: string): void => {
    const xml = `<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n\t<Code>${code}</Code>\n\t<Message>${message}</Message>\n\t<Resource>${escapeXml(path)}</Resource>\n\t<RequestId>${requestId}</RequestId>\n</Error>\n`
    const text = Buffer.from(xml)
    response.writeHead(status, { "Content-Type": "application/xml", "Content-Length": text.length })
    response.end(request.method === "HEAD" ? undefined : text)
  }
  if (address === undefined) return fail(400, "InvalidURI", "Could not parse the specified URI.")
  const { bucket, key } = address
  if (method !== "GET" && method !== "HEAD") {
    return fail(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
  }
  if (fault?.kind === "error") return fail(STATUS[fault.code] ?? 400, fault.code, fault.message)
  const object = box.objects.find(bucket, key)
  if (object === "NoSuchBucket") return fail(404, object, "The specified bucket does not exist.")
  if (object === "NoSuchKey") return fail(404, object, "The specified key does not exist.")
  const host = request.headers.host ?? ""
  const query = new URLSearchParams(rawQuery.replaceAll("+", "%2B"))
  const access = accessTo(
    object,
    {
      method,
      paths: [`/${key}`, `/cos/${bucket}/${key}`, `/${bucket}/${key}`],
      hosts: [host, host.replace(/:\d+$/, ""), ...cosHosts(bucket)],
      headers: request.headers,
      query,
      appid: appidOf(bucket) ?? "",
    },
    box.accounts,
    box.wall.now(),
  )
  if (access === "absent" || access === "AccessDenied") return fail(403, "AccessDenied", "Access Denied.")
  if (access !== "public" && access !== "valid") {
    return fail(403, access, "The Signature you specified is invalid.")
  }
  if (method === "GET") visit(box, query)
  const shown = fault?.kind === "other-bytes" ? otherBytes(object) : object
  await sendObject(request, response, shown, fail, fault?.kind === "broken" ? fault : undefined)
}

async function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  object: StoredObject,
  fail: (status: number, code: string, message: string) => void,
  broken: Extract<ObjectFault, { kind: "broken" }> | undefined,
): Promise<void> {
  const { etag, crc } = await hashesOf(object)
  const piece = rangeOf(request.headers.range, object.size)
  if (piece === "unsatisfiable") {
    response.setHeader("Content-Range", `bytes */${object.size}`)
    return fail(416, "InvalidRange", "The requested range is not satisfiable.")
  }
  const { start, end } = piece ?? { start: 0, end: object.size - 1 }
  response.setHeader("Content-Type", "application/octet-stream")
  response.setHeader("Content-Length", end - start + 1)
  response.setHeader("Accept-Ranges", "bytes")
  response.setHeader("ETag", `"${etag}"`)
  response.setHeader("Last-Modified", new Date(object.modifiedMs).toUTCString())
  if (crc !== undefined) response.setHeader("x-cos-hash-crc64ecma", crc)
  if (piece !== undefined) response.setHeader("Content-Range", `bytes ${start}-${end}/${object.size}`)
  response.writeHead(piece === undefined ? 200 : 206)
  if (request.method === "HEAD" || object.size === 0) {
    response.end()
    return
  }
  if (broken !== undefined) {
    breakOff(response, object.read(start, Math.min(end - start + 1, BROKEN_BYTES)), broken.by, broken.every)
    return
  }
  await pipeline(object.stream(start, end), response).catch(() => response.destroy())
}

/** One range of `bytes=a-b`, `a-` or `-n`; undefined for none, several, or a form that is not understood. */
function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "")
  if (match === null || (match[1] === "" && match[2] === "")) return undefined
  if (match[1] === "") {
    const length = Math.min(Number(match[2]), size)
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 }
  }
  const start = Number(match[1])
  const end = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1)
  if (match[2] !== "" && Number(match[2]) < start) return undefined
  return start >= size ? "unsatisfiable" : { start, end }
}

function hashesOf(object: StoredObject): Promise<Hashes> {
  const key = object.identity
  let found = hashes.get(key)
  if (found === undefined) {
    if (hashes.size > 10_000) hashes.clear()
    found = computeHashes(object)
    hashes.set(key, found)
    found.catch(() => hashes.delete(key))
  }
  return found
}

async function computeHashes(object: StoredObject): Promise<Hashes> {
  const md5 = createHash("md5")
  if (object.size > largestHashed) {
    const parts = Math.ceil(object.size / 1024 ** 3)
    return {
      etag: `${md5.update(`${object.size}/${object.modifiedMs}`).digest("hex")}-${parts}`,
      crc: undefined,
    }
  }
  const crc = crc64()
  for await (const part of object.size === 0 ? [] : object.stream(0, object.size - 1)) {
    md5.update(part as Buffer)
    crc.update(part as Buffer)
  }
  return { etag: md5.digest("hex"), crc: crc.decimal() }
}

function split(path: string): { bucket: string; key: string } | undefined {
  const match = /^\/([^/]*)\/?(.*)$/.exec(path)
  try {
    return { bucket: decodeURIComponent(match?.[1] ?? ""), key: decodeURIComponent(match?.[2] ?? "") }
  } catch {
    return undefined
  }
}

function cosHosts(bucket: string): string[] {
  return [...knownRegions.keys()].map((region) => `${bucket}.cos.${region}.myqcloud.com`)
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}
