/** What becomes of a call between a program and the server. Each call has a fate of its own, drawn by its number. */
import type { Random } from "./random.ts"

export type Fate =
  | { readonly kind: "pass" }
  /** The server says no, and does nothing. */
  | { readonly kind: "refused"; readonly code: string }
  /** The connection was never made. */
  | { readonly kind: "unsent" }
  /** Left, and never arrived. */
  | { readonly kind: "request lost"; readonly code: string }
  /** Carried out, and no readable reply came. */
  | { readonly kind: "reply lost"; readonly code: string }
  /** The client gave up; the call is carried out later all the same. */
  | { readonly kind: "late"; readonly afterMs: number }
  /** A reply that does not say what it should. */
  | { readonly kind: "garbled" }

/** How much goes wrong. */
export interface Weather {
  /** Of 1. */
  readonly faults: number
  /** Of 1, of replies that say that there were too many calls. */
  readonly throttles: number
}

export const CALM: Weather = { faults: 0, throttles: 0 }

export interface CallFacts {
  readonly action: string
  readonly account: string
  readonly region: string
  readonly write: boolean
}

const PASS: Fate = { kind: "pass" }
const LOST = ["ClientError.ConnectionLost", "ClientError.Timeout", "ClientError.HttpStatus"]
const REFUSALS = [
  "InvalidParameter",
  "UnauthorizedOperation",
  "FailedOperation.InvalidImageState",
  "AuthFailure.TokenFailure",
]

export class Network {
  /** Accounts and regions (`account/region`) that cannot be reached. */
  readonly down: Set<string> = new Set()
  weather: Weather = CALM
  /** Only there something goes wrong, and what does is drawn by that place's own count of calls; see isolation.ts. */
  only: string | undefined
  /** Calls that something happened to. */
  readonly troubled: string[] = []
  private readonly random: Random
  private readonly muted: ReadonlySet<string>
  private calls = 0
  private readonly counts = new Map<string, number>()

  constructor(random: Random, muted: ReadonlySet<string>) {
    this.random = random
    this.muted = muted
  }

  /** The number of the call, its fate, and how long it is on its way in each direction. */
  next(call: CallFacts): {
    readonly id: string
    readonly fate: Fate
    readonly upMs: number
    readonly downMs: number
  } {
    this.calls += 1
    const place = `${call.account}/${call.region}`
    const id = this.only === undefined ? `c${this.calls}` : `${place} ${this.count(place)}`
    const r = this.random.fork(id)
    const upMs = 2 + r.int(60)
    const downMs = 2 + r.int(60)
    const elsewhere = this.only !== undefined && this.only !== place
    const calm = elsewhere || this.muted.has(id)
    const fate = calm ? PASS : this.fate(r, call, place)
    if (fate !== PASS) this.troubled.push(id)
    return { id, fate, upMs, downMs }
  }

  private count(place: string): number {
    const n = (this.counts.get(place) ?? 0) + 1
    this.counts.set(place, n)
    return n
  }

  private fate(r: Random, call: CallFacts, place: string): Fate {
    const { weather } = this
    if (this.down.has(place))
      return r.chance(0.5) ? { kind: "unsent" } : { kind: "request lost", code: r.pick(LOST) }
    if (r.chance(weather.throttles)) return { kind: "refused", code: "RequestLimitExceeded" }
    if (!r.chance(weather.faults)) return PASS
    const lost = r.pick(LOST)
    const kind = r.weighted(call.write ? WRITES : READS)
    switch (kind) {
      case "refused":
        return { kind, code: r.pick(REFUSALS) }
      case "internal":
        return { kind: r.chance(0.6) ? "reply lost" : "request lost", code: "InternalError" }
      case "late":
        return { kind, afterMs: r.pick([5_000, 30_000, 90_000]) }
      case "unsent":
      case "garbled":
        return { kind }
      default:
        return { kind, code: lost }
    }
  }
}

const WRITES = { refused: 3, unsent: 1, "request lost": 2, "reply lost": 4, internal: 2, late: 2, garbled: 1 }
const READS = { refused: 1, unsent: 1, "request lost": 3, "reply lost": 1, internal: 1, garbled: 2, late: 0 }
