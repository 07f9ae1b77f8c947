/**
 * One line of a journal: a record as JSON with a checksum at its end. A line that was written whole is read back as it
 * was, or not at all.
 */
import { crc32 } from "node:zlib"
import type { Placement } from "../model/placement.ts"

/** Version of the records that this release writes. Older ones are read, newer ones are refused. */
export const JOURNAL_VERSION = 1

/** What a call is about to do; without secrets, and without the query of any URL. */
export type Parameters = Readonly<Record<string, string | number | boolean | readonly string[]>>

interface Base {
  readonly at: number
}

/** A call is about to be sent. Durable before anything of it leaves this machine. */
export interface IntentRecord extends Base, Placement {
  readonly type: "INTENT"
  readonly attempt: string
  readonly call: string
  /** Absent: the call is not part of an action, such as the creation of a tag. */
  readonly action?: string
  readonly digest?: string
  readonly parameters: Parameters
  /** Carried over from a journal that was set aside. */
  readonly carried?: true
}

/** What became of an attempt. `DONE`: the image was read at NORMAL. `SETTLED`: so is everything that comes after. */
export interface OutcomeRecord extends Base {
  readonly type: "ACCEPTED" | "NOT_ACCEPTED" | "UNKNOWN" | "VISIBLE" | "DONE" | "FAILED" | "SETTLED"
  readonly attempt: string
  readonly requestId?: string
  readonly imageId?: string
  /** Of a failure. */
  readonly code?: string
  /** From accepted to NORMAL; only where one run saw both. */
  readonly tookMs?: number
}

/** The first record of a run. */
export interface RunRecord extends Base {
  readonly type: "RUN"
  readonly run: string
  readonly stack: string
  readonly pid: number
}

/** Something may be missing before this time: no import is certain not to have been made. */
export interface DoubtRecord extends Base {
  readonly type: "DOUBT"
}

export type JournalRecord = RunRecord | IntentRecord | OutcomeRecord | DoubtRecord

/** The record as a line, its newline included. `n` counts the lines of a file from 0, so that a lost one is missed. */
export function encodeRecord(record: JournalRecord, n: number): string {
  const { type, ...rest } = record
  const open = JSON.stringify({ v: JOURNAL_VERSION, n, type, ...rest }).slice(0, -1)
  return `${open},"sum":"${sum(open)}"}\n`
}

/** The record of a line, `newer` where a later release wrote it, or undefined where it is not what was written. */
export function decodeRecord(line: string, n: number): JournalRecord | "newer" | undefined {
  const match = /^(\{.*),"sum":"([0-9a-f]{8})"\}$/.exec(line)
  const [, open = "", found = ""] = match ?? []
  if (match === null || sum(open) !== found) return undefined
  let value: unknown
  try {
    value = JSON.parse(`${open}}`)
  } catch {
    return undefined
  }
  const record = value as { readonly v?: unknown; readonly n?: unknown; readonly at?: unknown }
  if (typeof record.v !== "number") return undefined
  if (record.v > JOURNAL_VERSION) return "newer"
  return record.n === n && isRecord(value as JournalRecord) ? (value as JournalRecord) : undefined
}

/** The members that reading code relies on, as they are written. */
function isRecord(record: JournalRecord): boolean {
  const { at } = record
  if (typeof at !== "number" || Number.isNaN(new Date(at).getTime())) return false
  switch (record.type) {
    case "RUN":
    case "DOUBT":
      return true
    case "INTENT":
      return (
        areTexts(record.image, record.account, record.region, record.attempt, record.call) &&
        typeof record.parameters === "object" &&
        record.parameters !== null
      )
    case "ACCEPTED":
    case "NOT_ACCEPTED":
    case "UNKNOWN":
    case "VISIBLE":
    case "DONE":
    case "FAILED":
    case "SETTLED":
      return (
        areTexts(record.attempt, record.requestId ?? "", record.imageId ?? "") &&
        Number.isFinite(record.tookMs ?? 0)
      )
    default:
      return false
  }
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string")
}

function sum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0")
}
