/**
 * Waiting. One loop for each account and region lists its images and holds every waiting import against the listing,
 * so that the number of calls does not depend on how many imports are pending. The pause between two listings grows
 * with how long the oldest has been waiting: short imports are noticed fast, long ones cost few calls, and nobody
 * learns of an end later than by a tenth of the time that it took. A listing that fails is an event; it is made
 * again until the limits of the imports are over, unless it fails for want of rights several times in a row.
 */
import type { Clock } from "../model/clock.ts"
import type { Failure } from "../model/failure.ts"
import type { CloudImage } from "../model/observed.ts"
import { failureFrom } from "./failures.ts"
import type { Listing, RegionImages } from "./region-images.ts"
import { judge, type Sighting, type Target, type Verdict, withImage } from "./verdict.ts"

/** Pause between two listings of a region. */
export interface PollPace {
  readonly minMs: number
  readonly maxMs: number
}

export interface WatchEvents {
  /** State or progress changed. */
  state(image: CloudImage): void
}

interface Waiting {
  readonly target: Target
  readonly seen: Sighting
  readonly events: WatchEvents
  readonly settle: (verdict: Verdict) => void
}

/** Listings in a row that fail for want of rights until the waiting ends. */
const BLIND_AFTER = 3

export class Watch {
  private readonly images: RegionImages
  private readonly clock: Clock
  private readonly stop: AbortSignal
  private readonly pace: PollPace
  private readonly failed: (failure: Failure, delayMs: number) => void
  private readonly pending = new Set<Waiting>()
  private looping = false

  constructor(
    images: RegionImages,
    clock: Clock,
    stop: AbortSignal,
    pace: PollPace,
    failed: (failure: Failure, delayMs: number) => void,
  ) {
    this.images = images
    this.clock = clock
    this.stop = stop
    this.pace = pace
    this.failed = failed
  }

  /** Resolves with what became of the import; never rejects. */
  wait(target: Target, events: WatchEvents): Promise<Verdict> {
    if (this.stop.aborted) return Promise.resolve({ kind: "stopped" })
    return new Promise((settle) => {
      this.pending.add({ target, seen: { missed: 0 }, events, settle })
      if (this.looping) return
      this.looping = true
      void this.loop()
    })
  }

  private async loop(): Promise<void> {
    let failures = 0
    let denied = 0
    while (this.pending.size > 0) {
      const slept = await this.clock.sleep(this.pause(failures), this.stop).then(
        () => true,
        () => false,
      )
      if (!slept) break
      const listing = await this.list()
      if (this.stop.aborted) break
      if ("byId" in listing) {
        failures = denied = 0
        this.conclude((w, now) => this.look(w, listing, now))
        continue
      }
      failures += 1
      denied = listing.blame === "permission" ? denied + 1 : 0
      if (denied >= BLIND_AFTER) {
        this.conclude((w) => ({ kind: "blind", failure: listing, ...withImage(w.seen) }))
      } else {
        // Nobody could look when the limit was over: why not is what there is to say.
        this.conclude((w, now) =>
          now < w.target.until ? undefined : { kind: "blind", failure: listing, ...withImage(w.seen) },
        )
        if (this.pending.size > 0) this.failed(listing, this.pause(failures))
      }
    }
    this.looping = false
    this.conclude((w) => ({ kind: "stopped", ...withImage(w.seen) }))
  }

  private async list(): Promise<Listing | Failure> {
    try {
      return await this.images.fresh()
    } catch (error) {
      return failureFrom(error)
    }
  }

  private look(w: Waiting, listing: Listing, now: number): Verdict | undefined {
    const before = w.seen.image
    const verdict = judge(w.target, w.seen, listing, now)
    const { image } = w.seen
    if (image !== undefined && (image.state !== before?.state || image.progress !== before.progress)) {
      w.events.state(image)
    }
    return verdict
  }

  private conclude(verdictOn: (w: Waiting, now: number) => Verdict | undefined): void {
    const now = this.clock.monotonic()
    for (const w of this.pending) {
      const verdict = verdictOn(w, now)
      if (verdict === undefined) continue
      this.pending.delete(w)
      w.settle(verdict)
    }
  }

  /** Until the next listing; never past a limit, so that a limit is judged by a listing made when it was over. */
  private pause(failures: number): number {
    const { minMs, maxMs } = this.pace
    const now = this.clock.monotonic()
    let oldest = now
    let limit = Number.POSITIVE_INFINITY
    for (const { target, seen } of this.pending) {
      if (target.since < oldest) oldest = target.since
      for (const at of seen.image === undefined ? [target.invisibleUntil, target.until] : [target.until]) {
        if (at > now && at < limit) limit = at
      }
    }
    const wanted = failures > 0 ? minMs * 2 ** failures : (now - oldest) / 10
    return Math.min(Math.max(minMs, Math.min(maxMs, wanted)), limit - now)
  }
}
