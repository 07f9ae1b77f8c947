/** Programs on the stage: started, run side by side until they end or die, and judged by what they say. */
import type { RunFacts } from "../checker/facts.ts"
import { judgeCalls, judgeReport, judgeResult } from "../checker/results.ts"
import { type Driven, drive, Process } from "./clock.ts"
import type { Disk } from "./disk.ts"
import { desiredOf } from "./manifests.ts"
import { chaosPort } from "./port.ts"
import { type Finished, runProgram } from "./program.ts"
import type { Random } from "./random.ts"
import type { Round } from "./scene.ts"
import type { Stage } from "./stage.ts"

const NO_LIMITS = { maxDeletes: 999, maxReplaces: 999, maxFamilyMoves: 999, maxDeprecates: 999 }
const MAX_RUN_MS = 60 * 3_600_000

export interface Role {
  readonly name: string
  readonly random: Random
  readonly how: Pick<
    Round,
    "retryFailed" | "keepGoing" | "allowed" | "prune" | "promptMs" | "interruptAfterMs"
  >
  /** Dealings with the outside until it dies. */
  readonly killAt?: number
  /** The same, counted from its first accepted import. */
  readonly killAfterImport?: number | undefined
  readonly afterMs?: number
  readonly disk: Disk | undefined
}

export interface Started {
  readonly run: RunFacts
  readonly driven: Driven<Finished>
}

export function startProgram(stage: Stage, role: Role): Started {
  const { server, network, clock } = stage
  const { name, random: r, how, disk } = role
  const process = new Process(clock, role.killAt)
  const run = factsOf(stage, role)
  const port = chaosPort({
    process,
    server,
    network,
    random: r.fork("retries"),
    pageSize: stage.pageSize,
    wrote(written) {
      stage.wrote(run, written)
      const steps = role.killAfterImport
      if (steps !== undefined && written.action === "ImportImage") process.dieIn(steps)
    },
    left: (call, parameters) => {
      run.calls += 1
      if (call.action === "ImportImage" && call.write) run.sent.add(keyOf(call, parameters))
    },
    called: (call, parameters, code) => {
      if (call.action !== "ImportImage" || call.write) return
      const fine = code === undefined || code === "DryRunOperation" || code === "InvalidImageName.Duplicate"
      if (fine) run.refused.delete(keyOf(call, parameters))
      else run.refused.add(keyOf(call, parameters))
    },
    note: stage.note,
  })
  const tampering = stage.options.tampering ?? {}
  const { desired } = run
  const start = async (): Promise<Finished> => {
    if (role.afterMs !== undefined) await process.sleep(role.afterMs)
    return runProgram({
      process,
      cloud: tampering.cloud?.(port, desired.stack.id) ?? port,
      disk: tampering.forgetful === true ? undefined : disk,
      random: r.fork("journal"),
      desired,
      planning: {
        retryFailed: how.retryFailed,
        prune: how.prune,
        ...(how.allowed ? { allow: NO_LIMITS } : {}),
      },
      applying: {
        options: { keepGoing: how.keepGoing, poll: stage.poll },
        signal: interrupt(stage, process, role),
      },
      promptMs: how.promptMs,
      tampering,
      planned(plan) {
        run.plan = plan
        run.phase = "applying"
        const rows = plan.actions.map((a) => `${a.action} ${a.image} ${a.region} [${a.reasons.join(" ")}]`)
        stage.note(
          () => `${name} plans ${rows.join("; ")}; brakes: ${plan.brakes.map((b) => b.limit).join()}`,
        )
      },
      told(event) {
        if (event.type !== "placement.settled") return
        stage.note(() => `${name} says ${JSON.stringify(event.result)}`)
        judgeResult(server, run, event.result, stage.tell)
      },
    })
  }
  return { run, driven: { process, work: start() } }
}

function keyOf(
  call: { readonly account: string; readonly region: string },
  p: Record<string, unknown>,
): string {
  return `${call.account}/${call.region}/${String(p.ImageName)}`
}

function factsOf(stage: Stage, { name, how }: Role): RunFacts {
  // As things are when it is asked: a call may arrive when its program is long dead.
  const remembered = (): boolean => !stage.elsewhere && (stage.disk !== undefined || !stage.uncertain)
  return {
    name,
    desired: desiredOf(stage.manifests),
    retryFailed: how.retryFailed,
    keepGoing: how.keepGoing,
    allowed: how.allowed,
    get certain() {
      return stage.fenced || remembered()
    },
    get remembered() {
      return remembered()
    },
    alone: !stage.elsewhere,
    startedAt: stage.clock.time,
    phase: "planning",
    plannedAt: stage.clock.time,
    calls: 0,
    imports: [],
    sent: new Set(),
    refused: new Set(),
    clearedFailures: new Set(),
    smooth: stage.network.weather.faults + stage.network.weather.throttles === 0,
    deletedOf: new Set(),
  }
}

function interrupt(stage: Stage, process: Process, { name, how }: Role): AbortSignal {
  const stop = new AbortController()
  if (how.interruptAfterMs === undefined) return stop.signal
  stage.clock.at(stage.clock.time + how.interruptAfterMs, () => {
    if (!process.alive) return false
    stage.note(() => `${name} is interrupted`)
    stop.abort(new Error("interrupted"))
    stage.uncertain = true
    return true
  })
  return stop.signal
}

/** Until all have ended or are dead; what each came to, if it ended. */
export async function runAll(
  stage: Stage,
  programs: readonly Started[],
): Promise<readonly (Finished | undefined)[]> {
  stage.runs += programs.length
  const driven = programs.map((p) => p.driven)
  const ends = await drive(stage.clock, driven, MAX_RUN_MS)
  return programs.map(({ run }, i) => {
    const end = ends[i]
    run.phase = "ended"
    if (end === "hung") stage.tell("I7", `${run.name} never ends`)
    if (end === "killed") {
      stage.note(() => `${run.name} was killed`)
      stage.kills += 1
      stage.uncertain = true
    }
    if (typeof end !== "object") return undefined
    if ("error" in end) {
      const { error } = end
      stage.tell("crash", error instanceof Error ? (error.stack ?? error.message) : String(error))
      return undefined
    }
    const { report } = end.value
    if (report !== undefined) {
      judgeReport(stage.server, run, report, stage.tell)
      const open = report.results.some((r) => r.outcome === "unknown" || r.outcome === "running")
      if (open) stage.uncertain = true
    }
    judgeCalls(run, stage.clock.time, stage.tell)
    return end.value
  })
}
