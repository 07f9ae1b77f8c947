/** The API's own DryRun of the import, without tags: a plan may not create those that are missing. */
import type { Failure } from "../model/failure.ts"
import { scopeKey } from "../model/placement.ts"
import type { Action, CheckResult } from "../model/plan.ts"
import { finding, ok } from "./codes.ts"
import type { Context, Subject } from "./context.ts"
import { reply, skipped } from "./reply.ts"

/** Failures that are the service's verdict on the request; others say nothing about it. */
const VERDICTS: ReadonlySet<Failure["blame"]> = new Set(["manifest", "account", "quota"])

export async function checkRehearsal(
  { action, imports }: Subject,
  context: Context,
): Promise<readonly CheckResult[]> {
  const { rehearse, call } = context
  if (!imports || rehearse === undefined) return []
  const { account, region, request } = action
  const done = await reply(rehearse({ account, region }, { ...request, tags: {} }, call), call.signal)
  if ("value" in done) {
    return [
      { ...ok("rehearsal", "The service's DryRun accepts the import."), requestId: done.value.requestId },
    ]
  }
  const { failure } = done
  if (failure === undefined || !VERDICTS.has(failure.blame)) return [skipped("rehearsal", failure)]
  if (failure.code === "InvalidImageName.Duplicate") {
    const freed = namesFreed(context, action).get(request.name)
    if (freed !== undefined) {
      const message = `The service's DryRun refuses only the name, which the run takes from ${freed} before.`
      return [ok("rehearsal", message)]
    }
  }
  const { advice, requestId } = failure
  return [
    finding("rehearsal", "error", "rehearsal_refused", `${failure.code}: ${failure.message}`, {
      advice,
      ...(requestId === undefined ? {} : { requestId }),
    }),
  ]
}

/** Names in the account and region that the plan takes off images, and the images' ids. */
function namesFreed({ plan, imagesIn }: Context, at: Subject["action"]): ReadonlyMap<string, string> {
  const key = scopeKey(at)
  const names = new Map((imagesIn(at) ?? []).map(({ id, name }) => [id, name]))
  const freed = new Map<string, string>()
  for (const action of plan.actions) {
    if (scopeKey(action) !== key) continue
    for (const { name, imageId } of movedBy(action, names)) freed.set(name, imageId)
  }
  return freed
}

function movedBy(
  action: Action,
  names: ReadonlyMap<string, string>,
): readonly { readonly name: string; readonly imageId: string }[] {
  switch (action.action) {
    case "import":
    case "retry":
      return action.remove
    case "replace":
    case "restore":
      return [...action.remove, ...(action.old === undefined ? [] : [action.old])]
    case "update":
    case "adopt": {
      const before = names.get(action.imageId)
      const after = action.update.attributes?.name
      return before === undefined || after === undefined || after === before
        ? []
        : [{ name: before, imageId: action.imageId }]
    }
    default:
      return []
  }
}
