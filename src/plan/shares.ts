/** Which images' shares a plan depends on: those about to be renamed, deprecated, deleted or replaced. */

import type { Observed } from "../model/observed.ts"
import { type Scope, scopeKey } from "../model/placement.ts"
import type { Plan } from "../model/plan.ts"

export interface ShareQuestion extends Scope {
  readonly imageId: string
}

/** Images whose shares were not asked for yet and matter to the plan; none: the plan is final. Sorted as the plan is. */
export function sharesToAsk(plan: Plan, observed: Observed): ShareQuestion[] {
  const known = new Set(
    observed.scopes.flatMap((scope) =>
      "images" in scope
        ? scope.images
            .filter((i) => i.sharedWith !== undefined || i.sharesUnread !== undefined)
            .map((i) => `${scopeKey(scope)}\u0000${i.id}`)
        : [],
    ),
  )
  const wanted = new Map<string, ShareQuestion>()
  for (const action of plan.actions) {
    const scope = { account: action.account, region: action.region }
    for (const imageId of touched(action)) {
      const key = `${scopeKey(scope)}\u0000${imageId}`
      if (!known.has(key)) wanted.set(key, { ...scope, imageId })
    }
  }
  return [...wanted.values()]
}

function touched(action: Plan["actions"][number]): readonly string[] {
  switch (action.action) {
    case "replace":
      return [
        ...(action.old === undefined ? [] : [action.old.imageId]),
        ...action.retire.map((r) => r.imageId),
        ...action.remove.map((r) => r.imageId),
      ]
    case "restore":
      return [
        action.imageId,
        ...(action.old === undefined ? [] : [action.old.imageId]),
        ...action.deprecate.map((r) => r.imageId),
        ...action.remove.map((r) => r.imageId),
      ]
    case "import":
    case "retry":
      return action.remove.map((r) => r.imageId)
    case "deprecate":
    case "delete":
      return [action.imageId]
    case "update":
      return action.update.attributes?.name === undefined && action.update.attributes?.deprecated !== true
        ? []
        : [action.imageId]
    default:
      return []
  }
}
