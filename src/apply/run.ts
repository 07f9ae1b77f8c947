/** One apply in progress: what everybody in this room shares. Nothing of it outlives the run. */
import type { Cloud, CloudReader, CloudRehearser, CloudWriter } from "../cloud/port.ts"
import type { Clock } from "../model/clock.ts"
import type { ApplyEvent, Result } from "../model/outcome.ts"
import { comparePlacements, compareText, type Placement, type Scope, scopeKey } from "../model/placement.ts"
import type { Action, Plan, Verb } from "../model/plan.ts"
import type { ApplySettings } from "../model/stack.ts"
import type { Journal } from "./journal.ts"
import { journaled } from "./journal-calls.ts"
import { RegionImages } from "./region-images.ts"
import { Releases } from "./release.ts"
import { Room } from "./room.ts"
import { Gates, ownSignal, Stop } from "./stop.ts"
import { Undone } from "./undone.ts"
import { type PollPace, Watch } from "./watch.ts"
import { Wire } from "./wire.ts"

export interface ApplyOptions {
  /** A failed rehearsal fails its own placement only; without it, nothing is started at all. */
  readonly keepGoing?: boolean
  /** Digests of actions that were rehearsed lately, when their approval set was made: not rehearsed again. */
  readonly rehearsed?: ReadonlySet<string>
  /** Pause between two listings of a region while imports are waited for; default 1 s growing to 15 s. */
  readonly poll?: PollPace
  /** False: nothing is waited for; what was accepted goes on in the cloud, and is `running`. */
  readonly wait?: boolean
  /** False: no import is sent; one of an earlier run is only looked for and waited for. */
  readonly imports?: boolean
  /** What is carried out; the rest of the plan stays as it is and has no result. Default: everything. */
  readonly only?: (action: Action) => boolean
  /** How long an import will take, as far as earlier ones tell. */
  readonly estimateMs?: (action: Action) => number | undefined
}

/** Everything impure that an apply needs. */
export interface ApplyContext {
  readonly cloud: Cloud
  readonly clock: Clock
  /** Aborted: nothing new is started, requests on the wire are awaited, waiting ends. */
  readonly signal?: AbortSignal
  readonly settings: ApplySettings
  readonly options?: ApplyOptions
  /** Without it no run learns of an earlier one but by what listings show. The caller closes it. */
  readonly journal?: Journal
}

/** How an action ended. */
export type Ending = Pick<Result, "imageId" | "requestId" | "error" | "reason"> & {
  readonly outcome: "done" | "failed" | "skipped" | "running" | "unknown"
}

/** An account and region of the run. */
export interface Region {
  readonly scope: Scope
  readonly lane: string
  readonly gates: Gates
  readonly room: Room
  readonly images: RegionImages
  readonly watch: Watch
}

type Untimed<E> = E extends unknown ? Omit<E, "at"> : never

const POLL: PollPace = { minMs: 1_000, maxMs: 15_000 }

export class Run {
  readonly plan: Plan
  readonly cloud: CloudReader & CloudRehearser
  readonly clock: Clock
  readonly journal: Journal | undefined
  readonly settings: ApplySettings
  readonly waits: boolean
  readonly imports: boolean
  readonly only: NonNullable<ApplyOptions["only"]>
  readonly keepGoing: boolean
  readonly rehearsed: ReadonlySet<string>
  readonly poll: PollPace
  readonly stop: AbortSignal
  readonly wire: Wire
  readonly releases: Releases
  readonly undone: Undone
  private readonly writer: CloudWriter
  private readonly writes: AbortSignal
  private readonly stopping = new AbortController()
  private readonly unrecorded = new AbortController()
  private readonly estimateMs: NonNullable<ApplyOptions["estimateMs"]>
  private readonly regions = new Map<string, Region>()
  private readonly reserved = new Map<Action, () => void>()
  private readonly started = new Map<Action, number>()
  private readonly settled: Result[] = []
  private readonly report: (event: ApplyEvent) => void

  constructor(plan: Plan, context: ApplyContext, report: (event: ApplyEvent) => void) {
    this.plan = plan
    this.cloud = context.cloud
    this.writer = context.cloud
    this.clock = context.clock
    this.journal = context.journal
    this.settings = context.settings
    this.imports = context.options?.imports !== false
    this.waits = context.options?.wait !== false
    this.only = context.options?.only ?? (() => true)
    this.estimateMs = context.options?.estimateMs ?? (() => undefined)
    this.keepGoing = context.options?.keepGoing === true
    this.rehearsed = context.options?.rehearsed ?? new Set()
    this.poll = context.options?.poll ?? POLL
    this.report = report
    this.stop = this.stopping.signal
    this.writes = AbortSignal.any([this.stop, this.unrecorded.signal])
    this.wire = new Wire(context.settings.concurrency)
    this.releases = new Releases(plan.actions)
    this.undone = new Undone(plan.families)
  }

