/** What is drawn for one seed before anything happens: how the service behaves, and what each round brings. */
import type { Behaviour } from "../../../src/emulator/behaviour.ts"
import type { Weather } from "./network.ts"
import type { Random } from "./random.ts"

export function someBehaviour(r: Random, windowMs: number): Partial<Behaviour> {
  const delays = [0, 0, [0, 2_000] as [number, number], 30_000, ...(windowMs > 1_000_000 ? [900_000] : [])]
  return {
    duplicateNames: r.weighted({ never: 3, submit: 2, "submit+dryRun": 5 }),
    visibilityDelayMs: r.pick(delays),
    importMs: r.pick([20_000, 60_000, 200_000]),
    failAfterMs: 10_000,
    failedHoldsName: r.chance(0.8),
    failedCountsQuota: r.chance(0.5),
    tagsAttachAfter: r.pick(["visible", "normal"] as const),
    tagDelayMs: r.pick([0, 2_000, 600_000]),
    deleteMs: r.pick([0, 0, 20_000]),
    importReturnsImageId: r.pick(["always", "never"] as const),
    dryRunAnswer: r.pick(["plain", "DryRunOperation"] as const),
    tagCheck: r.pick(["pair", "key", "off"] as const),
    listOrder: r.pick(["id", "oldest", "newest"] as const),
    emptyLists: r.pick(["null", "array"] as const),
    quota: r.chance(0.1) ? r.between(3, 9) : 500,
  }
}

export interface Round {
  readonly changes: boolean
  readonly weather: Weather
  /** Of 1, of imports with a fate of their own. */
  readonly wild: number
  /** Dealings with the outside until the program is killed. */
  readonly killAt: number
  /** The same, counted from the first accepted import. */
  readonly killAfterImport: number | undefined
  /** A second program starts so much later; undefined: there is none. */
  readonly twinAfterMs: number | undefined
  readonly interruptAfterMs: number | undefined
  readonly promptMs: number
  readonly retryFailed: boolean
  readonly keepGoing: boolean
  readonly allowed: boolean
  readonly prune: { readonly orphans: boolean; readonly retention: boolean }
  /** What people do, at what time. */
  readonly meddling: readonly number[]
  readonly outage:
    | { readonly at: number; readonly forMs: number; readonly what: "down" | "denied" | "quota" }
    | undefined
  readonly restMs: number
  /** What of it could be left out. */
  readonly decisions: readonly string[]
}

const WEATHERS = {
  calm: { faults: 0, throttles: 0 },
  light: { faults: 0.03, throttles: 0.02 },
  heavy: { faults: 0.15, throttles: 0.05 },
  storm: { faults: 0.02, throttles: 0.5 },
} as const satisfies Record<string, Weather>

export function someRound(r: Random, at: number, muted: (what: string) => boolean): Round {
  const free = (what: string): boolean => !muted(`${what}${at}`)
  const weather = WEATHERS[r.weighted({ calm: 3, light: 4, heavy: 3, storm: 0.7 })]
  const kill = r.chance(0.4) ? r.between(1, r.pick([15, 60, 250])) : Number.POSITIVE_INFINITY
  const after = r.chance(0.2) ? 1 + r.int(12) : undefined
  const twin = r.chance(0.07) ? r.pick([0, 200, 5_000]) : undefined
  const interrupt = r.chance(0.08) ? r.int(r.pick([2_000, 120_000])) : undefined
  const promptMs = r.pick([0, 0, 0, 60_000, 3_600_000])
  const meddling = Array.from({ length: r.chance(0.45) ? r.between(1, 3) : 0 }, () =>
    r.int(r.pick([3_000, 60_000, 400_000])),
  )
  const outage = r.chance(0.15)
    ? {
        at: r.int(100_000),
        forMs: r.between(1_000, 900_000),
        what: r.pick(["down", "denied", "quota"] as const),
      }
    : undefined
  const changes = at > 0 && r.chance(0.7)
  const happens = {
    v: changes,
    k: Number.isFinite(kill) || after !== undefined,
    t: twin !== undefined,
    s: interrupt !== undefined,
  }
  const also = { p: promptMs > 0, o: outage !== undefined, w: weather !== WEATHERS.calm }
  const letters = Object.entries({ ...happens, ...also }).flatMap(([letter, does]) => (does ? [letter] : []))
  return {
    decisions: [...letters.map((l) => `${l}${at}`), ...meddling.map((_, i) => `m${i}.${at}`)],
    changes: changes && free("v"),
    weather: free("w") ? weather : WEATHERS.calm,
    wild: r.pick([0, 0.1, 0.4]),
    killAfterImport: free("k") ? after : undefined,
    killAt: free("k") ? kill : Number.POSITIVE_INFINITY,
    twinAfterMs: free("t") ? twin : undefined,
    interruptAfterMs: free("s") ? interrupt : undefined,
    promptMs: free("p") ? promptMs : 0,
    retryFailed: r.chance(0.3),
    keepGoing: r.chance(0.4),
    allowed: r.chance(0.6),
    prune: { orphans: r.chance(0.4), retention: r.chance(0.4) },
    meddling: meddling.filter((_, i) => free(`m${i}.`)),
    outage: free("o") ? outage : undefined,
    restMs: r.pick([0, 1_000, 60_000, 1_900_000, 10_000_000]),
  }
}
