/** The journal of a new run, and what becomes of those of earlier ones. Only under the stack's lock. */
import { randomBytes } from "node:crypto"
import { renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import type { Clock } from "../model/clock.ts"
import type { OpenIntent } from "../model/intent.ts"
import { Journal } from "./journal.ts"
import { createJournalFile } from "./journal-file.ts"
import { hideFromGit, makePlace, placeOf, syncFolder } from "./journal-place.ts"
import { importsOf, type Journals, type JournalText, journalFolder } from "./journal-read.ts"
import type { JournalRecord } from "./journal-record.ts"
import { IMPORT } from "./journal-state.ts"

/** Runs whose journals are kept although everything in them is settled: they tell how long imports take. */
const KEPT = 20

export interface Beginning {
  readonly directory: string
  readonly stackId: string
  readonly clock: Clock
  /** As they were read under the lock. */
  readonly journals: Journals
}

/** Begins a journal: durable when it resolves. Rejects with PlaceRefused or the system's error. */
export async function beginJournal({ directory, stackId, clock, journals }: Beginning): Promise<Journal> {
  const place = placeOf(directory)
  const folder = journalFolder(directory)
  makePlace(place)
  hideFromGit(place)
  makePlace(folder)
  const { past, files } = journals
  const broken = files.filter(({ damage }) => damage === "broken")
  const now = clock.now()
  const stamp = new Date(now).toISOString().replace(/[-:.]/g, "")
  const run = randomBytes(6).toString("hex")
  const sink = await createJournalFile(join(folder, `${stamp}-${process.pid}.jsonl`))
  const journal = new Journal({ sink, clock, run, past })
  try {
    const doubt: JournalRecord[] = past.doubt === undefined ? [] : [{ type: "DOUBT", at: past.doubt }]
    await journal.note([
      { type: "RUN", at: now, run, stack: stackId, pid: process.pid },
      ...(broken.length === 0 ? [] : [...doubt, ...past.open.flatMap(carried)]),
    ])
    for (const { path } of broken) renameSync(path, `${path}.broken`)
    clear(files, past.open)
    syncFolder(folder)
  } catch (error) {
    await journal.close()
    throw error
  }
  return journal
}

/** What is known of an open import, so that its own journal is no longer needed. */
function carried(open: OpenIntent): JournalRecord[] {
  const { image, account, region, attempt, at, state, name, stamp, others, format, requestId, imageId } = open
  const more = {
    ...(requestId === undefined ? {} : { requestId }),
    ...(imageId === undefined ? {} : { imageId }),
  }
  const parameters = { name, stamp, others, ...(format === undefined ? {} : { format }) }
  const intent: JournalRecord = {
    type: "INTENT",
    at,
    attempt,
    image,
    account,
    region,
    call: IMPORT,
    parameters,
    carried: true,
  }
  if (state === "intent") return [intent]
  const type = ({ unknown: "UNKNOWN", accepted: "ACCEPTED", visible: "VISIBLE" } as const)[state]
  return [intent, { type, at, attempt, ...more }]
}

function clear(files: readonly JournalText[], open: readonly OpenIntent[]): void {
  const needed = new Set(open.map(({ attempt }) => attempt))
  const whole = files.filter(({ damage }) => damage !== "broken")
  for (const file of whole.slice(0, -KEPT)) {
    if (!importsOf(file).some((attempt) => needed.has(attempt))) rmSync(file.path, { force: true })
  }
}
