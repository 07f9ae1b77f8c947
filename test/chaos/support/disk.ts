/**
 * A directory's journals in memory: what was durable outlives the program. An append takes a moment, may be torn by a
 * death in its midst, and resolves only when it is whole.
 */
import { Journal, type Sink } from "../../../src/apply/journal.ts"
import { foundOf } from "../../../src/apply/journal-open.ts"
import { decodeRecord, type JournalRecord } from "../../../src/apply/journal-record.ts"
import { type Past, pastOf } from "../../../src/apply/journal-state.ts"
import type { Observed } from "../../../src/model/observed.ts"
import type { Plan } from "../../../src/model/plan.ts"
import type { Process } from "./clock.ts"
import type { Random } from "./random.ts"

interface File {
  text: string
  changedAt: number
  /** What was read of it when it was so long; a journal only grows. */
  read?: { readonly length: number; readonly records: readonly JournalRecord[]; readonly whole: boolean }
}

export class Disk {
  private readonly files: File[] = []

  /** What earlier runs left; a line that is not whole is a doubt. */
  past(now: number): Past {
    const records: JournalRecord[] = []
    for (const file of this.files) {
      if (file.read?.length !== file.text.length) file.read = { length: file.text.length, ...read(file.text) }
      records.push(...file.read.records)
      if (!file.read.whole) records.push({ type: "DOUBT", at: Math.min(now, file.changedAt) })
    }
    return pastOf(records)
  }

  /** A journal of its own for the run, with what the plan's listings show of earlier imports. */
  async begin(
    process: Process,
    random: Random,
    plan: Plan,
    observed: Observed,
    past: Past,
  ): Promise<Journal> {
    const file: File = { text: "", changedAt: process.now() }
    this.files.push(file)
    const run = random.int(2 ** 31).toString(16)
    const journal = new Journal({ sink: sinkOf(file, process, random), clock: process, run, past })
    await journal.note([{ type: "RUN", at: process.now(), run, stack: plan.stackId, pid: 1 }])
    for (const { intent, image } of foundOf(past.open, observed)) {
      if (image.state === "NORMAL") journal.arrived(intent, image.id)
      else if (image.state.endsWith("FAILED")) journal.failed(intent, image.state)
      else journal.visible(intent, image.id)
    }
    for (const action of plan.actions) if (action.action === "keep") journal.settled(action)
    return journal
  }
}

function read(text: string): { readonly records: readonly JournalRecord[]; readonly whole: boolean } {
  const records: JournalRecord[] = []
  const lines = text.split("\n")
  const tail = lines.pop() ?? ""
  for (const [n, line] of lines.entries()) {
    const record = decodeRecord(line, n)
    if (record === undefined || record === "newer") return { records, whole: false }
    records.push(record)
  }
  return { records, whole: tail === "" }
}

function sinkOf(file: File, process: Process, random: Random): Sink {
  return {
    append(text) {
      return new Promise((resolve) => {
        const write = (part: string): void => {
          file.text += part
          file.changedAt = process.now()
        }
        const lives = process.alive
        if (!process.step()) {
          if (lives) write(text.slice(0, random.int(text.length)))
          return
        }
        write(text)
        process.clock.at(process.clock.time + 1, () => {
          if (!process.step()) return false
          resolve()
          return true
        })
      })
    },
    close: () => Promise.resolve(),
  }
}
