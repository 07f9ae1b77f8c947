/** match: name. The image bears exactly the manifest's name; a replacement is staged beside it and swapped in. */
import type { Reason } from "../model/plan.ts"
import { adopt, awaiting, failedBefore, foreign, inDoubt, isSameFailure, underWay } from "./match-rows.ts"
import {
  attemptsLeft,
  failedElsewhere,
  inTheWay,
  losingShares,
  mustFollowSource,
  restorable,
  type Stand,
  survey,
} from "./match-stand.ts"
import { swapRole } from "./names.ts"
import { type Candidate, isFailed, isFinal, isProtected } from "./own.ts"
import { forcingChanges, forcingReasons, hasSpec, sourceMoved, statedDifferences } from "./spec.ts"
import { type Question, refuse, type Verdict } from "./verdict.ts"

/** Decides a placement that is matched by name. */
export function matchName(q: Question): Verdict {
  const { placement: p, region } = q
  const owned = region.byOwnedImage.get(q.hash) ?? []
  const onName = region.byName.get(p.image) ?? []
  const hindered = foreign(onName, q.hash)
  if (hindered !== undefined) return hindered
  const ours = onName.filter((c) => c.ownership.owner === "us")
  if (ours.length > 1) return refuse("ambiguous", ours)
  const [holder] = ours
  const stand = survey(q, owned, holder)
  if (holder !== undefined) {
    const other = underWayElsewhere(q, holder, stand)
    if (other !== undefined) return awaiting(other)
    const verdict = matchOurs(q, holder, stand)
    const strangers = onName.filter((c) => c !== holder)
    // The name cannot be given to another image while somebody else's bears it too.
    return strangers.length > 0 && "remove" in verdict && verdict.row !== "manage"
      ? refuse("conflict", strangers)
      : verdict
  }
  const [stranger] = onName
  if (onName.length > 1) return refuse("ambiguous", onName)
  if (stranger !== undefined) return matchStranger(q, stranger, stand)
  return matchAbsent(q, stand)
}

/** The one image of ours that bears the name. */
function matchOurs(q: Question, holder: Candidate, stand: Stand): Verdict {
  const { placement: p } = q
  if (isFailed(holder.image)) return matchFailed(q, holder, stand)
  if (!isFinal(holder.image)) return awaiting(holder)
  const moved = mustFollowSource(holder, q)
  if (hasSpec(holder, q.spec) && !moved) {
    const notices: Reason[] = sourceMoved(holder, q) ? ["source_changed"] : []
    return { row: "manage", found: holder, notices, remove: stand.leftovers }
  }
  if (stand.staged !== undefined) return swap(q, holder, stand)
  const earlier = restorable(q, stand, holder)
  if (earlier !== undefined && !moved) {
    const reasons: Reason[] = ["restorable", ...whyOther(holder, q)]
    return { row: "restore", target: earlier, old: holder, remove: stand.leftovers, reasons }
  }
  const reasons: Reason[] = moved && hasSpec(holder, q.spec) ? ["source_changed"] : whyOther(holder, q)
  if (p.lifecycle.onChange === "refuse") {
    return refuse("on_change_refuse", [holder], { wanted: "replace", reasons })
  }
  const hindered = losingShares(q, holder) ?? inTheWay(q, stand)
  if (hindered !== undefined) return hindered
  const replace = (failed: readonly Candidate[]): Verdict => ({
    row: "replace",
    old: holder,
    remove: [...failed, ...stand.leftovers],
    reasons,
  })
  return failedElsewhere(q, stand, replace) ?? replace([])
}

/**
 * The wanted image is under way under a name of nobody's choosing, and the holder of the name is not it: importing it
 * again would make two of one spec.
 */
function underWayElsewhere(q: Question, holder: Candidate, stand: Stand): Candidate | undefined {
  if (!isFinal(holder.image)) return undefined
  if (holder.image.state === "NORMAL" && hasSpec(holder, q.spec) && !mustFollowSource(holder, q))
    return undefined
  return stand.owned.find((c) => c !== stand.staged && !isFinal(c.image) && hasSpec(c, q.spec))
}

