/** Journals of earlier runs, damaged anywhere or forged with right checksums, and the lock beside them. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { foundOf, stillOpen } from "../../../src/apply/journal-open.ts"
import { PlaceRefused } from "../../../src/apply/journal-place.ts"
import { importsOf, readJournals } from "../../../src/apply/journal-read.ts"
import { encodeRecord, type JournalRecord } from "../../../src/apply/journal-record.ts"
import { estimateOf } from "../../../src/apply/journal-state.ts"
import { LockHeld, lockHolder, takeLock } from "../../../src/apply/lock.ts"
import { plan } from "../../../src/plan/index.ts"
import { aPlacement, desired, NOW, observed, ours } from "../../plan/build.ts"
import { damaged, wrongValues } from "../mutate.ts"
import type { Reader } from "../reader.ts"

const PLACE = { image: "base", account: "default", region: "ap-singapore" }
const PARAMETERS = { name: "base", stamp: "[cvmimg:1 0 1 2 3 4]", format: "qcow2", others: ["img-00000001"] }
const RECORDS: readonly JournalRecord[] = [
  { type: "RUN", at: NOW - 9_000, run: "r1", stack: "0123abcd", pid: 7 },
  {
    type: "INTENT",
    at: NOW - 8_000,
    ...PLACE,
    attempt: "r1.1",
    call: "ImportImage",
    action: "import",
    digest: "d",
    parameters: PARAMETERS,
  },
  { type: "ACCEPTED", at: NOW - 7_000, attempt: "r1.1", requestId: "r-1", imageId: "img-0000000a" },
  { type: "VISIBLE", at: NOW - 6_000, attempt: "r1.1", imageId: "img-0000000a" },
  { type: "DONE", at: NOW - 5_000, attempt: "r1.1", imageId: "img-0000000a", tookMs: 2_000 },
  {
    type: "INTENT",
    at: NOW - 4_000,
    ...PLACE,
    image: "b",
    attempt: "r1.2",
    call: "ImportImage",
    parameters: { ...PARAMETERS, name: "b" },
  },
  { type: "UNKNOWN", at: NOW - 3_000, attempt: "r1.2", code: "ClientError.Timeout" },
]
const GOOD = Buffer.from(RECORDS.map((record, n) => encodeRecord(record, n)).join(""))
const WISH = desired(aPlacement({ image: "base" }), aPlacement({ image: "b" }))
const SEEN = observed([ours(aPlacement({ image: "base" }))])

export const journals: Reader = {
  name: "journals",
  input(r) {
    if (r.chance(0.5)) return damaged(r, GOOD)
    const records = RECORDS.map((record) => (r.chance(0.4) ? wrongValues(r, record) : record))
    const sealed = records
      .filter((x) => typeof x === "object" && x !== null)
      .map((x, n) => encodeRecord(x as JournalRecord, n))
    return Buffer.from(sealed.join(""))
  },
  read(input, { folder }) {
    const directory = join(folder, "journals")
    const place = join(directory, ".cvmimg", "journal")
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(place, { recursive: true, mode: 0o700 })
    writeFileSync(join(place, "20261101T110000000Z-7.jsonl"), input, { mode: 0o600 })
    try {
      const { past, files } = readJournals(directory, NOW)
      const open = stillOpen(past.open, SEEN)
      const made = plan(WISH, SEEN, { open })
      const found = foundOf(past.open, SEEN)
      const estimate = estimateOf(past.took, "qcow2", "ap-singapore")
      return { written: [JSON.stringify([files.flatMap(importsOf), made, found, estimate])] }
    } catch (error) {
      if (error instanceof PlaceRefused) return { written: [error.message] }
      throw error
    }
  },
}

const LOCK = Buffer.from(
  JSON.stringify({ pid: 2 ** 22 + 5, since: NOW, token: "0123456789abcdef", where: "here 1", began: "77" }),
)

export const locks: Reader = {
  name: "locks",
  input(r) {
    if (r.chance(0.4)) return damaged(r, LOCK)
    return Buffer.from(JSON.stringify(wrongValues(r, JSON.parse(LOCK.toString()))))
  },
  read(input, { folder }) {
    const directory = join(folder, "locks")
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(join(directory, ".cvmimg"), { recursive: true, mode: 0o700 })
    const path = join(directory, ".cvmimg", "lock")
    writeFileSync(path, input, { mode: 0o600 })
    chmodSync(path, 0o600)
    const written: string[] = []
    const refused = (error: unknown): void => {
      if (!(error instanceof PlaceRefused || error instanceof LockHeld)) throw error
      written.push(error.message)
    }
    try {
      written.push(JSON.stringify(lockHolder(directory) ?? null))
    } catch (error) {
      refused(error)
    }
    try {
      takeLock(directory, NOW).release()
    } catch (error) {
      refused(error)
    }
    return { written }
  },
}
