/** One look at a stack: load, observe, compare, judge, and hold it against what the last look left. Only reads. */
import { resolve } from "node:path"
import type { DriftReport, DriftState, Finding } from "../model/drift.ts"
import { VERDICTS } from "../model/drift.ts"
import { drift, driftNews, isDrift, lastSeenIn, remember, withSince } from "../plan/index.ts"
import { type ChoiceOptions, choicesOf } from "./choices.ts"
import { readDriftState } from "./drift-state.ts"
import { EXIT, UsageError } from "./exit.ts"
import type { Io } from "./io.ts"
import { lookAtJournals } from "./journal-look.ts"
import { loadStackOf } from "./load.ts"
import { type PlanningHow, planDesired } from "./world.ts"

export interface LookOptions extends Pick<ChoiceOptions, "image" | "region" | "account" | "label"> {
  /** `pending,orphan`; repeatable. */
  readonly failOn?: readonly string[]
  /** False: source objects are not looked at. */
  readonly checks?: boolean
  /** Where the last look is kept. */
  readonly state?: string
  readonly endpoint?: string
}

export interface Look {
  readonly report: DriftReport
  /** What was kept of the last look. */
  readonly before: DriftState | undefined
  /** What is to be kept of this one; `told` is what was told before. */
  readonly after: Omit<DriftState, "checksum">
}

/** A look at the stack, or the exit code where the manifests are not valid. Throws UsageError, UnusableFile, CloudError. */
export async function lookForDrift(
  io: Io,
  dir: string,
  options: LookOptions,
  more: Pick<PlanningHow, "onRetry" | "onRequest"> = {},
): Promise<Look | number> {
  const failOn = parseFailOn(options.failOn ?? [])
  const choices = choicesOf(options)
  const loaded = await loadStackOf(io, dir)
  if (typeof loaded === "number") return loaded
  const { desired } = loaded
  const { stack } = desired
  const before = options.state === undefined ? undefined : readDriftState(io, options.state, stack.id)
  const { past } = lookAtJournals(io, loaded.directory ?? resolve(io.cwd, dir))
  const sources = options.checks !== false
  const { plan, observed, cloud } = await planDesired(io, desired, {
    choices,
    checks: false,
    sources,
    rehearse: false,
    open: past.open,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...more,
  })
  cloud.close()
  // What a run of ours deleted is not missed, when a manifest asks for it anew.
  const seen = (before?.seen ?? []).filter(({ imageId }) => !past.deleted.has(imageId))
  const plain = drift(desired, observed, plan, {
    failOn,
    seen: [...past.arrived, ...seen],
    unfinished: past.unfinished,
    sourcesAsked: sources,
  })
  const report =
    options.state === undefined ? plain : { ...withSince(plain, before), news: driftNews(plain, before) }
  return {
    report,
    before,
    after: {
      formatVersion: 1,
      kind: "DriftState",
      stack: stack.name,
      stackId: stack.id,
      ...remember(plain, before),
      seen: lastSeenIn(plain, [...past.arrived, ...seen]),
      ...(before?.told === undefined ? {} : { told: before.told }),
    },
  }
}

/** What could not be looked at comes before what was found there. */
export function driftExitCode(report: DriftReport): number {
  if (report.unread.length > 0) return EXIT.failed
  return isDrift(report) ? EXIT.changes : EXIT.done
}

function parseFailOn(texts: readonly string[]): Finding[] {
  const known = Object.keys(VERDICTS).filter((verdict) => verdict !== "in_sync")
  return texts
    .flatMap((text) => text.split(","))
    .map((verdict) => {
      if (known.includes(verdict)) return verdict as Finding
      throw new UsageError(`--fail-on takes ${known.join(", ")}, not '${verdict}'`)
    })
}
