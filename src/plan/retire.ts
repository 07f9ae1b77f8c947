/**
 * Which images of ours may leave use, and how. Never the family's newest usable member, never a protected one, never
 * one that is shared out; an image that was adopted, not imported, is deprecated at most.
 */
import type { Lifecycle } from "../model/desired.ts"
import type { Reason, Retirement } from "../model/plan.ts"
import { ASSERTED_SOURCE } from "../model/provenance.ts"
import { type Candidate, isFinal, isProtected, isUsable, stampOf } from "./own.ts"
import type { RegionIndex } from "./region.ts"

/** How an image may leave use, or why it may not. */
export type Leave =
  | { readonly leave: "deprecate" | "delete" }
  | { readonly leave: "nothing" }
  | { readonly leave: "barred"; readonly why: Reason }

/**
 * `arriving`: families that get a newer usable member in the same run, so that their newest one of today may go.
 * An image whose shares were not asked for is taken as unshared; the plan that is shown has asked (`sharesToAsk`). One
 * whose shares could not be read stays.
 */
export function leave(
  c: Candidate,
  how: Lifecycle["retire"],
  region: RegionIndex,
  arriving: ReadonlySet<string> = new Set(),
): Leave {
  const { image } = c
  if (how === "keep" || !isFinal(image)) return { leave: "nothing" }
  if (isProtected(c)) return { leave: "barred", why: `protected:${image.id}` }
  if ((image.sharedWith ?? []).length > 0) return { leave: "barred", why: `shared_out:${image.id}` }
  if (image.sharesUnread !== undefined) return { leave: "barred", why: `shares_unread:${image.id}` }
  const newest = image.family !== "" && region.usableByFamily.get(image.family)?.[0] === c
  if (newest && !arriving.has(image.family)) return { leave: "barred", why: `family_newest:${image.id}` }
  if (how === "delete" && stampOf(c)?.source !== ASSERTED_SOURCE && stampOf(c) !== undefined) {
    return { leave: "delete" }
  }
  return isUsable(image) ? { leave: "deprecate" } : { leave: "nothing" }
}

/** The images beyond the `keep` newest, as a replacement retires them. `previous` is sorted, newest first. */
export function beyond(
  previous: readonly Candidate[],
  lifecycle: Lifecycle,
  region: RegionIndex,
  arriving: ReadonlySet<string>,
): Retirement[] {
  if (lifecycle.protect) return []
  return previous.slice(lifecycle.keepPrevious).flatMap((c): Retirement[] => {
    const verdict = leave(c, lifecycle.retire, region, arriving)
    if (verdict.leave !== "deprecate" && verdict.leave !== "delete") return []
    return [
      {
        imageId: c.image.id,
        name: c.image.name,
        how: verdict.leave,
        deleteSnapshots: lifecycle.deleteSnapshots,
        reason: "over_retention:keepPrevious",
      },
    ]
  })
}
