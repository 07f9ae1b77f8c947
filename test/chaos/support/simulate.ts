/**
 * One seed: a world, manifests, a few rounds in which much goes wrong, and then calm rounds in which everything has
 * to come right. The real planner and the real applier; the emulator's world; no real time.
 */

import type { RunFacts, Violation } from "../checker/facts.ts"
import { judgeEnd, leftToDo } from "../checker/final.ts"
import { judgeReport, judgeResult } from "../checker/results.ts"
import { judgeWrite } from "../checker/writes.ts"
import { type Driven, drive, EventClock, Process } from "./clock.ts"
import { Disk } from "./disk.ts"
import { changed, desiredOf, type Manifests, someManifests } from "./manifests.ts"
import { CALM, Network } from "./network.ts"
import { decree, meddle, populate } from "./people.ts"
import { chaosPort } from "./port.ts"
import { type Finished, runProgram } from "./program.ts"
import { Random } from "./random.ts"
import type { Tampering } from "./safeguards.ts"
import { type Round, someBehaviour, someRound } from "./scene.ts"
import { Server, type Written } from "./server.ts"

export interface SimulationOptions {
  readonly tampering?: Tampering
  /** Decisions that are left out: `c12` (what happened to a call), `k0` (a kill), `m0.1` (what somebody did). */
  readonly muted?: ReadonlySet<string>
  /** Rounds with trouble at most. */
  readonly rounds?: number
  readonly trace?: boolean
}

export interface Story {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
  readonly runs: number
  readonly kills: number
  readonly writes: number
  readonly rounds: number
}

/** Runs until the plan is empty, when nothing goes wrong any more. */
const SETTLING_RUNS = 7
const NO_LIMITS = { maxDeletes: 999, maxReplaces: 999, maxFamilyMoves: 999, maxDeprecates: 999 }
const MAX_RUN_MS = 60 * 3_600_000

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Story> {
  const scene = new Scene(seed, options)
  const rounds = Math.min(options.rounds ?? 9, 1 + new Random(seed).fork("rounds").int(4))
  for (let i = 0; i < rounds && scene.violations.length === 0; i += 1) await scene.round(i)
  if (scene.violations.length === 0) await scene.settle()
  const { violations, trace, runs, kills, server } = scene
  return { seed, violations, trace, runs, kills, writes: server.ledger.length, rounds }
}

class Scene {
  readonly violations: Violation[] = []
  readonly trace: string[] = []
  runs = 0
  kills = 0
  readonly server: Server
  private readonly clock = new EventClock()
  private readonly random: Random
  private readonly network: Network
  private readonly options: SimulationOptions
  private readonly muted: ReadonlySet<string>
  private readonly pageSize: number
  private readonly poll: { readonly minMs: number; readonly maxMs: number }
  private readonly fenced: boolean
  /** The journals of the host; undefined: nothing survives a run there. */
  private readonly disk: Disk | undefined
  private manifests: Manifests
  private wild = 0
  private imports = 0
  /** Something may be under way that nobody remembers. */
  private uncertain = false
  /** Another host applies too, and knows nothing of this one's journal. */
  private elsewhere = false

  constructor(seed: number, options: SimulationOptions) {
    this.options = options
    this.muted = options.muted ?? new Set()
    this.random = new Random(seed)
    this.manifests = someManifests(this.random.fork("manifests"))
    const { visibilityWindowMs } = this.manifests.stack.apply
    const behaviour = someBehaviour(this.random.fork("behaviour"), visibilityWindowMs)
    this.fenced = behaviour.duplicateNames !== "never"
    this.disk = this.random.fork("disk").chance(0.75) ? new Disk() : undefined
    this.server = new Server(this.clock, seed, behaviour)
    this.network = new Network(this.random.fork("network"), this.muted)
    this.poll = this.random.fork("poll").chance(0.1)
      ? { minMs: 1_000, maxMs: 15_000 }
      : { minMs: 2_000, maxMs: 120_000 }
    this.pageSize = this.random.fork("pages").pick([2, 5, 100, 100])
    populate(this.random.fork("world"), this.server, this.manifests)
    this.note(() => `behaviour ${JSON.stringify(behaviour)}`)
    this.note(() => `journal ${this.disk !== undefined}`)
    this.note(() => `settings ${JSON.stringify(this.manifests.stack.apply)}, pages of ${this.pageSize}`)
    this.showWorld()
  }

