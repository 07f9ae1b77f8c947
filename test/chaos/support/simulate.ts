/**
 * One seed: a world, manifests, a few rounds in which much goes wrong, and then calm rounds in which everything has
 * to come right. The real planner and the real applier; the emulator's world; no real time.
 */
import type { Violation } from "../checker/facts.ts"
import { judgeEnd, leftToDo } from "../checker/final.ts"
import { runAll, startProgram } from "./cast.ts"
import { judgeIsolation } from "./isolation.ts"
import { changed, desiredOf } from "./manifests.ts"
import { CALM } from "./network.ts"
import { meddle } from "./people.ts"
import { Random } from "./random.ts"
import { type Round, someRound } from "./scene.ts"
import { UINS } from "./server.ts"
import { type SimulationOptions, Stage } from "./stage.ts"

export interface Story {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
  readonly rounds: number
  readonly runs: number
  readonly kills: number
  readonly writes: number
  /** What could be left out; see `muted`. */
  readonly decisions: readonly string[]
  /** Two runs were compared, one of them with trouble in one region. */
  readonly compared: boolean
}

/** Runs until the plan is empty, when nothing goes wrong any more. */
const SETTLING_RUNS = 7

/** Of so many seeds one is asked as well whether trouble in one region stays there. */
const ISOLATION = 10

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Story> {
  const stage = new Stage(seed, options)
  const rounds = Math.min(options.rounds ?? 9, 1 + new Random(seed).fork("rounds").int(4))
  const decisions: string[] = []
  for (let i = 0; i < rounds && stage.violations.length === 0; i += 1) {
    decisions.push(...(await playRound(stage, i)))
  }
  if (stage.violations.length === 0) await settle(stage)
  const { violations, trace, runs, kills, server, network, decreed } = stage
  decisions.push(...decreed, ...network.troubled)
  const story = { seed, violations, trace, rounds, runs, kills, writes: server.ledger.length, decisions }
  if (violations.length > 0 || seed % ISOLATION !== 0) return { ...story, compared: false }
  const apart = await judgeIsolation(seed, options)
  return {
    ...story,
    violations: apart.violations,
    trace: [...trace, ...apart.trace],
    compared: apart.trouble !== undefined,
  }
}

/** What of the round could have been left out. */
async function playRound(stage: Stage, at: number): Promise<readonly string[]> {
  const { network, clock, muted } = stage
  const r = stage.random.fork(`round ${at}`)
  const round = someRound(r, at, (what) => muted.has(what))
  if (round.changes) stage.manifests = changed(r.fork("change"), stage.manifests)
  const start = clock.time
  stage.note(() => `--- round ${at} ${JSON.stringify(round)}`)
  stage.note(() => `wishes ${JSON.stringify(stage.manifests.wishes)}`)
  network.weather = round.weather
  stage.wild = round.wild
  round.meddling.forEach((ms, i) => {
    clock.at(start + ms, () => {
      const what = meddle(r.fork(`somebody ${i}`), stage.server, desiredOf(stage.manifests))
      stage.note(() => `m${i}.${at} ${what}`)
      return false
    })
  })
  outage(stage, r, round)
  const twin = round.twinAfterMs
  if (twin !== undefined) stage.elsewhere = true
  const { killAt, killAfterImport } = round
  const programs = [
    startProgram(stage, {
      name: `run ${at}`,
      random: r,
      how: round,
      killAt,
      killAfterImport,
      disk: stage.disk,
    }),
  ]
  if (twin !== undefined) {
    const random = r.fork("twin")
    programs.push(
      startProgram(stage, { name: `twin ${at}`, random, how: round, afterMs: twin, disk: undefined }),
    )
  }
  await runAll(stage, programs)
  clock.pass(round.restMs)
  return round.decisions
}

/** Nothing goes wrong any more: everything comes right in a few runs. */
async function settle(stage: Stage): Promise<void> {
  const { server, clock, network } = stage
  stage.note(() => "--- calm")
  network.weather = CALM
  stage.wild = 0
  clock.pass(1_900_000)
  mend(stage)
  const prune = { orphans: true, retention: true }
  const freely = { retryFailed: true, keepGoing: true, allowed: true }
  const how = { ...freely, prune, promptMs: 0, interruptAfterMs: undefined }
  for (let i = 1; i <= SETTLING_RUNS; i += 1) {
    const name = `calm ${i}`
    const random = stage.random.fork(name)
    const [end] = await runAll(stage, [startProgram(stage, { name, random, how, disk: stage.disk })])
    if (end === undefined || stage.violations.length > 0) return
    const desired = desiredOf(stage.manifests)
    const rest = leftToDo(desired, end.plan)
    if (rest.length === 0) {
      judgeEnd(server, desired, end.plan, stage.tell)
      return
    }
    clock.pass(1_900_000)
    if (i < SETTLING_RUNS) continue
    const left = rest.map((a) => `${a.action} ${a.image} in ${a.region} (${a.reasons.join(", ")})`)
    stage.tell("I4", `after ${i} calm runs there is still: ${left.join("; ")}`)
  }
}

/** What would last for ever ends; what was taken away comes back. */
function mend({ server, network }: Stage): void {
  network.down.clear()
  for (const account of server.box.accounts.list) Object.assign(account, { denied: [], quota: undefined })
  server.box.behaviour.quota = 500
  for (const image of server.world.images()) {
    if (image.fate?.outcome === "never") server.world.changeImage(image.id, { state: "IMPORTFAILED" })
    if (image.state === "PONDERING") server.world.changeImage(image.id, { state: "NORMAL" })
  }
}

function outage(stage: Stage, r: Random, { outage: planned }: Round): void {
  if (planned === undefined) return
  const p = r.fork("outage").pick(desiredOf(stage.manifests).placements)
  if (p === undefined) return
  const { clock, server, network } = stage
  const { at, forMs, what } = planned
  const place = `${p.account}/${p.region}`
  const account = server.box.accounts.byUin(UINS[p.account] ?? "")
  const set = (on: boolean): boolean => {
    stage.note(() => `outage of ${place}: ${what} ${on}`)
    if (what === "down" && on) network.down.add(place)
    if (what === "down" && !on) network.down.delete(place)
    if (account === undefined) return false
    if (what === "denied") account.denied = on ? ["cvm:ImportImage", "cvm:ModifyImageAttribute"] : []
    if (what === "quota") account.quota = on ? 1 : undefined
    return false
  }
  clock.at(clock.time + at, () => set(true))
  clock.at(clock.time + at + forMs, () => set(false))
}
