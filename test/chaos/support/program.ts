/** One run of the real thing, from observing to the last row, as the command makes it. */
import { type ApplyContext, apply } from "../../../src/apply/apply.ts"
import { observe, observeShares, ownedScopes } from "../../../src/cloud/observe.ts"
import type { Cloud } from "../../../src/cloud/port.ts"
import type { Desired } from "../../../src/model/desired.ts"
import type { Observed } from "../../../src/model/observed.ts"
import type { ApplyEvent, ApplyReport } from "../../../src/model/outcome.ts"
import type { Plan } from "../../../src/model/plan.ts"
import { isEmpty, type PlanOptions, plan, sharesToAsk } from "../../../src/plan/index.ts"
import type { Process } from "./clock.ts"
import type { Tampering } from "./safeguards.ts"

export interface Program {
  readonly process: Process
  readonly cloud: Cloud
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
  const made = await planned(p)
  p.planned(made)
  if (made.brakes.length > 0 && p.tampering.ignoreBrakes !== true) return { plan: made }
  if (isEmpty(made)) return { plan: made }
  if (p.promptMs > 0) await p.process.sleep(p.promptMs)
  const running = apply(made, {
    cloud: p.cloud,
    clock: p.process,
    settings: p.desired.stack.apply,
    ...p.applying,
  })
  for (;;) {
    const next = await running.next()
    if (next.done === true) return { plan: made, report: next.value }
    p.told(next.value)
  }
}

async function planned({ process: clock, cloud: reader, desired, planning, tampering }: Program): Promise<Plan> {
  const { placements, stack } = desired
  const accounts = stack.accounts.map((a) => a.name)
  const owned = stack.provenance.tags
    ? await ownedScopes({ reader, accounts, stackId: stack.id })
    : { scopes: [] }
  const see = (o: Observed): Observed => tampering.observed?.(o, stack.id) ?? o
  let observed = see(await observe({ reader, clock, placements, scopes: owned.scopes }))
  const options = { ...planning, ...tampering.planning }
  let result = plan(desired, observed, options)
  const asked = new Set<string>()
  for (;;) {
    const images = sharesToAsk(result, observed).filter((q) => !asked.has(q.imageId))
    if (images.length === 0) return result
    for (const { imageId } of images) asked.add(imageId)
    observed = await observeShares({ reader, observed, images })
    result = plan(desired, observed, options)
  }
}