  /** Nothing new is started from now on. */
  interrupt(): void {
    if (this.stop.aborted) return
    this.stopping.abort(new Stop("interrupted"))
    this.emit({ type: "interrupted" })
  }

  emit(event: Untimed<ApplyEvent>): void {
    this.report({ ...event, at: this.clock.now() })
  }

  region({ account, region }: Scope): Region {
    const scope = { account, region }
    const lane = scopeKey(scope)
    const known = this.regions.get(lane)
    if (known !== undefined) return known
    const stop = ownSignal(this.stop)
    const images = new RegionImages(scope, this.cloud, this.clock, stop)
    const watch = new Watch(images, this.clock, stop, this.poll, (failure, delayMs) =>
      this.emit({ type: "call.retried", failure, delayMs }),
    )
    const made: Region = {
      scope,
      lane,
      gates: new Gates(this.writes),
      room: new Room(this.settings.maxImporting),
      images,
      watch,
    }
    this.regions.set(lane, made)
    return made
  }

  /**
   * What changes something in the cloud, for the action or for the run as a whole. Each call is in the journal first;
   * one that cannot be is not sent, and neither is any other.
   */
  writing(action?: Action): CloudWriter {
    const { journal } = this
    if (journal === undefined) return this.writer
    return journaled(this.writer, journal, action, (failure) => {
      if (!this.unrecorded.signal.aborted) this.unrecorded.abort(new Stop("journal_failed", failure))
    })
  }

  /** The action will soon send something. */
  reserve(action: Action): void {
    this.reserved.set(action, this.wire.reserve(this.region(action).lane))
  }

  /** The action has sent what it has to send first, or will not. */
  sent(action: Action): void {
    this.reserved.get(action)?.()
    this.reserved.delete(action)
  }

  /** The action has begun; its duration counts from here. */
  start(action: Action): void {
    if (this.started.has(action)) return
    this.started.set(action, this.clock.monotonic())
    const placement = placementOf(action)
    const which = isRetirement(action) ? { imageId: action.imageId } : {}
    const estimateMs = this.estimateMs(action)
    const estimate = estimateMs === undefined ? {} : { estimateMs }
    this.emit({ type: "placement.started", placement, action: action.action, ...which, ...estimate })
  }

  /** The action has ended. */
  settle(action: Action, ending: Ending): void {
    this.sent(action)
    const begun = this.started.get(action)
    const durationMs = begun === undefined ? 0 : Math.round(this.clock.monotonic() - begun)
    const result: Result = { ...placementOf(action), action: action.action, ...ending, durationMs }
    this.settled.push(result)
    if (ending.outcome !== "done") this.undone.add(action)
    else if (!isRetirement(action)) this.journal?.settled(action)
    this.releases.ended(action)
    this.emit({ type: "placement.settled", result })
  }

  /** The action is none of this run: what depends on its image waits for another one. */
  leave(action: Action): void {
    this.undone.add(action)
    this.releases.ended(action)
  }

  /** Every result so far, sorted. */
  results(): readonly Result[] {
    return this.settled.toSorted(
      (a, b) =>
        comparePlacements(a, b) ||
        Number(isRetirement(a)) - Number(isRetirement(b)) ||
        compareText(a.imageId ?? "", b.imageId ?? ""),
    )
  }
}

/** What takes an image out of use: more than one may concern the same placement. */
export function isRetirement<A extends { readonly action: Verb }>(
  row: A,
): row is Extract<A, { action: "deprecate" | "delete" }> {
  return row.action === "deprecate" || row.action === "delete"
}

/** Only the placement of what is more than one. */
export function placementOf({ image, account, region }: Placement): Placement {
  return { image, account, region }
}

/** Not begun, or not gone on with, for that reason. */
export function skipped(stop: Stop, so: Pick<Ending, "imageId" | "requestId"> = {}): Ending {
  const error = stop.failure === undefined ? {} : { error: stop.failure }
  return { outcome: "skipped", reason: stop.reason, ...so, ...error }
}