  async round(at: number): Promise<void> {
    const r = this.random.fork(`round ${at}`)
    const round = someRound(r, at, (what) => this.muted.has(what))
    if (round.changes) this.manifests = changed(r.fork("change"), this.manifests)
    const { network, clock } = this
    const start = clock.time
    this.note(() => `--- round ${at} ${JSON.stringify(round)}`)
    this.note(() => `wishes ${JSON.stringify(this.manifests.wishes)}`)
    network.weather = round.weather
    this.wild = round.wild
    round.meddling.forEach((ms, i) => {
      clock.at(start + ms, () => {
        const what = meddle(r.fork(`somebody ${i}`), this.server, desiredOf(this.manifests))
        this.note(() => `m${i}.${at} ${what}`)
        return false
      })
    })
    this.plannedOutage(r, round)
    if (round.twinAfterMs !== undefined) this.elsewhere = true
    const programs = [this.program(`run ${at}`, r, round, round.killAt, 0, this.disk)]
    if (round.twinAfterMs !== undefined) {
      programs.push(
        this.program(
          `twin ${at}`,
          r.fork("twin"),
          round,
          Number.POSITIVE_INFINITY,
          round.twinAfterMs,
          undefined,
        ),
      )
    }
    await this.run(programs)
    clock.pass(round.restMs)
  }

  /** Nothing goes wrong any more: everything comes right in a few runs. */
  async settle(): Promise<void> {
    const { server, clock, network } = this
    this.note(() => "--- calm")
    network.weather = CALM
    this.wild = 0
    clock.pass(1_900_000)
    this.mend()
    const prune = { orphans: true, retention: true }
    const calm = {
      retryFailed: true,
      keepGoing: true,
      allowed: true,
      prune,
      promptMs: 0,
      interruptAfterMs: undefined,
    }
    for (let i = 1; i <= SETTLING_RUNS; i += 1) {
      const [end] = await this.run([
        this.program(
          `calm ${i}`,
          this.random.fork(`calm ${i}`),
          calm,
          Number.POSITIVE_INFINITY,
          0,
          this.disk,
        ),
      ])
      if (end === undefined || this.violations.length > 0) return
      const rest = leftToDo(server, desiredOf(this.manifests), end.plan)
      if (rest.length === 0) return judgeEnd(server, desiredOf(this.manifests), end.plan, this.tell)
      clock.pass(1_900_000)
      if (i < SETTLING_RUNS) continue
      const left = rest.map((a) => `${a.action} ${a.image} in ${a.region} (${a.reasons.join(", ")})`)
      this.tell("I4", `after ${i} calm runs there is still: ${left.join("; ")}`)
    }
  }

  /** What would last for ever ends; what was taken away comes back. */
  private mend(): void {
    const { server, network } = this
    network.down.clear()
    for (const account of server.box.accounts.list) Object.assign(account, { denied: [], quota: undefined })
    server.box.behaviour.quota = 500
    for (const image of server.world.images()) {
      if (image.fate?.outcome === "never") server.world.changeImage(image.id, { state: "IMPORTFAILED" })
      if (image.state === "PONDERING") server.world.changeImage(image.id, { state: "NORMAL" })
    }
  }

  private plannedOutage(r: Random, { outage }: Round): void {
    if (outage === undefined) return
    const p = r.fork("outage").pick(desiredOf(this.manifests).placements)
    if (p === undefined) return
    const { clock, server, network } = this
    const { at, forMs, what } = outage
    const place = `${p.account}/${p.region}`
    const account = server.box.accounts.list.find(
      (a) => a.uin === (p.account === "second" ? "100000000002" : "100000000001"),
    )
    const set = (on: boolean): boolean => {
      this.note(() => `outage of ${place}: ${what} ${on}`)
      if (what === "down") on ? network.down.add(place) : network.down.delete(place)
      if (what === "denied" && account !== undefined)
        account.denied = on ? ["cvm:ImportImage", "cvm:ModifyImageAttribute"] : []
      if (what === "quota" && account !== undefined) account.quota = on ? 1 : undefined
      return false
    }
    clock.at(clock.time + at, () => set(true))
    clock.at(clock.time + at + forMs, () => set(false))
  }

