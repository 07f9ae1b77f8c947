/**
 * The journal of one run. Before a call that changes something leaves this machine, its INTENT is durable; after it, so
 * is what became of it. Whoever runs next learns from it which imports may stand in the cloud though no listing shows
 * them. Records that come together are made durable together.
 *
 * Once a record cannot be written, nothing is sent any more. What is learned of calls that were sent is kept in memory,
 * in `unwritten`.
 */
import { CloudError } from "../cloud/failure.ts"
import type { Clock } from "../model/clock.ts"
import type { Failure } from "../model/failure.ts"
import type { OpenIntent } from "../model/intent.ts"
import { type Placement, placementKey } from "../model/placement.ts"
import { systemWords } from "../model/system-error.ts"
import { ourFailure } from "./failures.ts"
import { encodeRecord, type IntentRecord, type JournalRecord, type OutcomeRecord } from "./journal-record.ts"
import { IMPORT, type Past } from "./journal-state.ts"

/** Where lines are kept. Resolves when the text is durable; after it rejected once, it is not asked again. */
export interface Sink {
  append(text: string): Promise<void>
  close(): Promise<void>
}

type Intent = Omit<IntentRecord, "type" | "at" | "attempt">

export type Outcome = Omit<OutcomeRecord, "at" | "attempt">

/** An import of an earlier run that may stand somewhere. Without a name: a record of it may be missing. */
export type Earlier = Pick<OpenIntent, "at" | "state"> & Partial<OpenIntent>

const ENDS: ReadonlySet<Outcome["type"]> = new Set(["NOT_ACCEPTED", "FAILED", "DONE"])

interface Entry {
  readonly attempt: string
  readonly earlier?: OpenIntent
  /** Monotonic; of this run. */
  acceptedAt?: number
  seen: boolean
  ended: boolean
}

export interface JournalOptions {
  readonly sink: Sink
  readonly clock: Clock
  /** Unlike that of any other run. */
  readonly run: string
  readonly past: Past
}

export class Journal {
  readonly past: Past
  /** Outcomes that could not be written. */
  readonly unwritten: OutcomeRecord[] = []
  private readonly sink: Sink
  private readonly clock: Clock
  private readonly run: string
  private readonly entries = new Map<string, Entry[]>()
  private readonly byAttempt = new Map<string, Entry>()
  private readonly unfinished = new Map<string, string>()
  private broken: Error | undefined
  private attempts = 0
  private lines = 0
  private waiting: JournalRecord[] = []
  private next: Promise<void> | undefined
  private tail: Promise<void> = Promise.resolve()
  private closing: Promise<void> | undefined

  constructor({ sink, clock, run, past }: JournalOptions) {
    this.sink = sink
    this.clock = clock
    this.run = run
    this.past = past
    for (const earlier of past.open) this.add(earlier, earlier.attempt, earlier)
    for (const p of past.unfinished) this.unfinished.set(placementKey(p), p.attempt)
  }

  /** Why nothing can be written any more. */
  get failure(): Error | undefined {
    return this.broken
  }

  /** Durably records that the call is about to be sent; its attempt. Rejects with a CloudError: then it is not sent. */
  async intent(what: Intent): Promise<string> {
    this.attempts += 1
    const attempt = `${this.run}.${this.attempts}`
    try {
      await this.write({ type: "INTENT", at: this.clock.now(), attempt, ...what })
    } catch (error) {
      throw new CloudError(journalFailure(what, error as Error))
    }
    if (what.call === IMPORT) this.add(what, attempt)
    return attempt
  }

  /** Records what became of a call; resolves when that is durable, or kept in memory. */
  async outcome(attempt: string, outcome: Outcome): Promise<void> {
    const record: OutcomeRecord = { at: this.clock.now(), attempt, ...outcome }
    const entry = this.byAttempt.get(attempt)
    if (entry !== undefined && outcome.type === "ACCEPTED") entry.acceptedAt = this.clock.monotonic()
    if (entry !== undefined && ENDS.has(outcome.type)) entry.ended = true
    await this.write(record).catch(() => this.unwritten.push(record))
  }

  /** Records other than those of calls, such as what is carried over. */
  note(records: readonly JournalRecord[]): Promise<void> {
    return Promise.all(records.map((record) => this.write(record))).then(() => {})
  }

  /** The import of an earlier run that may stand in the placement. */
  earlier(placement: Placement): Earlier | undefined {
    const open = this.entriesOf(placement).filter((e) => e.earlier !== undefined && !e.ended)
    const { doubt } = this.past
    return open.at(-1)?.earlier ?? (doubt === undefined ? undefined : { at: doubt, state: "intent" })
  }

  /** A listing showed the image of the placement's import. */
  visible(placement: Placement, imageId: string): void {
    for (const entry of this.current(placement)) {
      if (entry.seen) continue
      entry.seen = true
      void this.outcome(entry.attempt, { type: "VISIBLE", imageId })
    }
  }

  /** The image was read at NORMAL. */
  arrived(placement: Placement, imageId: string): void {
    for (const entry of this.current(placement)) {
      const { acceptedAt } = entry
      const took = acceptedAt === undefined ? {} : { tookMs: Math.round(this.clock.monotonic() - acceptedAt) }
      void this.outcome(entry.attempt, { type: "DONE", imageId, ...took })
      this.unfinished.set(placementKey(placement), entry.attempt)
    }
  }

  /** The import failed, or its image is gone; `code` says which. */
  failed(placement: Placement, code: string): void {
    for (const entry of this.current(placement)) void this.outcome(entry.attempt, { type: "FAILED", code })
  }

  /** Everything that the placement's action asks for is done. */
  settled(placement: Placement): void {
    const key = placementKey(placement)
    const attempt = this.unfinished.get(key)
    this.unfinished.delete(key)
    if (attempt !== undefined) void this.outcome(attempt, { type: "SETTLED" })
  }

  /** Resolves when everything is durable that can be. */
  close(): Promise<void> {
    this.closing ??= this.tail.then(() => this.sink.close())
    return this.closing
  }

  private write(record: JournalRecord): Promise<void> {
    if (this.broken !== undefined) return Promise.reject(this.broken)
    if (this.closing !== undefined) return Promise.reject(new Error("the journal is closed"))
    this.waiting.push(record)
    if (this.next === undefined) {
      const batch = this.tail.then(() => this.flush())
      this.next = batch
      this.tail = batch.catch((error: unknown) => {
        this.broken ??= error instanceof Error ? error : new Error(String(error))
      })
    }
    return this.next
  }

  private async flush(): Promise<void> {
    const records = this.waiting
    this.waiting = []
    this.next = undefined
    if (this.broken !== undefined) throw this.broken
    const text = records.map((record, i) => encodeRecord(record, this.lines + i)).join("")
    await this.sink.append(text)
    this.lines += records.length
  }

  private add(placement: Placement, attempt: string, earlier?: OpenIntent): void {
    const entry: Entry = {
      attempt,
      seen: earlier?.state === "visible",
      ended: false,
      ...(earlier === undefined ? {} : { earlier }),
    }
    this.byAttempt.set(attempt, entry)
    this.entriesOf(placement).push(entry)
  }

  private current(placement: Placement): readonly Entry[] {
    return this.entriesOf(placement).filter((entry) => !entry.ended)
  }

  private entriesOf(placement: Placement): Entry[] {
    const key = placementKey(placement)
    const entries = this.entries.get(key) ?? []
    this.entries.set(key, entries)
    return entries
  }
}

/** Why a call was not sent. */
export function journalFailure(about: Placement, error: Error): Failure {
  return ourFailure("ClientError.Journal", about, systemWords(error))
}
