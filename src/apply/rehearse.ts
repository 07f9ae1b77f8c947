/**
 * Rehearsals: every import once with DryRun, which changes nothing; that of a replacement under its staged name. A
 * refused name is looked into at once: if the plan itself removes who has it, it is no failure; if the image that has
 * it carries this import's own mark, another run was faster and there is nothing to rehearse; if no listing shows who
 * has it, the import finds out within the visibility window.
 */
import type { Failure } from "../model/failure.ts"
import type { Action, ImportAction, ReplaceAction } from "../model/plan.ts"
import { splitDescription } from "../model/provenance.ts"
import { attempt } from "./attempt.ts"
import { failureFrom, nameTaken } from "./failures.ts"
import { bears } from "./ownership.ts"
import { placementOf, type Run } from "./run.ts"
import { type Stop, stopOf } from "./stop.ts"

export type Rehearsal =
  /** `refused`: the service refuses the name, so that the import is not to be sent, but looked for. */
  | { readonly passed: true; readonly refused?: Failure }
  | { readonly passed: false; readonly failure: Failure }
  | { readonly passed: false; readonly stop: Stop }

/** What sends an import. */
export type Rehearsed = ImportAction | ReplaceAction

/** Whether the action will send an import: a replacement whose new image stands already does not. */
export function isRehearsed(action: Action): action is Rehearsed {
  if (action.action === "replace") return action.staged === undefined
  return action.action === "import" || action.action === "retry"
}

/** Rehearses them all, whatever becomes of the single one; but for those that were rehearsed lately. */
export async function rehearse(run: Run, all: readonly Rehearsed[]): Promise<ReadonlyMap<Action, Rehearsal>> {
  const results = new Map<Action, Rehearsal>()
  for (const action of all) if (run.rehearsed.has(action.digest)) results.set(action, { passed: true })
  const imports = all.filter((action) => !results.has(action))
  if (imports.length === 0) return results
  run.emit({ type: "rehearsal.started", imports: imports.length })
  for (const action of imports) run.reserve(action)
  await Promise.all(imports.map(async (action) => results.set(action, await rehearseOne(run, action))))
  const failed = [...results.values()].filter((r) => "failure" in r).length
  run.emit({ type: "rehearsal.settled", failed })
  return results
}

async function rehearseOne(run: Run, action: Rehearsed): Promise<Rehearsal> {
  const { lane, scope } = run.region(action)
  const placement = placementOf(action)
  const done = await attempt(run, lane, run.stop, (signal) =>
    run.cloud.rehearseImport(scope, action.request, { signal }),
  )
  run.sent(action)
  if ("stop" in done) return { passed: false, stop: done.stop }
  if ("value" in done) {
    run.emit({ type: "rehearsal.checked", placement, requestId: done.value.requestId })
    return { passed: true }
  }
  const rehearsal =
    done.failure.code === "InvalidImageName.Duplicate"
      ? await whoHasTheName(run, action, done.failure)
      : { passed: false as const, failure: done.failure }
  run.emit({
    type: "rehearsal.checked",
    placement,
    ...("failure" in rehearsal ? { error: rehearsal.failure } : {}),
  })
  return rehearsal
}

async function whoHasTheName(run: Run, action: Rehearsed, refused: Failure): Promise<Rehearsal> {
  try {
    const listing = await run.region(action).images.fresh()
    const removed = new Set(action.remove.map(({ imageId }) => imageId))
    const all = listing.byName.get(action.request.name) ?? []
    const holders = all.filter(({ id }) => !removed.has(id))
    if (holders.length < all.length && holders.length === 0) return { passed: true }
    const { stamp } = splitDescription(action.request.description)
    const ours = holders.some((image) => bears(image, stamp))
    if (ours || holders.length === 0) return { passed: true, refused }
    return { passed: false, failure: nameTaken(refused, holders[0]) }
  } catch (error) {
    if (run.stop.aborted) return { passed: false, stop: stopOf(run.stop) }
    return { passed: false, failure: failureFrom(error) }
  }
}
