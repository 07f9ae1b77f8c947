/**
 * The hidden first line of a comment: whose it is, and what the next run has to know of this one. It counts on the
 * first line alone and in comments of our own account alone, so that a quotation of it means nothing. What is in it is
 * still foreign: whoever may write to the repository can edit comments.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib"

export type CommentKind = "plan" | "review" | "drift"

/** What happens to an image, in short: enough to tell what moved since. */
export interface MemoryRow {
  readonly image: string
  readonly verb: string
  readonly scopes: readonly string[]
  /** Of all that was approved of it, 8 hex digits. */
  readonly digest: string
}

export interface SinceRow {
  readonly how: "new" | "other" | "gone"
  readonly image: string
  readonly verb: string
  readonly scopes: readonly string[]
}

/** What moved between two runs. */
export interface Since {
  /** Of the run before. */
  readonly commit?: string
  /** Absent: something moved, and it was too much to remember what. */
  readonly rows?: readonly SinceRow[]
  /** Rows beyond those. */
  readonly more: number
}

export interface Memory {
  /** When what it shows was made, milliseconds since the epoch. */
  readonly at: number
  readonly commit?: string
  /** Of all that it shows. */
  readonly fingerprint: string
  /** Absent: too many. */
  readonly rows?: readonly MemoryRow[]
  readonly since?: Since
  /** Labels that are true of it. */
  readonly labels: readonly string[]
}

/** What comments of any stack and kind begin with. */
export const PREFIX = "<!-- cvmimg:comment:1 "

const MARKER =
  /^<!-- cvmimg:comment:1 (plan|review|drift) ([0-9a-f]{8}) ([A-Za-z0-9+/]*={0,2}) -->(?=\r?\n|$)/

/** Bytes that a marker can unfold to. */
const MOST_BYTES = 4 << 20

export interface Marked {
  readonly kind: CommentKind
  readonly stackId: string
  /** Undefined: it cannot be read. */
  readonly memory: Memory | undefined
}

/** The marker with as much of the memory as the room of characters takes. */
export function markerOf(kind: CommentKind, stackId: string, memory: Memory, room: number): string {
  const { rows: _, ...less } = memory
  const { since: __, ...least } = less
  const lines = [memory, less, least].map((m) => `${PREFIX}${kind} ${stackId} ${pack(m)} -->`)
  return lines.find((line) => line.length <= room) ?? `${PREFIX}${kind} ${stackId}  -->`
}

export function readMarker(body: string): Marked | undefined {
  const [, kind, stackId, data] = MARKER.exec(body) ?? []
  if (kind === undefined || stackId === undefined || data === undefined) return undefined
  return { kind: kind as CommentKind, stackId, memory: unpack(data) }
}

function pack(memory: Memory): string {
  return deflateRawSync(Buffer.from(JSON.stringify(memory)), { level: 9 }).toString("base64")
}

function unpack(data: string): Memory | undefined {
  try {
    const bytes = inflateRawSync(Buffer.from(data, "base64"), { maxOutputLength: MOST_BYTES })
    const value: unknown = JSON.parse(bytes.toString("utf8"))
    return isMemory(value) ? value : undefined
  } catch {
    return undefined
  }
}

type Shape = Readonly<Record<string, unknown>>

function isShape(value: unknown): value is Shape {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function isMemory(value: unknown): value is Memory {
  return (
    isShape(value) &&
    Number.isFinite(value.at) &&
    isCommit(value.commit) &&
    typeof value.fingerprint === "string" &&
    isTexts(value.labels) &&
    (value.rows === undefined || isList(value.rows, (row) => isRow(row) && typeof row.digest === "string")) &&
    (value.since === undefined || isSince(value.since))
  )
}

function isSince(value: unknown): boolean {
  return (
    isShape(value) &&
    isCommit(value.commit) &&
    Number.isSafeInteger(value.more) &&
    (value.rows === undefined ||
      isList(value.rows, (row) => isRow(row) && /^(?:new|other|gone)$/.test(String(row.how))))
  )
}

function isRow(value: unknown): value is Shape {
  return (
    isShape(value) &&
    typeof value.image === "string" &&
    typeof value.verb === "string" &&
    isTexts(value.scopes)
  )
}

function isCommit(value: unknown): boolean {
  return value === undefined || (typeof value === "string" && /^[0-9a-f]{40,64}$/.test(value))
}

function isTexts(value: unknown): boolean {
  return isList(value, (one) => typeof one === "string")
}

function isList(value: unknown, each: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(each)
}
