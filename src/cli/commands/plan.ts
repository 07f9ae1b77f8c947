import { resolve } from "node:path"
import { pinSources } from "../../plan/index.ts"
import { planFormats } from "../../report/formats.ts"
import { type ChoiceOptions, choicesOf } from "../choices.ts"
import { planExitCode, UnusableFile } from "../exit.ts"
import type { Io } from "../io.ts"
import { lookAtJournals, openOf } from "../journal-look.ts"
import { loadStackOf } from "../load.ts"
import { loadRenderers, parseOutputs, writeResults } from "../outputs.ts"
import { planDesired } from "../world.ts"

export interface PlanCommandOptions extends ChoiceOptions {
  readonly output: readonly string[]
  readonly out?: string
  readonly checks?: boolean
  readonly rehearse?: boolean
  readonly detailedExitcode?: boolean
  readonly endpoint?: string
}

/** Shows what an apply would do; calls nothing that changes the cloud. */
export async function planCommand(io: Io, dir: string, options: PlanCommandOptions): Promise<number> {
  const requests = parseOutputs(options.output, Object.keys(planFormats))
  const choices = choicesOf(options)
  const loaded = await loadStackOf(io, dir)
  if (typeof loaded === "number") return loaded
  const { desired, sources, directory } = loaded
  const renderers = await loadRenderers(planFormats, requests)
  const planned = await planDesired(io, desired, {
    choices,
    checks: options.checks !== false,
    rehearse: options.rehearse === true,
    ...openOf(lookAtJournals(io, directory ?? resolve(io.cwd, dir))),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
  })
  const { cloud, observed } = planned
  let { plan } = planned
  let unsaved: UnusableFile | undefined
  try {
    if (options.out !== undefined) {
      const accounts = desired.stack.accounts.map((a) => a.name)
      const pinned = pinSources(plan, desired.placements, observed.sources)
      plan = pinned.plan
      const { saveApprovalSet } = await import("../approvals.ts")
      await saveApprovalSet(io, options.out, {
        plan,
        choices,
        ...(observed.sources === undefined ? {} : { objects: pinned.sources }),
        sources,
        cloud,
        accounts,
        directory: directory ?? resolve(io.cwd, dir),
      })
    }
  } catch (error) {
    // Whoever asked for the plan sees it all the same.
    if (!(error instanceof UnusableFile)) throw error
    unsaved = error
  } finally {
    cloud.close()
  }
  const code = writeResults(
    io,
    requests,
    renderers(plan),
    planExitCode(plan, options.detailedExitcode === true),
  )
  if (unsaved !== undefined) throw unsaved
  return code
}
