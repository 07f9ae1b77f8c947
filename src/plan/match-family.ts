/** match: family. Every spec is a member of its own, named by its hash; the newest usable one is what consumers boot. */
import type { Reason } from "../model/plan.ts"
import { contentSuffix, sourceFingerprint } from "./fingerprint.ts"
import {
  adopt,
  awaiting,
  failedBefore,
  failedLeftovers,
  foreign,
  inDoubt,
  isSameFailure,
  underWay,
} from "./match-rows.ts"
import { memberName } from "./names.ts"
import { type Candidate, isProtected, isUsable } from "./own.ts"
import { forcingChanges, forcingReasons, hasSpec, sourceMoved } from "./spec.ts"
import { type Question, refuse, type Verdict } from "./verdict.ts"

/** Decides a placement that is matched by family. */
export function matchFamily(q: Question): Verdict {
  const { placement: p, spec, region } = q
  const owned = region.byOwnedImage.get(q.hash) ?? []
  const busy = underWay(owned)
  if (busy !== undefined) return awaiting(busy)

  const remove = failedLeftovers(owned, q)
  const usable = region.usableByFamily.get(p.family ?? "") ?? []
  const members = inForce(q, owned)
  const [newest] = members
  const follow = newest !== undefined && p.source.onChange === "replace" && sourceMoved(newest, q)
  if (newest !== undefined && hasSpec(newest, spec) && !follow) {
    const moved: Reason[] = sourceMoved(newest, q) ? ["source_changed"] : []
    return { row: "manage", found: newest, notices: [...moved, ...shadowed(usable, newest)], remove }
  }
  const target = members.find((c) => c !== newest && hasSpec(c, spec) && !sourceMoved(c, q))
  if (target !== undefined && newest !== undefined && !follow) {
    const why = forcingReasons(forcingChanges(newest, q))
    return { row: "restore", target, remove, reasons: ["restorable", ...why] }
  }
  const reasons: Reason[] =
    newest === undefined
      ? ["missing"]
      : [
          "family_moved",
          ...(follow ? ["source_changed" as const] : forcingReasons(forcingChanges(newest, q))),
        ]
  return importMember(q, owned, newest, { usable, reasons, remove })
}

interface Arrival {
  readonly usable: readonly Candidate[]
  readonly reasons: readonly Reason[]
  readonly remove: readonly Candidate[]
}

/**
 * Ours at NORMAL in the order in which they stand for the image: those that consumers of the family can boot, newest
 * first; then those outside the family; then the deprecated ones. An image that is to be deprecated is none that
 * consumers should boot, so that any of the wanted spec will do.
 */
function inForce(q: Question, owned: readonly Candidate[]): readonly Candidate[] {
  const { family, deprecated } = q.placement
  const rank = (c: Candidate): number => {
    if (deprecated === true) return hasSpec(c, q.spec) ? 0 : 1
    if (!isUsable(c.image)) return 2
    return c.image.family === family ? 0 : 1
  }
  const members = owned.filter((c) => c.image.state === "NORMAL")
  return [0, 1, 2].flatMap((wanted) => members.filter((c) => rank(c) === wanted))
}

function importMember(
  q: Question,
  owned: readonly Candidate[],
  newest: Candidate | undefined,
  { usable, reasons, remove }: Arrival,
): Verdict {
  const { placement: p, region } = q
  const name = freeName(q, owned)
  const failed = owned.filter((c) => isSameFailure(c, q))
  const previous = newest === undefined ? {} : { previous: newest }
  const kept = failed.filter(isProtected)
  if (kept.length > 0) return refuse("conflict", kept, { reasons: ["protected"] })
  const onName = (region.byName.get(name) ?? []).filter((c) => !remove.includes(c) && !failed.includes(c))
  const hindered = foreign(onName, q.hash)
  if (hindered !== undefined) return hindered
  if (onName.length > 0) return refuse("conflict", onName)
  const doubtful = inDoubt(q)
  if (doubtful !== undefined) return doubtful
  if (failed.length > 0) {
    return failedBefore(q, failed, () => ({
      row: "import",
      verb: "retry",
      name,
      remove: [...failed, ...remove],
      reasons: ["retry_requested"],
      notices: shadowed(usable, undefined),
      ...previous,
    }))
  }
  if (newest !== undefined && p.lifecycle.onChange === "refuse") {
    return refuse("on_change_refuse", [newest], { wanted: "import", reasons: reasons.slice(1) })
  }
  const [current] = usable
  if (newest === undefined && p.lifecycle.adopt && current?.ownership.owner === "nobody") {
    return adopt(q, current, remove)
  }
  return {
    row: "import",
    verb: "import",
    name,
    remove,
    reasons,
    notices: shadowed(usable, undefined),
    ...previous,
  }
}

/** The member's name; another one where a member of the same spec but of an older object has it. */
function freeName(q: Question, owned: readonly Candidate[]): string {
  const { placement: p, spec } = q
  const name = memberName(p.image, spec)
  const taken = owned.some((c) => c.image.name === name && c.image.state === "NORMAL")
  return taken ? memberName(p.image, contentSuffix(spec, sourceFingerprint(p, q.seen))) : name
}

/** Somebody else's newer member is what consumers boot. */
function shadowed(usable: readonly Candidate[], ours: Candidate | undefined): Reason[] {
  const [newest] = usable
  if (newest === undefined || newest === ours || newest.ownership.owner === "us") return []
  if (ours !== undefined && !isUsable(ours.image)) return []
  return [`family_shadowed:${newest.image.id}`]
}
