import { resolve } from "node:path"
import { createInterface } from "node:readline/promises"
import type { Cloud } from "../../cloud/port.ts"
import type { ApprovalSet, PlanningChoices } from "../../model/approval.ts"
import type { Desired } from "../../model/desired.ts"
import { applyExitCode, type Result, type Skip } from "../../model/outcome.ts"
import type { Scope } from "../../model/placement.ts"
import type { Action, Plan } from "../../model/plan.ts"
import { type Approval, approvalProblem, approve } from "../../plan/index.ts"
import { envProblem } from "../../report/apply-env.ts"
import { type ApplyOutput, applyOutput } from "../../report/apply-images.ts"
import { applyFormats, planFormats } from "../../report/formats.ts"
import { renderStale } from "../../report/plan-diff.ts"
import { checkAccounts } from "../approvals.ts"
import { readApprovalSet } from "../approvals-read.ts"
import { type ChoiceOptions, choicesOf } from "../choices.ts"
import { logFormatOf, withJsonLog } from "../events.ts"
import { EXIT, hasCheckErrors, planExitCode, UnusableFile, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"
import { applyRecorded, type Held, holdStack, type Recorded, recordFound } from "../journal.ts"
import { openOf } from "../journal-look.ts"
import { type LoadedFor, loadStackOf } from "../load.ts"
import { loadRenderers, type OutputRequest, parseOutputs, type Renderers, writeResults } from "../outputs.ts"
import { type Progress, showProgress } from "../progress.ts"
import { writeStepSummary } from "../step-summary.ts"
import { type Planned, type PlanningHow, planToApply } from "../world.ts"

export interface ApplyCommandOptions extends ChoiceOptions {
  readonly output: readonly string[]
  readonly plan?: string
  readonly yes?: boolean
  readonly keepGoing?: boolean
  readonly checks?: boolean
  readonly endpoint?: string
  readonly logFormat?: string
  /** False: `--no-wait`. */
  readonly wait?: boolean
}

/** Rehearsals in an approval set count for an hour. */
const REHEARSAL_MS = 3_600_000

/** Plans, asks, and makes it so. */
export async function applyCommand(raw: Io, dir: string, options: ApplyCommandOptions): Promise<number> {
  const logFormat = logFormatOf(options.logFormat)
  const io = logFormat === "json" ? withJsonLog(raw) : raw
  const requests = parseOutputs(options.output, Object.keys(applyFormats))
  const saved = options.plan === undefined ? undefined : readApprovalSet(io, options.plan)
  const choices = saved === undefined ? choicesOf(options) : choicesOfSet(saved, options)
  if (options.yes !== true && io.stdin.isTTY !== true) {
    throw new UsageError("apply asks before it changes anything; without a terminal to ask on it needs --yes")
  }
  if (options.yes !== true && logFormat === "json") {
    throw new UsageError("--log-format json leaves no place to ask on; it needs --yes")
  }
  const loaded = await loadStackOf(io, dir)
  if (typeof loaded === "number") return loaded
  if (saved !== undefined) checkStack(saved, loaded.desired, options.plan ?? "the plan")
  const accounts = loaded.desired.stack.accounts.length > 1
  const clash = requests.some((r) => r.format === "env") && envProblem(loaded.desired.placements, accounts)
  if (typeof clash === "string") throw new UsageError(clash)
  const held = holdStack(io, loaded.directory ?? resolve(io.cwd, dir))
  try {
    return await applyHeld(
      { io, held, loaded, choices, saved, options, requests },
      showProgress(raw, logFormat),
    )
  } finally {
    held.release()
  }
}

interface Asked {
  readonly io: Io
  readonly held: Held
  readonly loaded: LoadedFor
  readonly choices: PlanningChoices
  readonly saved: ApprovalSet | undefined
  readonly options: ApplyCommandOptions
  readonly requests: readonly OutputRequest[]
}

async function applyHeld(asked: Asked, progress: Progress): Promise<number> {
  const { io, held, loaded, choices, saved, options, requests } = asked
  const planned = await planToApply(io, loaded.desired, {
    choices,
    ...openOf(held.journals),
    checks: options.checks !== false,
    rehearse: false,
    ...(saved === undefined ? {} : repeating(saved, options)),
    onRetry: progress.retried,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
  })
  try {
    if (saved !== undefined) await checkAccounts(saved, planned.cloud, options.plan ?? "the plan")
    const approval =
      saved === undefined
        ? unconditional(planned.plan)
        : approve(planned.plan, saved, planned.observed.sources)
    return await carryOut({
      io,
      held,
      desired: loaded.desired,
      planned,
      approval,
      saved,
      options,
      requests,
      progress,
    })
  } finally {
    progress.close()
    planned.cloud.close()
  }
}

/** A set brings its own choices; those of the command line would make it mean something else than was reviewed. */
function choicesOfSet(saved: ApprovalSet, options: ApplyCommandOptions): ApprovalSet["choices"] {
  const given = choicesOf(options)
  const { images, regions, accounts, labels, prune, retryFailed, allow } = given
  const lists = [images, regions, accounts, labels, Object.keys(allow)]
  if (lists.some((l) => l.length > 0) || prune.orphans || prune.retention || retryFailed) {
    throw new UsageError(
      "apply --plan repeats what the plan was made with; selections, --prune, --retry-failed and --allow-* belong to plan --out",
    )
  }
  return saved.choices
}

/**
 * What makes the plan comparable with the saved one: the same names, the same regions, and source objects that were
 * looked at if they were then. Those that the set pins are looked at whatever `--no-checks` says.
 */
function repeating(
  saved: ApprovalSet,
  { checks }: ApplyCommandOptions,
): Pick<PlanningHow, "repeated" | "scopes" | "sources"> {
  const { sources } = saved
  const looks = sources !== undefined && (checks !== false || Object.keys(sources).length > 0)
  return { repeated: true, scopes: retirementsOf(saved), sources: looks }
}

/** Where images were to retire: the manifests need not name these regions. */
function retirementsOf({ plan }: ApprovalSet): readonly Scope[] {
  const retirements = plan.actions.filter((a) => a.action === "delete" || a.action === "deprecate")
  return retirements.map(({ account, region }) => ({ account, region }))
}

function unconditional(plan: Plan): Approval {
  return { plan, done: [], stale: [], notApproved: [] }
}

/** Before anybody is asked: a set is for one stack of one site. */
function checkStack(set: ApprovalSet, { stack }: Desired, file: string): void {
  const problem = approvalProblem({ stack: stack.name, stackId: stack.id, site: stack.site }, set)
  if (problem !== undefined) throw new UnusableFile(`${file} cannot be applied: ${problem}`)
}

interface Work {
  readonly io: Io
  readonly held: Held
  readonly desired: Desired
  readonly planned: Planned<Cloud>
  readonly approval: Approval
  readonly saved: ApprovalSet | undefined
  readonly options: ApplyCommandOptions
  readonly requests: readonly OutputRequest[]
  readonly progress: Progress
}

async function carryOut(work: Work): Promise<number> {
  const { io, approval, options, requests } = work
  const { plan } = approval
  const renderers = await loadRenderers(applyFormats, requests)
  // The plan is for reading, the result may be for a machine: they must not share standard output then.
  const textOnStdout = requests.some((r) => r.format === "text" && r.file === undefined)
  const reading = textOnStdout ? io.stdout : io.stderr
  if (textOnStdout || options.logFormat !== "json") {
    const to = { color: reading.color, width: reading.width }
    reading.write((await planFormats.text())(plan, to))
    if (approval.stale.length > 0) reading.write(renderStale(approval.stale, to))
  }

  const apart = setApart(approval)
  const stopped = standstill(plan, options.keepGoing === true)
  if (stopped !== undefined) {
    await recordFound(io, work.held, work.planned)
    const output = outputOf(work, [...untouched(plan, stopped.why), ...apart])
    if (textOnStdout && output.results.length > 0) reading.write("\n")
    // An empty table says nothing that the plan above it did not.
    const wanted = output.results.length > 0 ? requests : requests.filter((r) => r.format !== "text")
    const planned = planExitCode(plan, false)
    const stale = approval.stale.length > 0 && planned !== EXIT.failed
    return write(io, wanted, renderers, output, stale ? Math.max(planned, EXIT.stale) : planned)
  }
  if (options.yes !== true && !(await confirmed(io))) {
    reading.write("Nothing was changed.\n")
    return io.interrupted() ?? EXIT.failed
  }
  reading.write("\n")
  const { results, complete } = await performed(work)
  const output = outputOf(work, [...results, ...apart])
  const code = io.interrupted() ?? (applyExitCode(output.results) || (complete ? EXIT.done : EXIT.failed))
  return write(io, requests, renderers, output, code)
}

function performed(work: Work): Promise<Recorded> {
  const { io, held, approval, options, planned, desired, progress } = work
  const wait = options.wait === false ? { wait: false } : {}
  return applyRecorded({
    io,
    held,
    plan: approval.plan,
    planned,
    settings: desired.stack.apply,
    options: { keepGoing: options.keepGoing === true, rehearsed: rehearsedLately(work), ...wait },
    progress,
  })
}

/** Why nothing is started at all; undefined: something is. */
function standstill(plan: Plan, keepGoing: boolean): { readonly why?: Skip } | undefined {
  if (plan.brakes.length > 0) return { why: "over_limit" }
  if (plan.actions.every((a) => a.action === "keep" || a.action === "refuse")) return {}
  return hasCheckErrors(plan) && !keepGoing ? { why: "check_failed" } : undefined
}

/** What a run that starts nothing leaves undone. */
function untouched(plan: Plan, why: Skip | undefined): Result[] {
  return plan.actions.flatMap((a) =>
    a.action === "keep" ? [] : [row(a, "skipped", a.action === "refuse" ? a.refusal : why)],
  )
}

/** What an approval set says beside the actions that run. */
function setApart(approval: Approval): Result[] {
  return [
    ...approval.done.map((a) => row(a, "done", undefined)),
    ...approval.stale.map((s) => ({ ...row(s.approved, "stale", undefined), stale: s })),
    ...approval.notApproved.map((a) => row(a, "not_approved", undefined)),
  ]
}

function row(a: Action, outcome: Result["outcome"], reason: Result["reason"]): Result {
  return {
    image: a.image,
    account: a.account,
    region: a.region,
    action: a.action,
    outcome,
    durationMs: 0,
    ...("imageId" in a && a.imageId !== undefined ? { imageId: a.imageId } : {}),
    ...(reason === undefined ? {} : { reason }),
  }
}

function outputOf({ planned, desired }: Work, results: readonly Result[]): ApplyOutput {
  return applyOutput({ plan: planned.plan, results, accounts: desired.stack.accounts.length > 1 })
}

function write(
  io: Io,
  requests: readonly OutputRequest[],
  renderers: (output: ApplyOutput) => Renderers,
  output: ApplyOutput,
  code: number,
): number {
  const written = writeResults(io, requests, renderers(output), code)
  if (requests.some((r) => r.format === "github")) writeStepSummary(io, output)
  return written
}

function rehearsedLately({ io, saved }: Work): ReadonlySet<string> {
  const now = io.clock.now()
  const entries = Object.entries(saved?.rehearsed ?? {})
  return new Set(entries.filter(([, at]) => at <= now && now - at < REHEARSAL_MS).map(([digest]) => digest))
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