/** The rest of a replacement whose new image stands already, or is on its way. */
function swap(q: Question, holder: Candidate | undefined, stand: Stand): Verdict {
  const { staged } = stand
  const old = holder === undefined ? {} : { old: holder }
  const why = holder === undefined ? [] : whyOther(holder, q)
  const lost = holder === undefined ? undefined : losingShares(q, holder)
  if (lost !== undefined) return lost
  const busy = underWay(stand.rivals)
  if (busy !== undefined) return awaiting(busy)
  if (staged !== undefined && stand.rivals.length > 0) {
    return refuse("ambiguous", [staged, ...stand.rivals], { wanted: "replace" })
  }
  if (staged !== undefined && isFailed(staged.image)) {
    if (isProtected(staged)) return refuse("conflict", [staged], { reasons: ["protected"] })
    const earlier = restorable(q, stand, holder)
    const remove = [staged, ...stand.leftovers]
    if (earlier !== undefined) {
      const reasons: Reason[] = ["restorable", "leftover:failed", ...why]
      return { row: "restore", target: earlier, ...old, remove, reasons }
    }
    // One that failed under a former name does not hold the name under which it is tried again.
    return failedBefore(
      q,
      [staged],
      () =>
        inTheWay(q, { ...stand, leftovers: remove }) ?? {
          row: "replace",
          ...old,
          remove,
          reasons: ["retry_requested", ...why],
        },
    )
  }
  const half: Reason = "half_done:swap"
  return {
    row: "replace",
    ...old,
    ...(staged === undefined ? {} : { staged }),
    remove: stand.leftovers,
    reasons: [half, ...why],
  }
}

/** A failed import of ours holds the name. */
function matchFailed(q: Question, holder: Candidate, stand: Stand): Verdict {
  const name = q.placement.image
  const remove = [holder, ...stand.leftovers]
  if (isProtected(holder)) return refuse("conflict", [holder], { reasons: ["protected"] })
  if (stand.staged !== undefined) return swap(q, undefined, { ...stand, leftovers: remove })
  const earlier = restorable(q, stand, holder)
  if (earlier !== undefined) {
    // A failed image cannot be renamed away; it has to go before another one can take its name.
    return { row: "restore", target: earlier, remove, reasons: ["restorable", "leftover:failed"] }
  }
  if (isSameFailure(holder, q)) {
    return failedBefore(q, [holder], () => ({
      row: "import",
      verb: "retry",
      name,
      remove,
      reasons: ["retry_requested"],
      notices: [],
    }))
  }
  return { row: "import", verb: "import", name, remove, reasons: ["missing", "leftover:failed"], notices: [] }
}

/** The one image that bears the name and has no mark of anybody. */
function matchStranger(q: Question, found: Candidate, stand: Stand): Verdict {
  if (stand.staged !== undefined && !isFailed(stand.staged.image)) {
    return refuse("conflict", [found], { wanted: "replace", reasons: ["half_done:swap"] })
  }
  if (q.placement.lifecycle.adopt) return adopt(q, found, attemptsLeft(q, stand.owned))
  const differing = statedDifferences(q.placement, found)
  return differing.length > 0
    ? refuse("conflict", [found], { reasons: differing })
    : { row: "unmanaged", found, remove: stand.leftovers }
}

/** Nothing bears the name. */
function matchAbsent(q: Question, stand: Stand): Verdict {
  const { placement: p } = q
  const former = stand.owned.filter((c) => p.formerNames.includes(c.image.name) && !isFailed(c.image))
  const [old] = former
  if (old !== undefined && !isFinal(old.image)) return awaiting(old)
  if (stand.staged !== undefined) {
    return former.length > 1 ? refuse("ambiguous", former, { wanted: "replace" }) : swap(q, old, stand)
  }
  const busy = underWay(stand.owned)
  if (busy !== undefined) return awaiting(busy)
  const fitting = stand.owned.filter(
    (c) => c.image.state === "NORMAL" && hasSpec(c, q.spec) && swapRole(c.image.name, p) === "other",
  )
  const [only] = fitting
  if (fitting.length > 1) return refuse("ambiguous", fitting)
  if (only !== undefined) return { row: "manage", found: only, notices: [], remove: stand.leftovers }
  if (former.length > 1) return refuse("ambiguous", former)
  const earlier = old === undefined ? restorable(q, stand, undefined) : undefined
  if (earlier !== undefined)
    return {
      row: "restore",
      target: earlier,
      remove: stand.leftovers,
      reasons: ["half_done:swap", "restorable"],
    }
  const doubtful = inDoubt(q)
  if (doubtful !== undefined) return doubtful
  if (old !== undefined) return matchOurs(q, old, stand)
  const imported = { row: "import", name: p.image, notices: [] } as const
  const again = failedElsewhere(q, stand, (failed) => {
    const remove = [...failed, ...stand.leftovers]
    return { ...imported, verb: "retry", remove, reasons: ["retry_requested"] }
  })
  return again ?? { ...imported, verb: "import", remove: stand.leftovers, reasons: ["missing"] }
}

function whyOther(holder: Candidate, q: Question): Reason[] {
  return forcingReasons(forcingChanges(holder, q))
}
