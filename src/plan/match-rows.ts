/** Rows of the matching table that both match modes share. */
import type { Reason } from "../model/plan.ts"
import { lineageOf } from "./lineage.ts"
import { type Candidate, isFailed, isFinal, isProtected, isUsable, newestFirst } from "./own.ts"
import { hasSource, hasSpec, sourceMoved, statedDifferences } from "./spec.ts"
import { type Question, type Refused, refuse, type Verdict } from "./verdict.ts"

/** Somebody else's mark on the name, or one that this stack wrote for another image of its own. */
export function foreign(onName: readonly Candidate[], image: string): Refused | undefined {
  const others = onName.filter((c) => c.ownership.owner === "other")
  if (others.length > 0) return refuse("owned_by_other", others)
  const conflicting = onName.filter(
    (c) => c.ownership.owner === "conflict" || (c.ownership.owner === "us" && c.ownership.image !== image),
  )
  return conflicting.length > 0 ? refuse("provenance_conflict", conflicting) : undefined
}

/**
 * Images of ours that one mark takes for this one, and the other mark for another one: importing beside them could
 * make two of one.
 */
export function inDoubt({ placement: p, region }: Question): Refused | undefined {
  const images = new Set(
    lineageOf(p)
      .flatMap((name) => region.inDoubt.get(name) ?? [])
      .filter((c) => !isFailed(c.image)),
  )
  return images.size === 0 ? undefined : refuse("provenance_conflict", [...images])
}

/** The same import failed before: again only if told so, since it would fail again for the same reason. */
export function failedBefore(q: Question, failed: readonly Candidate[], retry: () => Verdict): Verdict {
  return q.retryFailed ? retry() : refuse("import_failed", failed, { wanted: "retry" })
}

/** An image of nobody, where the manifest asks to adopt it. `remove`: what is left of imports that were to bring it. */
export function adopt(q: Question, found: Candidate, remove: readonly Candidate[]): Verdict {
  const differing = statedDifferences(q.placement, found)
  if (differing.length > 0) return refuse("conflict", [found], { reasons: differing })
  if (found.image.state !== "NORMAL") {
    return refuse("conflict", [found], { reasons: [`unknown_state:${found.image.state}`] })
  }
  return { row: "adopt", found, remove }
}

/** Something of ours is still under way. */
export function underWay(owned: readonly Candidate[]): Candidate | undefined {
  return owned.find((c) => !isFinal(c.image))
}

/** Waiting is all there is to do. */
export function awaiting(found: Candidate): Verdict {
  return { row: "await", found, reasons: [unfinished(found)] }
}

/** Why it is waited for. */
export function unfinished(c: Candidate): Reason {
  return c.image.state === "IMPORTING" ? "importing" : `unknown_state:${c.image.state}`
}

/** A failed import that would be repeated: the same spec from the same source. */
export function isSameFailure(c: Candidate, q: Question): boolean {
  return isFailed(c.image) && hasSpec(c, q.spec) && hasSource(c, q) && !sourceMoved(c, q)
}

/** Failed imports of ours that nobody waits for any more; a protected one stays. */
export function failedLeftovers(owned: readonly Candidate[], q: Question): Candidate[] {
  return owned.filter((c) => isFailed(c.image) && !isProtected(c) && !isSameFailure(c, q))
}

/** Ours in the family that would go on to be what consumers boot, beside an earlier image that is restored. */
export function newerMembers({ placement: p, hash, region }: Question, target: Candidate): Candidate[] {
  const family = p.family ?? target.image.family
  if (family === "" || p.deprecated === true) return []
  return (region.byOwnedImage.get(hash) ?? []).filter(
    (x) => x !== target && x.image.family === family && isUsable(x.image) && newestFirst(x, target) < 0,
  )
}
