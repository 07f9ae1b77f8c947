/** Reading the journals of earlier runs. Reads only; whoever may write sets aside and clears up, in `journal-begin.ts`. */
import { closeSync, constants, fstatSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { checkPlace, openOwn, PlaceRefused, placeOf } from "./journal-place.ts"
import { decodeRecord, type JournalRecord } from "./journal-record.ts"
import { IMPORT, type Past, pastOf } from "./journal-state.ts"

/** A file of journals is a few kilobytes an image; nothing sensible is larger. */
const MOST_BYTES = 512 * 1024 * 1024

/** For so long after a record may have been lost, imports are looked for more than once before they are sent. */
const DOUBT_MS = 7 * 86_400_000

const NAME = /^\d{8}T\d{9}Z-\d+\.jsonl$/

/** One file as it was read. */
export interface JournalText {
  readonly path: string
  readonly records: readonly JournalRecord[]
  /** `torn`: the last line was not written whole. `broken`: something before the end is not what was written. */
  readonly damage?: "torn" | "broken"
}

export interface Journals {
  readonly past: Past
  /** The oldest first. */
  readonly files: readonly JournalText[]
}

export function journalFolder(directory: string): string {
  return join(placeOf(directory), "journal")
}

/** Everything that earlier runs left. Throws PlaceRefused for what must not be used. */
export function readJournals(directory: string, now: number): Journals {
  const folder = journalFolder(directory)
  if (!checkPlace(placeOf(directory)) || !checkPlace(folder)) return { past: pastOf([]), files: [] }
  const names = readdirSync(folder).filter((name) => NAME.test(name))
  const read = names.sort().map((name) => readOne(join(folder, name), now))
  const past = pastOf(read.flatMap(({ file, doubt }) => [...file.records, ...doubt]))
  const { doubt, ...rest } = past
  const fresh = doubt !== undefined && now - doubt < DOUBT_MS
  return { past: fresh ? past : rest, files: read.map(({ file }) => file) }
}

/** Attempts of imports that began in the file. */
export function importsOf({ records }: JournalText): readonly string[] {
  return records.flatMap((r) => (r.type === "INTENT" && r.call === IMPORT ? [r.attempt] : []))
}

function readOne(
  path: string,
  now: number,
): { readonly file: JournalText; readonly doubt: readonly JournalRecord[] } {
  const { text, changedAt } = textOf(path)
  const lines = text.split("\n")
  const tail = lines.pop() ?? ""
  const records: JournalRecord[] = []
  let damage: JournalText["damage"]
  for (const [n, line] of lines.entries()) {
    const record = decodeRecord(line, n)
    if (record === "newer") {
      throw new PlaceRefused(`${path} was written by a later release of cvmimg: use that one`)
    }
    if (record !== undefined) records.push(record)
    else damage = n === lines.length - 1 && tail === "" ? "torn" : "broken"
    if (damage === "broken") break
  }
  if (tail !== "") damage ??= "torn"
  if (damage === undefined) return { file: { path, records }, doubt: [] }
  const last = records.reduce((at, r) => Math.max(at, r.at), 0)
  const at = Math.min(now, Math.max(last, changedAt))
  return { file: { path, records, damage }, doubt: [{ type: "DOUBT", at }] }
}

function textOf(path: string): { readonly text: string; readonly changedAt: number } {
  const handle = openOwn(path, constants.O_RDONLY)
  try {
    const { size, mtimeMs } = fstatSync(handle)
    if (size > MOST_BYTES) throw new PlaceRefused(`${path} is too large for a journal: move it away`)
    return { text: readFileSync(handle, "utf8"), changedAt: mtimeMs }
  } finally {
    closeSync(handle)
  }
}
