/** The probe of one object: who can read it, what COS says of it, and what its bytes say. */
import type { SourceSigner } from "../cloud/port.ts"
import { addressOf, cosObject } from "./cos.ts"
import { HEAD_BYTES, identify, isQcow2, needsTail, QCOW2_BYTES, TAIL_BYTES } from "./formats.ts"
import { type Ask, type Piece, readPiece, type Wire } from "./ranged.ts"
import { type ProbeFailure, PUBLIC, type SourceProbe } from "./source-probe.ts"

/** An object, and what is asked of it. */
export interface Target {
  /** Without query. */
  readonly url: string
  /** Accounts that sign, or `PUBLIC`. */
  readonly readers: readonly string[]
  /** A manifest names its CRC-64. */
  readonly checksum: boolean
  /** Every manifest says that it is a qcow2, the beginning of which is short. */
  readonly qcow2: boolean
}

export interface ProbeTools extends Wire {
  readonly sign: SourceSigner["sourceUrl"]
  readonly endpoint?: string
}

/**
 * At most one request per reader, one for the rest of the beginning of what is no qcow2 against all that was said, one
 * for the end of the file and one (HEAD) for a CRC-64 that a manifest names and the first answer does not carry; each is
 * made once more if it fails by accident.
 */
export async function probeObject(target: Target, tools: ProbeTools): Promise<SourceProbe> {
  const access = new Map<string, ProbeFailure | null>()
  let first: { readonly reader: string; readonly piece: Piece } | undefined
  const length = target.qcow2 ? QCOW2_BYTES : HEAD_BYTES
  for (const reader of target.readers) {
    const piece = await ask(target.url, reader, "GET", 0, first === undefined ? length : 1, tools)
    const failed = isFailure(piece)
    access.set(reader, failed ? piece : null)
    if (!failed) first ??= { reader, piece }
  }
  if (first === undefined) return { access }
  const { reader, piece } = first
  const crc64 =
    piece.crc64 ?? (target.checksum ? await checksumOf(target.url, reader, piece, tools) : undefined)
  const seen = {
    size: piece.size,
    ...(crc64 === undefined ? {} : { crc64 }),
    ...(piece.etag === undefined ? {} : { etag: piece.etag }),
  }
  if (piece.encoding !== undefined) return { access, seen, encoding: piece.encoding }
  if (piece.size === 0) return { access, seen }
  const enough = !target.qcow2 || isQcow2(piece.bytes)
  const bytes = enough ? piece.bytes : await moreOf(target.url, reader, piece, 0, HEAD_BYTES, tools)
  if (typeof bytes === "string") return { access, seen, unread: bytes }
  const tail = needsTail(bytes) ? await tailOf(target.url, reader, { ...piece, bytes }, tools) : undefined
  if (typeof tail === "string") return { access, seen, unread: tail }
  return { access, seen, content: identify(piece.size, bytes, tail) }
}

/** The last bytes, or why they cannot be had. */
async function tailOf(
  url: string,
  reader: string,
  head: Piece,
  tools: ProbeTools,
): Promise<Uint8Array | string> {
  return moreOf(url, reader, head, Math.max(0, head.size - TAIL_BYTES), TAIL_BYTES, tools)
}

/** Other bytes of the object that `head` is the beginning of, or why they cannot be had. */
async function moreOf(
  url: string,
  reader: string,
  head: Piece,
  offset: number,
  length: number,
  tools: ProbeTools,
): Promise<Uint8Array | string> {
  if (head.bytes.length >= head.size) return head.bytes.subarray(offset, offset + length)
  const piece = await ask(url, reader, "GET", offset, length, tools)
  if (isFailure(piece)) return piece.message
  const same = piece.size === head.size && piece.etag === head.etag
  return same ? piece.bytes : "The object changed while it was read."
}

async function checksumOf(
  url: string,
  reader: string,
  head: Piece,
  tools: ProbeTools,
): Promise<string | undefined> {
  const answer = await ask(url, reader, "HEAD", 0, 0, tools)
  return isFailure(answer) || answer.etag !== head.etag ? undefined : answer.crc64
}

async function ask(
  url: string,
  reader: string,
  method: Ask["method"],
  offset: number,
  length: number,
  tools: ProbeTools,
): Promise<Piece | ProbeFailure> {
  const object = cosObject(url)
  if (object === undefined) {
    return { status: "error", code: "not_cos_url", message: "The URL is not that of an object in COS." }
  }
  let query = ""
  if (reader !== PUBLIC) {
    const { signal } = tools
    try {
      const plain = addressOf(object, "", undefined)
      // Signed for this request alone: an import may find a URL used up that was visited before.
      query = new URL(await tools.sign(reader, plain, method, signal === undefined ? {} : { signal })).search
    } catch (error) {
      signal?.throwIfAborted()
      const why = error instanceof Error ? error.message : "no keys"
      return { status: "skipped", code: "not_signed", message: `The URL could not be signed: ${why}` }
    }
  }
  const address = addressOf(object, query, tools.endpoint)
  return readPiece({ method, address, reader, offset, length }, tools)
}

function isFailure(answer: Piece | ProbeFailure): answer is ProbeFailure {
  return "code" in answer
}
