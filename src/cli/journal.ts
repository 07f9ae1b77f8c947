/** What a run of apply or wait has on disc: the stack's lock, and the journals below its directory. */
import { type ApplyContext, apply } from "../apply/apply.ts"
import type { Journal } from "../apply/journal.ts"
import { beginJournal } from "../apply/journal-begin.ts"
import { foundOf } from "../apply/journal-open.ts"
import { PlaceRefused } from "../apply/journal-place.ts"
import { type Journals, readJournals } from "../apply/journal-read.ts"
import { estimateOf } from "../apply/journal-state.ts"
import { type Lock, LockHeld, takeLock } from "../apply/lock.ts"
import type { Cloud } from "../cloud/port.ts"
import type { Result } from "../model/outcome.ts"
import type { Action, Plan } from "../model/plan.ts"
import { systemMessage, systemWords } from "../model/system-error.ts"
import { terminalText } from "../report/escape.ts"
import { UnusableFile } from "./exit.ts"
import type { Io } from "./io.ts"
import type { Progress } from "./progress.ts"
import { startTelemetry } from "./telemetry.ts"
import type { Planned } from "./world.ts"

/** A stack that nobody else on this machine applies meanwhile. */
export interface Held {
  readonly directory: string
  readonly journals: Journals
  release(): void
}

/** Takes the stack's lock and reads what earlier runs left. Throws UnusableFile: nothing was changed then. */
export function holdStack(io: Io, directory: string): Held {
  let lock: Lock | undefined
  try {
    lock = takeLock(directory, io.clock.now())
    const held = lock
    return {
      directory,
      journals: readJournals(directory, io.clock.now()),
      release: () => held.release(),
    }
  } catch (error) {
    lock?.release()
    throw unusable(error)
  }
}

export interface RecordedRun {
  readonly io: Io
  readonly held: Held
  readonly plan: Plan
  readonly planned: Planned<Cloud>
  readonly settings: ApplyContext["settings"]
  readonly options: NonNullable<ApplyContext["options"]>
  readonly progress: Progress
}

export interface Recorded {
  readonly results: readonly Result[]
  /** Everything of the run is in its journal. */
  readonly complete: boolean
}

/** Applies with a journal. Throws UnusableFile where none can be begun: nothing was sent then. */
export async function applyRecorded(run: RecordedRun): Promise<Recorded> {
  const { io, held, planned, plan, settings, progress } = run
  const journal = await begin(run)
  const telemetry = await startTelemetry(io, plan.stack)
  try {
    takeIn(journal, planned)
    const { took } = journal.past
    const running = apply(plan, {
      cloud: planned.cloud,
      clock: io.clock,
      signal: io.signal,
      settings,
      journal,
      options: { estimateMs: (action) => estimate(took, action), ...run.options },
    })
    const { results } = await progress.follow(running, telemetry?.event)
    await journal.close()
    return { results, complete: tellUnwritten(io, held, journal) }
  } finally {
    await journal.close()
    await telemetry?.close()
  }
}

/** Writes down what the plan's listings show of earlier imports, where a run has nothing else to do. */
export async function recordFound(io: Io, held: Held, planned: Planned): Promise<void> {
  const { past } = held.journals
  const found = foundOf(past.open, planned.observed)
  if (found.length === 0 && past.unfinished.length === 0) return
  const journal = await begin({ io, held, plan: planned.plan })
  takeIn(journal, planned)
  await journal.close()
}

async function begin({ io, held, plan }: Pick<RecordedRun, "io" | "held" | "plan">): Promise<Journal> {
  const { directory, journals } = held
  try {
    return await beginJournal({ directory, journals, stackId: plan.stackId, clock: io.clock })
  } catch (error) {
    throw unusable(error)
  }
}

/** What the listings of the plan show of earlier imports, and which of these have nothing left to be done. */
function takeIn(journal: Journal, { plan, observed }: Planned): void {
  for (const { intent, image } of foundOf(journal.past.open, observed)) {
    if (image.state === "NORMAL") journal.arrived(intent, image.id)
    else if (image.state.endsWith("FAILED")) journal.failed(intent, image.state)
    else journal.visible(intent, image.id)
  }
  for (const action of plan.actions) if (action.action === "keep") journal.settled(action)
}

function estimate(took: Journals["past"]["took"], action: Action): number | undefined {
  if (action.action !== "import" && action.action !== "retry" && action.action !== "replace") return undefined
  const format = /\.([a-z0-9]{2,5})(?:[?#]|$)/i.exec(action.request.url)?.[1]?.toLowerCase() ?? ""
  return estimateOf(took, format, action.region)
}

/** False, and said, where something of the run is not in the journal. */
function tellUnwritten(io: Io, { directory }: Held, journal: Journal): boolean {
  const { failure, unwritten } = journal
  if (failure === undefined) return true
  const accepted = unwritten.filter(({ type }) => type === "ACCEPTED")
  const lines = [
    `cvmimg: the journal could not be written to the end: ${systemWords(failure)}`,
    ...accepted.map(
      ({ attempt, requestId }) => `  accepted and not recorded: ${attempt}, request id ${requestId}`,
    ),
    `  Nothing was sent after that. Mend it, then go on with: cvmimg apply ${directory}`,
  ]
  io.stderr.write(lines.map((line) => `${terminalText(line)}\n`).join(""))
  return false
}

function unusable(error: unknown): Error {
  if (error instanceof LockHeld) {
    return new UnusableFile(
      `another cvmimg applies this stack: ${error.message}. Wait until it is done, or stop it`,
    )
  }
  if (error instanceof PlaceRefused || isOfSystem(error)) {
    return new UnusableFile(`the journal cannot be used, so that nothing was sent: ${systemMessage(error)}`)
  }
  return error as Error
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === "string"
}
