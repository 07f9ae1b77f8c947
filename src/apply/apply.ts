/**
 * Carrying a plan out, in five steps, each of which ends some actions and hands the rest on:
 *
 * 1. refusals end at once, as skipped;
 * 2. tags are made known to the accounts; actions whose tags cannot be fail;
 * 3. imports are rehearsed; those that fail, fail, and unless `keepGoing`, nothing else is started;
 * 4. what is left is performed, all side by side: limits are kept where they belong, on the wire (`concurrency`) and
 *    in the region's room (`maxImporting`), and waiting for imports holds no place on the wire;
 * 5. images are taken out of use when all of that has ended: what replacements left behind, orphans, and what is
 *    beyond a retention.
 *
 * Events go through a channel to whoever iterates. A failed call is a result and never an exception; an exception is
 * a fault of this program.
 */
import type { Failure } from "../model/failure.ts"
import type { ApplyEvent, ApplyReport } from "../model/outcome.ts"
import type { Action, Plan, RefuseAction } from "../model/plan.ts"
import { Channel } from "./channel.ts"
import { perform, type Task } from "./perform/index.ts"
import { retireReplaced } from "./perform/retire.ts"
import { isRehearsed, type Rehearsal, rehearse } from "./rehearse.ts"
import { type ApplyContext, type Ending, isRetirement, Run, skipped } from "./run.ts"
import { Stop } from "./stop.ts"
import { ensureTags } from "./tags.ts"

export type { ApplyContext, ApplyOptions } from "./run.ts"

/**
 * Applies the plan. Yields events while it works; returns the report, which the last event (`run.settled`) holds as
 * well. The report has a row for each action but `keep`. Whoever stops iterating interrupts the run.
 */
export async function* apply(
  plan: Plan,
  context: ApplyContext,
): AsyncGenerator<ApplyEvent, ApplyReport, void> {
  const events = new Channel<ApplyEvent>()
  const run = new Run(plan, context, (event) => events.push(event))
  const interrupt = (): void => run.interrupt()
  const { signal } = context
  signal?.addEventListener("abort", interrupt, { once: true })
  let finished = false
  const work = carryOut(run, signal).finally(() => {
    finished = true
    events.close()
  })
  try {
    yield* events.drain()
  } finally {
    if (!finished) run.interrupt()
    await work
    signal?.removeEventListener("abort", interrupt)
  }
  return { formatVersion: 1, stack: plan.stack, results: run.results() }
}

async function carryOut(run: Run, signal: AbortSignal | undefined): Promise<void> {
  const all = run.plan.actions.filter((a) => a.action !== "keep")
  const actions = all.filter(run.only)
  for (const action of all) if (!run.only(action)) run.leave(action)
  run.emit({ type: "run.started", actions: actions.length })
  if (signal?.aborted === true) run.interrupt()
  const tagged = await withTags(run, withoutRefused(run, actions))
  await performAll(run, await rehearsed(run, tagged))
  run.emit({ type: "run.settled", results: run.results() })
}

function withoutRefused(run: Run, actions: readonly Exclude<Action, { action: "keep" }>[]): readonly Task[] {
  const tasks: Task[] = []
  for (const a of actions) {
    if (a.action !== "refuse") tasks.push(a)
    else run.settle(a, refusal(a))
  }
  return tasks
}

function refusal({ refusal: reason, imageId, failure }: RefuseAction): Ending {
  return {
    outcome: "skipped",
    reason,
    ...(imageId === undefined ? {} : { imageId }),
    ...(failure === undefined ? {} : { error: failure }),
  }
}

async function withTags(run: Run, tasks: readonly Task[]): Promise<readonly Task[]> {
  const failures = await ensureTags(run, tasks)
  return tasks.filter((task) => {
    const error = failures.get(task)
    if (error === undefined) return true
    // What is awaited goes on in the cloud by itself; only the steps after it are not taken.
    const outcome = isUnderWay(task) ? "running" : "failed"
    run.settle(task, { outcome, ...imageOf(task), error })
    return false
  })
}

/** A task that may be performed. */
interface Ready {
  readonly task: Task
  /** The rehearsal met the name: the import is not to be sent, but looked for. */
  readonly refused?: Failure
}

async function rehearsed(run: Run, tasks: readonly Task[]): Promise<readonly Ready[]> {
  const rehearsals = await rehearse(run, run.imports ? tasks.filter(isRehearsed) : [])
  const shut = !run.keepGoing && [...rehearsals.values()].some((r) => "failure" in r)
  return tasks.flatMap((task) => {
    const rehearsal = rehearsals.get(task)
    const ending = notPerformed(task, rehearsal, shut)
    if (ending !== undefined) {
      run.settle(task, ending)
      return []
    }
    return rehearsal?.passed === true && rehearsal.refused !== undefined
      ? [{ task, refused: rehearsal.refused }]
      : [{ task }]
  })
}

function notPerformed(task: Task, rehearsal: Rehearsal | undefined, shut: boolean): Ending | undefined {
  if (rehearsal?.passed === false) {
    if ("stop" in rehearsal) return skipped(rehearsal.stop)
    const { failure } = rehearsal
    const requestId = failure.requestId === undefined ? {} : { requestId: failure.requestId }
    return { outcome: "failed", error: failure, ...requestId }
  }
  if (!shut) return undefined
  // What is under way stays under way, whoever looks.
  if (isUnderWay(task)) return { outcome: "running", ...imageOf(task) }
  return skipped(new Stop("rehearsal_failed"), imageOf(task))
}

async function performAll(run: Run, ready: readonly Ready[]): Promise<void> {
  // Those under way take their places first, so that `maxImporting` counts them.
  const inOrder = ready.toSorted((a, b) => Number(isUnderWay(b.task)) - Number(isUnderWay(a.task)))
  const first = inOrder.filter(({ task }) => !isRetirement(task))
  for (const { task } of first) if (!isUnderWay(task)) run.reserve(task)
  const last: (() => Promise<void>)[] = []
  await Promise.all(
    first.map(async ({ task, refused }) => {
      const ending = await perform(run, task, refused)
      if (ending.outcome !== "done" || task.action !== "replace" || task.retire.length === 0) {
        run.settle(task, ending)
      } else last.push(async () => run.settle(task, await retireReplaced(run, task, ending)))
    }),
  )
  run.undone.seal()
  for (const { task } of inOrder) {
    if (isRetirement(task)) last.push(async () => run.settle(task, await perform(run, task)))
  }
  await Promise.all(last.map((retire) => retire()))
}

/** An import that an earlier run sent and that has not ended. */
function isUnderWay(task: Task): boolean {
  if (task.action === "replace") return task.staged !== undefined && task.staged.state !== "NORMAL"
  return task.action === "await"
}

function imageOf(task: Task): { readonly imageId?: string } {
  if (task.action === "replace") return task.staged === undefined ? {} : { imageId: task.staged.imageId }
  return "imageId" in task ? { imageId: task.imageId } : {}
}
