/** One apply in progress: what everybody in this room shares. Nothing of it outlives the run. */
import type { Cloud } from "../cloud/port.ts"
import type { Clock } from "../model/clock.ts"
import type { ApplyEvent, Result } from "../model/outcome.ts"
import { comparePlacements, compareText, type Placement, type Scope, scopeKey } from "../model/placement.ts"
import type { Action, Plan, Verb } from "../model/plan.ts"
import type { ApplySettings } from "../model/stack.ts"
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
}

/** Everything impure that an apply needs. */
export interface ApplyContext {
  readonly cloud: Cloud
  readonly clock: Clock
  /** Aborted: nothing new is started, requests on the wire are awaited, waiting ends. */
  readonly signal?: AbortSignal
  readonly settings: ApplySettings
  readonly options?: ApplyOptions
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
  readonly cloud: Cloud
  readonly clock: Clock
  readonly settings: ApplySettings
  readonly keepGoing: boolean
  readonly rehearsed: ReadonlySet<string>
  readonly poll: PollPace
  readonly stop: AbortSignal
  readonly wire: Wire
  readonly releases: Releases
  readonly undone: Undone
  private readonly stopping = new AbortController()
  private readonly regions = new Map<string, Region>()
  private readonly reserved = new Map<Action, () => void>()
  private readonly started = new Map<Action, number>()
  private readonly settled: Result[] = []
  private readonly report: (event: ApplyEvent) => void

  constructor(plan: Plan, context: ApplyContext, report: (event: ApplyEvent) => void) {
    this.plan = plan
    this.cloud = context.cloud
    this.clock = context.clock
    this.settings = context.settings
    this.keepGoing = context.options?.keepGoing === true
    this.rehearsed = context.options?.rehearsed ?? new Set()
    this.poll = context.options?.poll ?? POLL
    this.report = report
    this.stop = this.stopping.signal
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
      gates: new Gates(this.stop),
      room: new Room(this.settings.maxImporting),
      images,
      watch,
    }
    this.regions.set(lane, made)
    return made
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
    this.emit({ type: "placement.started", placement, action: action.action, ...which })
  }

  /** The action has ended. */
  settle(action: Action, ending: Ending): void {
    this.sent(action)
    const begun = this.started.get(action)
    const durationMs = begun === undefined ? 0 : Math.round(this.clock.monotonic() - begun)
    const result: Result = { ...placementOf(action), action: action.action, ...ending, durationMs }
    this.settled.push(result)
    if (ending.outcome !== "done") this.undone.add(action)
    this.releases.ended(action)
    this.emit({ type: "placement.settled", result })
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
