/** The region has room for every image at the run's peak: what is freed at the end does not help before. */
import type { CheckResult } from "../model/plan.ts"
import { finding, ok } from "./codes.ts"
import type { Context, Subject } from "./context.ts"
import { skipped } from "./reply.ts"
import { plural } from "./words.ts"

export async function checkQuota(
  { action, imports }: Subject,
  context: Context,
): Promise<readonly CheckResult[]> {
  if (!imports) return []
  const images = context.imagesIn(action)
  if (images === undefined) {
    return [finding("quota", "skipped", "not_observed", "The images of the region were not read.")]
  }
  const quota = await context.quota(action)
  if (!("value" in quota)) return [skipped("quota", quota.failure)]
  const removed = context.importsIn(action).map((subject) => subject.action.remove.length)
  return [judgeQuota(action.region, quota.value, images.length, removed)]
}

/** Pure. `removed`: for each import how many failed ones of ours are removed before it. */
export function judgeQuota(
  region: string,
  quota: number,
  inUse: number,
  removed: readonly number[],
): CheckResult {
  const peak = inUse + removed.length
  const numbers = `${inUse} in use and ${plural(removed.length, "image")} to import, of ${quota}`
  if (peak <= quota) return ok("quota", `There is room in ${region}: ${numbers}.`)
  // An import that removes first needs no place more than it frees.
  const least = inUse + removed.filter((count) => count === 0).length
  const advice =
    "delete images that are not needed, or have the quota raised; what the run retires is freed last"
  if (least <= quota) {
    const message = `There is room in ${region} only because failed imports are removed first: ${numbers}.`
    return finding("quota", "warning", "quota_tight", message, { advice })
  }
  return finding("quota", "error", "quota_exceeded", `There is no room in ${region}: ${numbers}.`, { advice })
}
