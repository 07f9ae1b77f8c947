/** What of ours stands for an image that is matched by name, and what stands in the way of bringing another one. */
import type { Reason } from "../model/plan.ts"
import { ASSERTED_SOURCE } from "../model/provenance.ts"
import { failedBefore, failedLeftovers, foreign, isSameFailure } from "./match-rows.ts"
import { stagedName, swapRole } from "./names.ts"
import { type Candidate, isFailed, isFinal, isProtected, stampOf } from "./own.ts"
import { hasSource, hasSpec, sourceMoved } from "./spec.ts"
import { type Question, type Refused, refuse, type Verdict } from "./verdict.ts"

/** Everything of ours in the region that belongs to the image, by where it stands. */
export interface Stand {
  readonly owned: readonly Candidate[]
  /** The staged replacement of the wanted spec and source, whatever its state. */
  readonly staged: Candidate | undefined
  /** Staged like it and as good, and not to be removed: under way, or kept by people. */
  readonly rivals: readonly Candidate[]
  /** What goes along the way. */
  readonly leftovers: readonly Candidate[]
}

export function survey(q: Question, owned: readonly Candidate[], holder: Candidate | undefined): Stand {
  const allStaged = owned.filter((c) => swapRole(c.image.name, q.placement) === "staged")
  // A staged image is the wanted one only while the name does not already have it.
  const settled =
    holder !== undefined &&
    holder.image.state === "NORMAL" &&
    hasSpec(holder, q.spec) &&
    !mustFollowSource(holder, q)
  const name = stagedName(q.placement.image, q.spec)
  // Of one that lost its stamp, the name tells the spec.
  const isWanted = (c: Candidate): boolean =>
    hasSpec(c, q.spec) && hasSource(c, q) && (stampOf(c) !== undefined || c.image.name === name)
  const wanted = settled ? [] : allStaged.filter(isWanted)
  const usable = wanted.filter((c) => !isFailed(c.image))
  // What people keep cannot be removed beside another one, so that it is the one to go on with.
  const staged =
    usable.find((c) => isFinal(c.image) && !isRemovable(c)) ??
    usable.find((c) => isFinal(c.image)) ??
    usable[0] ??
    wanted[0]
  const rivals = usable.filter((c) => c !== staged && !isRemovable(c))
  const stale = allStaged.filter((c) => c !== staged && isRemovable(c))
  const failed = failedLeftovers(owned, q).filter((c) => !stale.includes(c) && c !== holder)
  return { owned, staged, rivals, leftovers: [...stale, ...failed] }
}

/** What earlier attempts of ours left, where nobody asks for another one: the place is taken. */
export function attemptsLeft(q: Question, owned: readonly Candidate[]): Candidate[] {
  return owned.filter((c) => {
    const staged = swapRole(c.image.name, q.placement) === "staged"
    return staged ? isRemovable(c) : isFailed(c.image) && !isProtected(c)
  })
}

/**
 * A staged image that nobody waits for, as apply removes it: nobody can boot from it, people did not keep it, and it is
 * not one whose stamp says that it was adopted.
 */
function isRemovable(c: Candidate): boolean {
  const { image } = c
  if (!isFailed(image) && stampOf(c)?.source === ASSERTED_SOURCE) return false
  const shared = (image.sharedWith ?? []).length > 0 || image.sharesUnread !== undefined
  const inUse = !isFailed(image) && (image.family !== "" || shared)
  return isFinal(image) && !isProtected(c) && !inUse
}

/** The object under the URL changed, and the manifest wants the image to follow it. */
export function mustFollowSource(c: Candidate, q: Question): boolean {
  return q.placement.source.onChange === "replace" && sourceMoved(c, q)
}

/** The newest image of ours that was renamed away and has the wanted spec. */
export function restorable(q: Question, stand: Stand, holder: Candidate | undefined): Candidate | undefined {
  return stand.owned.find(
    (c) =>
      c !== holder &&
      c !== stand.staged &&
      c.image.state === "NORMAL" &&
      hasSpec(c, q.spec) &&
      !mustFollowSource(c, q) &&
      swapRole(c.image.name, q.placement) !== "staged",
  )
}

/** The same import failed before under a name that it does not have today. */
export function failedElsewhere(
  q: Question,
  stand: Stand,
  retry: (failed: readonly Candidate[]) => Verdict,
): Verdict | undefined {
  const failed = stand.owned.filter((c) => c !== stand.staged && isSameFailure(c, q))
  const kept = failed.filter(isProtected)
  if (kept.length > 0) return refuse("conflict", kept, { reasons: ["protected"] })
  return failed.length === 0 ? undefined : failedBefore(q, failed, () => retry(failed))
}

/**
 * Accounts that have the old image and would not get the one that takes its place, as far as that can be known.
 * `earlier`: an image that is there already, and keeps its shares where the manifest manages none.
 */
export function losingShares(q: Question, holder: Candidate, earlier?: Candidate): Refused | undefined {
  const { sharedWith, lifecycle } = q.placement
  if (lifecycle.allowLostShares) return undefined
  const wanted = earlier === undefined ? "replace" : "restore"
  const has = holder.image.sharedWith ?? []
  const unread = [
    holder,
    ...(has.length > 0 && sharedWith === undefined && earlier !== undefined ? [earlier] : []),
  ]
  for (const c of unread) {
    const { sharesUnread } = c.image
    if (sharesUnread !== undefined) return refuse("shares_unread", [c], { wanted, failure: sharesUnread })
  }
  const gets = sharedWith ?? earlier?.image.sharedWith ?? []
  const reasons = has
    .filter((account) => !gets.includes(account))
    .map((account): Reason => `lost_shares:${account}`)
  return reasons.length === 0 ? undefined : refuse("lost_shares", [holder], { wanted, reasons })
}

/** An image that stays bears the name under which the replacement would wait for NORMAL. */
export function inTheWay(q: Question, stand: Stand): Refused | undefined {
  const onName = q.region.byName.get(stagedName(q.placement.image, q.spec)) ?? []
  const staying = onName.filter((c) => !stand.leftovers.includes(c))
  if (staying.length === 0) return undefined
  return foreign(staying, q.hash) ?? refuse("conflict", staying, { wanted: "replace" })
}
