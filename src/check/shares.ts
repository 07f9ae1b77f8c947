/** Accounts that the old image is shared with would not have the new one. */

import type { CheckResult } from "../model/plan.ts"
import { finding, ok } from "./codes.ts"
import type { Context, Subject } from "./context.ts"
import { skipped } from "./reply.ts"
import { listText } from "./words.ts"

export async function checkShares(
  { action, placement }: Subject,
  context: Context,
): Promise<readonly CheckResult[]> {
  if (action.action !== "replace" || action.old === undefined) return []
  const { account, region } = action
  const { imageId } = action.old
  const image = context.imagesIn(action)?.find(({ id }) => id === imageId)
  if (image?.sharesUnread !== undefined) return [skipped("shares", image.sharesUnread)]
  const known = image?.sharedWith
  const shares = known === undefined ? await context.shares({ account, region }, imageId) : { value: known }
  if (!("value" in shares)) return [skipped("shares", shares.failure)]
  return [judgeShares(shares.value, placement.sharedWith ?? [], placement.lifecycle.allowLostShares)]
}

/** Pure. */
export function judgeShares(has: readonly string[], gets: readonly string[], allowed: boolean): CheckResult {
  const lost = has.filter((account) => !gets.includes(account))
  if (lost.length === 0) {
    const message =
      has.length === 0
        ? "The old image is not shared."
        : "Every account that the old image is shared with gets the new one."
    return ok("shares", message)
  }
  const accounts = listText(lost)
  if (allowed) {
    const message = `The old image is shared with ${accounts}, and the new one will not be; lifecycle.allowLostShares allows it.`
    return finding("shares", "warning", "lost_shares", message)
  }
  const message = `The old image is shared with ${accounts}, and the new one will not be.`
  return finding("shares", "error", "lost_shares", message, {
    advice: "name them in sharedWith, or set lifecycle.allowLostShares: true",
  })
}
