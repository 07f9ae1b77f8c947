import { createInterface } from "node:readline/promises"
import { apply } from "../../apply/apply.ts"
import type { ApplyReport, Result } from "../../model/outcome.ts"
import { applyExitCode } from "../../model/outcome.ts"
import type { Plan } from "../../model/plan.ts"
import { isEmpty } from "../../plan/index.ts"
import { applyFormats, planFormats } from "../../report/formats.ts"
import { EXIT, planExitCode, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"
import { type OutputRequest, parseOutputs, writeOutputs } from "../outputs.ts"
import { showProgress } from "../progress.ts"
import { type Planned, type PlanningOptions, planDirectory } from "../world.ts"

export interface ApplyCommandOptions extends PlanningOptions {
  readonly output: readonly string[]
  readonly yes?: boolean
  readonly keepGoing?: boolean
}

/** Plans, asks, and makes it so. */
export async function applyCommand(io: Io, dir: string, options: ApplyCommandOptions): Promise<number> {
  const requests = parseOutputs(options.output, Object.keys(applyFormats))
  if (options.yes !== true && io.stdin.isTTY !== true) {
    throw new UsageError("apply asks before it changes anything; without a terminal to ask on it needs --yes")
  }
  const progress = showProgress(io)
  const planned = await planDirectory(io, dir, options, { mayWrite: true, onRetry: progress.retried })
  if (typeof planned === "number") return planned
  try {
    return await carryOut(io, planned, options, requests, progress)
  } finally {
    progress.close()
    planned.cloud.close()
  }
}

async function carryOut(
  io: Io,
  planned: Planned,
  options: ApplyCommandOptions,
  requests: readonly OutputRequest[],
  progress: ReturnType<typeof showProgress>,
): Promise<number> {
  const { plan } = planned
  // The plan is for reading, the result may be for a machine: they must not share standard output then.
  const textOnStdout = requests.some((r) => r.format === "text" && r.file === undefined)
  const reading = textOnStdout ? io.stdout : io.stderr
  reading.write(planFormats.text(plan, { color: reading.color, width: reading.width }))

  const stopped = plan.brakes.length > 0
  if (stopped || isEmpty(plan) || !plan.actions.some((a) => a.action !== "keep" && a.action !== "refuse")) {
    write(io, requests, plan, { formatVersion: 1, stack: plan.stack, results: untouched(plan) })
    return planExitCode(plan, false)
  }
  if (options.yes !== true && !(await confirmed(io))) {
    reading.write("Nothing was changed.\n")
    return io.interrupted() ?? EXIT.failed
  }
  reading.write("\n")
  const report = await progress.follow(
    apply(plan, {
      cloud: planned.cloud,
      clock: io.clock,
      signal: io.signal,
      settings: planned.desired.stack.apply,
      options: { keepGoing: options.keepGoing === true },
    }),
  )
  write(io, requests, plan, report)
  return io.interrupted() ?? applyExitCode(report.results)
}

/** What a run that starts nothing leaves undone. */
function untouched(plan: Plan): Result[] {
  return plan.actions.flatMap((a): Result[] =>
    a.action === "keep"
      ? []
      : [
          {
            image: a.image,
            account: a.account,
            region: a.region,
            action: a.action,
            outcome: "skipped",
            reason: a.action === "refuse" ? a.refusal : "over_limit",
            durationMs: 0,
          },
        ],
  )
}

function write(io: Io, requests: readonly OutputRequest[], plan: Plan, report: ApplyReport): void {
  const renderers = Object.fromEntries(
    Object.entries(applyFormats).map(([name, render]) => [
      name,
      (to: { readonly color: boolean; readonly width: number }) => render(report, to),
    ]),
  )
  const nothing = isEmpty(plan)
  writeOutputs(
    io,
    nothing ? requests.filter((r) => r.format !== "text" || r.file !== undefined) : requests,
    renderers,
  )
}

async function confirmed(io: Io): Promise<boolean> {
  const prompt = createInterface({ input: io.stdin, output: process.stderr })
  // While a line is edited the terminal hands Ctrl-C on as a key.
  prompt.once("SIGINT", () => process.kill(process.pid, "SIGINT"))
  try {
    const answer = await prompt.question("Carry this plan out? Only 'yes' goes on: ", { signal: io.signal })
    return answer.trim() === "yes"
  } catch {
    return false
  } finally {
    prompt.close()
  }
}