  private program(
    name: string,
    r: Random,
    how: Pick<Round, "retryFailed" | "keepGoing" | "allowed" | "prune" | "promptMs" | "interruptAfterMs">,
    killAt: number,
    afterMs: number,
    disk: Disk | undefined,
  ): Started {
    const { server, network, clock, options } = this
    const process = new Process(clock, killAt)
    const desired = desiredOf(this.manifests)
    const run: RunFacts = {
      name,
      desired,
      retryFailed: how.retryFailed,
      keepGoing: how.keepGoing,
      allowed: how.allowed,
      certain: this.fenced || (!this.elsewhere && (this.disk !== undefined || !this.uncertain)),
      startedAt: clock.time,
      phase: "planning",
      plannedAt: clock.time,
      calls: 0,
      imports: [],
      sent: new Set(),
      refused: new Set(),
      deletedOf: new Set(),
    }
    const port = chaosPort({
      process,
      server,
      network,
      random: r.fork("retries"),
      pageSize: this.pageSize,
      wrote: (written) => this.wrote(run, written),
      left: (call, parameters) => {
        run.calls += 1
        if (call.action !== "ImportImage" || !call.write) return
        run.sent.add(`${call.account}/${call.region}/${String(parameters.ImageName)}`)
      },
      called: (call, parameters, code) => {
        if (call.action !== "ImportImage" || call.write) return
        const key = `${call.account}/${call.region}/${String(parameters.ImageName)}`
        const fine = code === undefined || code === "DryRunOperation" || code === "InvalidImageName.Duplicate"
        if (fine) run.refused.delete(key)
        else run.refused.add(key)
      },
      note: this.note,
    })
    const tampering = options.tampering ?? {}
    const stop = new AbortController()
    if (how.interruptAfterMs !== undefined) {
      clock.at(clock.time + how.interruptAfterMs, () => {
        if (!process.alive) return false
        this.note(() => `${name} is interrupted`)
        stop.abort(new Error("interrupted"))
        this.uncertain = true
        return true
      })
    }
    const start = async (): Promise<Finished> => {
      if (afterMs > 0) await process.sleep(afterMs)
      return runProgram({
        process,
        cloud: tampering.cloud?.(port, desired.stack.id) ?? port,
        disk,
        random: r.fork("journal"),
        desired,
        planning: {
          retryFailed: how.retryFailed,
          prune: how.prune,
          ...(how.allowed ? { allow: NO_LIMITS } : {}),
        },
        applying: { options: { keepGoing: how.keepGoing, poll: this.poll }, signal: stop.signal },
        promptMs: how.promptMs,
        tampering,
        planned: (plan) => {
          run.plan = plan
          run.phase = "applying"
          this.note(
            () =>
              `${name} plans ${plan.actions.map((a) => `${a.action} ${a.image} ${a.region} [${a.reasons.join(" ")}]`).join("; ")} brakes ${plan.brakes.map((b) => b.limit).join()}`,
          )
        },
        told: (event) => {
          if (event.type !== "placement.settled") return
          this.note(() => `${name} says ${JSON.stringify(event.result)}`)
          judgeResult(server, run, event.result, this.tell)
        },
      })
    }
    return { run, driven: { process, work: start() } }
  }

  private async run(programs: readonly Started[]): Promise<readonly (Finished | undefined)[]> {
    this.runs += programs.length
    const ends = await drive(
      this.clock,
      programs.map((p) => p.driven),
      MAX_RUN_MS,
    )
    return programs.map(({ run }, i) => {
      const end = ends[i]
      run.phase = "ended"
      if (end === "hung") this.tell("I7", `${run.name} never ends`)
      if (end === "killed") {
        this.note(() => `${run.name} was killed`)
        this.kills += 1
        this.uncertain = true
      }
      if (typeof end !== "object") return undefined
      if ("error" in end) {
        this.tell(
          "crash",
          end.error instanceof Error ? (end.error.stack ?? end.error.message) : String(end.error),
        )
        return undefined
      }
      const { report } = end.value
      if (report !== undefined) {
        judgeReport(this.server, run, report, this.tell)
        const open = report.results.some((r) => r.outcome === "unknown" || r.outcome === "running")
        if (open) this.uncertain = true
      }
      this.bounded(run)
      return end.value
    })
  }

  /** I7: so many calls and no more, by what was to be done and how long it took. */
  private bounded(run: RunFacts): void {
    const actions = run.plan?.actions.length ?? 0
    const regions = new Set(run.desired.placements.map((p) => `${p.account}/${p.region}`)).size
    const seconds = (this.clock.time - run.startedAt) / 1_000
    const most = 500 + 300 * actions + 5 * regions * (100 + seconds / 5)
    if (run.calls > most)
      this.tell("I7", `${run.name} made ${run.calls} calls in ${seconds} s for ${actions} actions`)
  }

  private wrote(run: RunFacts, written: Written): void {
    judgeWrite(this.server, run, written, this.tell)
    if (written.action !== "ImportImage") return
    this.imports += 1
    const id = `i${this.imports}`
    const image = this.server.images(written.account, written.region).get(written.imageIds[0] ?? "")
    if (image === undefined || this.muted.has(id)) return
    const what = decree(this.random.fork(id), this.server, this.clock, image, this.wild)
    if (what !== "") this.note(() => `${id} ${what}`)
  }

  private readonly tell = (law: string, text: string): void => {
    this.note(() => `!!! ${law}: ${text}`)
    if (!this.violations.some((v) => v.law === law && v.text === text)) this.violations.push({ law, text })
  }

  private readonly note = (what: () => string): void => {
    if (this.options.trace === true) this.trace.push(`${(this.clock.time / 1_000).toFixed(3)} ${what()}`)
  }

  private showWorld(): void {
    for (const i of this.options.trace === true ? this.server.world.images() : []) {
      const { id, region, name, state, family, deprecated, description, tags, shares } = i
      this.note(() =>
        JSON.stringify({ id, region, name, state, family, deprecated, description, tags, shares }),
      )
    }
  }
}

interface Started {
  readonly run: RunFacts
  readonly driven: Driven<Finished>
}
