/** The parts that actions are made of. */
import type { DesiredPlacement } from "../model/desired.ts"
import { compareText, type Placement } from "../model/placement.ts"
import { type Action, type ImageRef, VERBS, type Verb } from "../model/plan.ts"
import { actionDigest, type Undigested } from "./fingerprint.ts"
import type { Candidate } from "./own.ts"

/** What every action of a placement has. */
export function placed(p: DesiredPlacement): Placement & { readonly manifest: DesiredPlacement["at"] } {
  return { image: p.image, account: p.account, region: p.region, manifest: p.at }
}

/** An action with its digest, not yet checked. */
export function digested(action: Undigested<Action>): Action {
  return { ...action, digest: actionDigest(action), checks: [] } as Action
}

/** Id and name of an image. */
export function ref(c: Candidate): ImageRef {
  return { imageId: c.image.id, name: c.image.name }
}

/** The same of several, sorted by id. */
export function refs(candidates: readonly Candidate[]): ImageRef[] {
  return candidates.map(ref).sort((a, b) => compareText(a.imageId, b.imageId))
}

/** How often each verb occurs; every verb is named. */
export function summarise(actions: readonly Action[]): Record<Verb, number> {
  const summary = Object.fromEntries(VERBS.map((verb) => [verb, 0])) as Record<Verb, number>
  for (const action of actions) summary[action.action] += 1
  return summary
}
