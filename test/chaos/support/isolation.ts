/**
 * I10, judged by comparison: the same world and manifests are applied twice, once with nothing wrong and once with as
 * much wrong as can be in one account and region. What becomes of all others has to be the same.
 *
 * Left out is what ties regions together on purpose: the rehearsal gate (`keepGoing` lifts it), `release: together`,
 * and that nothing of an image or family is retired while an import of it failed somewhere.
 */
import type { Violation } from "../checker/facts.ts"
import { compareElsewhere, type Outcome } from "../checker/isolation.ts"
import { runAll, startProgram } from "./cast.ts"
import { desiredOf } from "./manifests.ts"
import { Random } from "./random.ts"
import { type SimulationOptions, Stage } from "./stage.ts"

export interface Isolation {
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
  /** What went wrong, and where; undefined: the seed has one account and region only, and nothing was compared. */
  readonly trouble: string | undefined
}

const TROUBLES = ["down", "quota", "faults", "faults", "imports"] as const

export async function judgeIsolation(seed: number, options: SimulationOptions = {}): Promise<Isolation> {
  const r = new Random(seed).fork("isolation")
  const { placements } = desiredOf(new Stage(seed, options).manifests)
  const places = [...new Set(placements.map((p) => `${p.account}/${p.region}`))]
  if (places.length < 2) return { violations: [], trace: [], trouble: undefined }
  const place = r.pick(places)
  const trouble = r.pick(TROUBLES)
  const one = await outcome(seed, options, place, undefined)
  const other = await outcome(seed, options, place, trouble)
  return {
    violations: [...one.violations, ...other.violations, ...compareElsewhere(one, other, place)],
    trace: [...one.trace, ...other.trace],
    trouble: `${trouble} in ${place}`,
  }
}

async function outcome(
  seed: number,
  options: SimulationOptions,
  place: string,
  trouble: (typeof TROUBLES)[number] | undefined,
): Promise<Outcome & Pick<Isolation, "violations" | "trace">> {
  const stage = new Stage(seed, options)
  const { manifests, server, network, clock, random } = stage
  const wishes = manifests.wishes.map((w) => ({ ...w, release: "perRegion" as const }))
  stage.manifests = { ...manifests, wishes }
  const r = random.fork("isolation run")
  const how = {
    retryFailed: r.chance(0.3),
    keepGoing: true,
    allowed: true,
    prune: { orphans: r.chance(0.4), retention: r.chance(0.4) },
    promptMs: 0,
    interruptAfterMs: undefined,
  }
  network.only = place
  if (trouble === "down") {
    clock.at(r.int(r.pick([1, 1_000, 100_000])), () => {
      network.down.add(place)
      return false
    })
  }
  if (trouble === "quota") server.limit(place, 1)
  if (trouble === "faults") network.weather = { faults: 0.3, throttles: 0.1 }
  if (trouble === "imports") stage.wild = 0.9
  const name = `run with ${trouble ?? "nothing"} in ${place}`
  stage.note(() => `--- ${name}`)
  const [end] = await runAll(stage, [startProgram(stage, { name, random: r, how, disk: stage.disk })])
  // Tags that come late and images that go late have come and gone.
  clock.pass(AFTERWARDS_MS)
  const { violations, trace } = stage
  return { server, desired: desiredOf(stage.manifests), rows: end?.report?.results ?? [], violations, trace }
}

const AFTERWARDS_MS = 4 * 3_600_000
