/** The real planner in front of the applier: what it makes of the cloud as it is. */
import type { Desired } from "../../../src/model/desired.ts"
import type { Action, Plan } from "../../../src/model/plan.ts"
import { type PlanOptions, plan } from "../../../src/plan/index.ts"
import { HERE, type Ran, run } from "./build.ts"
import type { World } from "./halfway.ts"

/** Plans from a complete listing, shares included. */
export async function planned({ cloud, clock }: World, d: Desired, options: PlanOptions = {}): Promise<Plan> {
  const listed = await cloud.listImages(HERE)
  const images = listed.map((i) => ({ ...i, sharedWith: cloud.sharesOf(i.id) }))
  return plan(d, { at: clock.now(), scopes: [{ ...HERE, images }] }, options)
}

/** Plans and applies, as one run does. */
export async function planAndApply(w: World, d: Desired): Promise<Ran & { readonly plan: Plan }> {
  const made = await planned(w, d)
  return { plan: made, ...(await run(made, w)) }
}

/** What is left to do, in a word each; empty: nothing. */
export async function left(w: World, d: Desired): Promise<readonly string[]> {
  const { actions } = await planned(w, d)
  return actions.filter((a) => a.action !== "keep").map(told)
}

export function told(a: Action): string {
  return `${a.action} ${a.reasons.join(", ")}`
}
