/**
 * Goes on with what an earlier apply left under way: waits for the imports of the stack, and carries out what comes
 * after them. Imports nothing, and changes nothing that is not the rest of something begun.
 */
import { resolve } from "node:path"
import { applyExitCode, type Result } from "../../model/outcome.ts"
import { placementKey } from "../../model/placement.ts"
import type { Action, Plan } from "../../model/plan.ts"
import { applyOutput } from "../../report/apply-images.ts"
import { applyFormats, planFormats } from "../../report/formats.ts"
import { counted } from "../../report/value.ts"
import { choicesOf } from "../choices.ts"
import { logFormatOf, withJsonLog } from "../events.ts"
import { EXIT } from "../exit.ts"
import type { Io } from "../io.ts"
import { applyRecorded, type Held, holdStack, recordFound } from "../journal.ts"
import { type LoadedFor, loadStackOf } from "../load.ts"
import { loadRenderers, parseOutputs, writeResults } from "../outputs.ts"
import { type Progress, showProgress } from "../progress.ts"
import { planToApply } from "../world.ts"

export interface WaitCommandOptions {
  readonly output: readonly string[]
  readonly endpoint?: string
  readonly logFormat?: string
}

/** Waits, and finishes what was begun. */
export async function waitCommand(raw: Io, dir: string, options: WaitCommandOptions): Promise<number> {
  const logFormat = logFormatOf(options.logFormat)
  const io = logFormat === "json" ? withJsonLog(raw) : raw
  parseOutputs(options.output, Object.keys(applyFormats))
  const loaded = await loadStackOf(io, dir)
  if (typeof loaded === "number") return loaded
  const held = holdStack(io, loaded.directory ?? resolve(io.cwd, dir))
  const progress = showProgress(raw, logFormat)
  try {
    return await waitHeld(io, held, loaded, options, progress)
  } finally {
    progress.close()
    held.release()
  }
}

async function waitHeld(
  io: Io,
  held: Held,
  { desired }: LoadedFor,
  options: WaitCommandOptions,
  progress: Progress,
): Promise<number> {
  const requests = parseOutputs(options.output, Object.keys(applyFormats))
  const renderers = await loadRenderers(applyFormats, requests)
  const planned = await planToApply(io, desired, {
    choices: choicesOf({}),
    // Whose source a staged image is of is told by the object itself.
    checks: true,
    rehearse: false,
    open: held.journals.past.open,
    onRetry: progress.retried,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
  })
  try {
    const { plan } = planned
    const only = begun(held)
    const rest = plan.actions.filter(only)
    if (plan.brakes.length > 0 && rest.length > 0) {
      const text = await planFormats.text()
      io.stderr.write(text(plan, { color: io.stderr.color, width: io.stderr.width }))
      io.stderr.write("The plan exceeds a safety limit, so that nothing was done.\n")
      return EXIT.refused
    }
    let results: readonly Result[] = []
    let complete = true
    if (rest.length === 0) await recordFound(io, held, planned)
    else {
      const { apply: settings } = desired.stack
      ;({ results, complete } = await applyRecorded({
        io,
        held,
        plan,
        planned,
        settings,
        options: { only, imports: false },
        progress,
      }))
    }
    const accounts = desired.stack.accounts.length > 1
    const code = io.interrupted() ?? (applyExitCode(results) || (complete ? EXIT.done : EXIT.failed))
    const written = writeResults(io, requests, renderers(applyOutput({ plan, results, accounts })), code)
    tellLeft(io, plan, rest)
    return written
  } finally {
    planned.cloud.close()
  }
}

/**
 * What is the rest of something begun: imports under way, replacements whose new image stands, and what comes after an
 * import that the journal saw accepted. An import that may have been sent is looked for; only apply sends it again.
 */
function begun({ journals }: Held): (action: Action) => boolean {
  const { open, unfinished } = journals.past
  const sent = new Set(open.map(placementKey))
  const imported = new Set([...sent, ...unfinished.map(placementKey)])
  return (action) => {
    if (sent.has(placementKey(action)) && sendsImport(action)) return true
    if (action.action === "await") return true
    if (action.action === "replace" && action.staged !== undefined) return true
    if (action.action === "restore") return action.reasons.some((reason) => reason.startsWith("half_done"))
    return action.action === "update" && imported.has(placementKey(action))
  }
}

function sendsImport(action: Action): boolean {
  if (action.action === "replace") return action.staged === undefined
  return action.action === "import" || action.action === "retry"
}

function tellLeft(io: Io, { actions }: Plan, rest: readonly Action[]): void {
  const left = actions.filter((a) => a.action !== "keep" && a.action !== "refuse" && !rest.includes(a))
  if (left.length > 0) io.stderr.write(`${counted(left.length, "other action")} left to apply.\n`)
}
