/** One run of the real thing, from observing to the last row, as the command makes it. */
import { type ApplyContext, apply } from "../../../src/apply/apply.ts"
import { stillOpen } from "../../../src/apply/journal-open.ts"
import { observe, observeShares, ownedScopes } from "../../../src/cloud/observe.ts"
import type { Cloud } from "../../../src/cloud/port.ts"
import type { Desired } from "../../../src/model/desired.ts"
import type { OpenIntent } from "../../../src/model/intent.ts"
import type { Observed } from "../../../src/model/observed.ts"
import type { ApplyEvent, ApplyReport } from "../../../src/model/outcome.ts"
import type { Plan } from "../../../src/model/plan.ts"
import { isEmpty, type PlanOptions, plan, sharesToAsk } from "../../../src/plan/index.ts"
import type { Process } from "./clock.ts"
import type { Disk } from "./disk.ts"
import type { Random } from "./random.ts"
import type { Tampering } from "./safeguards.ts"

export interface Program {
  readonly process: Process
  readonly cloud: Cloud
  /** Where the journal is kept; absent: it does not survive. */
  readonly disk: Disk | undefined
  readonly random: Random
  readonly desired: Desired
  readonly planning: PlanOptions
  readonly applying: Pick<ApplyContext, "options" | "signal">
  /** How long somebody looks at the plan before he says yes. */
  readonly promptMs: number
  readonly tampering: Tampering
  readonly planned: (plan: Plan) => void
  readonly told: (event: ApplyEvent) => void
}

export interface Finished {
  readonly plan: Plan
  /** Absent: nothing was to be done, or a brake held it back. */
  readonly report?: ApplyReport
}

export async function runProgram(p: Program): Promise<Finished> {
  const { process, disk } = p
  const past = disk?.past(process.now())
  const { result: made, observed } = await planned(p, past?.open ?? [])
  p.planned(made)
  if (made.brakes.length > 0 && p.tampering.ignoreBrakes !== true) return { plan: made }
  if (isEmpty(made)) return { plan: made }
  if (p.promptMs > 0) await process.sleep(p.promptMs)
  const journal = past === undefined ? undefined : await disk?.begin(process, p.random, made, observed, past)
  const running = apply(made, {
    cloud: p.cloud,
    clock: process,
    settings: p.desired.stack.apply,
    ...(journal === undefined ? {} : { journal }),
    ...p.applying,
  })
  for (;;) {
    const next = await running.next()
    if (next.done !== true) {
      p.told(next.value)
      continue
    }
    await journal?.close()
    return { plan: made, report: next.value }
  }
}

async function planned(
  { process: clock, cloud: reader, desired, planning, tampering }: Program,
  open: readonly OpenIntent[],
): Promise<{ readonly result: Plan; readonly observed: Observed }> {
  const { placements, stack } = desired
  const accounts = stack.accounts.map((a) => a.name)
  const owned = stack.provenance.tags
    ? await ownedScopes({ reader, accounts, stackId: stack.id })
    : { scopes: [] }
  let observed = await observe({ reader, clock, placements, scopes: owned.scopes })
  const options = { ...planning, open: stillOpen(open, observed), ...tampering.planning }
  let result = plan(desired, observed, options)
  const asked = new Set<string>()
  for (;;) {
    const images = sharesToAsk(result, observed).filter((q) => !asked.has(q.imageId))
    if (images.length === 0) return { result, observed }
    for (const { imageId } of images) asked.add(imageId)
    observed = await observeShares({ reader, observed, images })
    result = plan(desired, observed, options)
  }
}
