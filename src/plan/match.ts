/**
 * Which image of a region stands in a placement, and what follows from it.
 *
 * Names are compared exactly after a complete listing, since the API's name filter is fuzzy. Ownership is settled
 * first (own.ts), then the first row that fits decides:
 *
 * | what stands there                                   | match: name             | match: family                 |
 * |-----------------------------------------------------|-------------------------|-------------------------------|
 * | a half-done swap of ours                            | not yet supported       |                               |
 * | ours, importing or in an unknown state              | await                   | await                         |
 * | ours, failed, same spec and source                  | refuse: import_failed   | refuse: import_failed         |
 * | ours, failed, other spec                            | not yet supported       | no hindrance: another name    |
 * | ours, same spec                                     | keep or update          | keep or update of the newest  |
 * | ours, other spec, an older one has the wanted spec  | not yet supported       | not yet supported             |
 * | ours, other spec                                    | not yet supported (or by onChange: refuse) | import of the next member |
 * | more than one of ours                               | refuse: ambiguous       | the newest counts             |
 * | another stack's                                     | refuse: owned_by_other  | refuse: owned_by_other        |
 * | marks that disagree                                 | refuse: provenance_conflict | refuse: provenance_conflict |
 * | not ours, differs in a stated field                 | refuse: conflict        |                               |
 * | not ours                                            | keep with notice, or adopt | adopt of the newest         |
 * | nothing of it                                       | import                  | import as <name>-<hash8>      |
 *
 * Beyond the table: an image of ours of the wanted spec that somebody renamed is renamed back, not imported again.
 */
import type { DesiredPlacement } from "../model/desired.ts"
import type { Reason } from "../model/plan.ts"
import { imageHash, sourceFingerprint } from "./fingerprint.ts"
import { memberName, swapRole } from "./names.ts"
import { type Candidate, isFailed, isUsable } from "./own.ts"
import type { RegionIndex } from "./region.ts"
import { type Refused, refuse, type Verdict } from "./verdict.ts"

/** Decides one placement. `spec` is its spec hash. */
export function match(p: DesiredPlacement, spec: string, region: RegionIndex): Verdict {
  if (p.lifecycle.state === "released") return matchReleased(p, region)
  return p.match === "name" ? matchName(p, spec, region) : matchFamily(p, spec, region)
}

function matchName(p: DesiredPlacement, spec: string, region: RegionIndex): Verdict {
  const owned = region.byOwnedImage.get(imageHash(p.image)) ?? []
  const swap = owned.filter((c) => swapRole(c.image.name, p.image) === "staged")
  if (swap.length > 0)
    return refuse("not_yet_supported", swap, { wanted: "replace", reasons: ["leftover:next"] })

  const onName = region.byName.get(p.image) ?? []
  const hindered = foreign(onName, imageHash(p.image))
  if (hindered !== undefined) return hindered
  const ours = onName.filter((c) => c.ownership.owner === "us")
  const [first] = ours
  if (ours.length > 1) return refuse("ambiguous", ours)
  if (first !== undefined) return matchOurs(p, spec, first, owned)

  const [stranger] = onName
  if (onName.length > 1) return refuse("ambiguous", onName)
  if (stranger !== undefined) return matchStranger(p, stranger)
  return renamed(p, spec, owned, region) ?? importAs(p.image, ["missing"], [])
}

/** The one image of ours that bears the name. */
function matchOurs(
  p: DesiredPlacement,
  spec: string,
  found: Candidate,
  owned: readonly Candidate[],
): Verdict {
  const same = hasSpec(found, spec)
  if (isFailed(found.image)) {
    if (same && sameSource(found, p)) return refuse("import_failed", [found])
    return refuse("not_yet_supported", [found], {
      wanted: "retry",
      reasons: ["leftover:failed", "spec_changed"],
    })
  }
  if (found.image.state !== "NORMAL") return { row: "await", found, reason: unfinished(found) }
  if (same) return { row: "manage", found, notices: [] }
  const older = owned.filter((c) => c !== found && c.image.state === "NORMAL" && hasSpec(c, spec))
  if (older.length > 0) {
    return refuse("not_yet_supported", [found, ...older], {
      wanted: "restore",
      reasons: specReasons(found, p),
    })
  }
  if (p.lifecycle.onChange === "refuse") {
    return refuse("on_change_refuse", [found], { wanted: "replace", reasons: specReasons(found, p) })
  }
  return refuse("not_yet_supported", [found], { wanted: "replace", reasons: specReasons(found, p) })
}

/** The one image that bears the name and has no mark of anybody. */
function matchStranger(p: DesiredPlacement, found: Candidate): Verdict {
  const differing = statedDifferences(p, found)
  if (differing.length > 0) return refuse("conflict", [found], { reasons: differing })
  if (!p.lifecycle.adopt) return { row: "unmanaged", found }
  if (found.image.state !== "NORMAL") {
    return refuse("conflict", [found], { reasons: [`unknown_state:${found.image.state}`] })
  }
  return { row: "adopt", found }
}

/** Nothing bears the name: ours under another name, by a former name of the manifest or by somebody's hand. */
function renamed(
  p: DesiredPlacement,
  spec: string,
  owned: readonly Candidate[],
  region: RegionIndex,
): Verdict | undefined {
  const former = p.formerNames.flatMap((name) =>
    (region.byName.get(name) ?? []).filter(
      (c) => c.ownership.owner === "us" && c.ownership.image === imageHash(name),
    ),
  )
  const here = [...owned, ...former]
  const unfinishedHere = here.find((c) => c.image.state !== "NORMAL" && !isFailed(c.image))
  if (unfinishedHere !== undefined) {
    return { row: "await", found: unfinishedHere, reason: unfinished(unfinishedHere) }
  }
  const retired = owned.filter((c) => swapRole(c.image.name, p.image) === "retired")
  if (retired.length > 0)
    return refuse("not_yet_supported", retired, { wanted: "restore", reasons: ["leftover:prev"] })
  const fitting = here.filter((c) => c.image.state === "NORMAL" && hasSpec(c, spec))
  const [only] = fitting
  if (fitting.length > 1) return refuse("ambiguous", fitting)
  if (only !== undefined) return { row: "manage", found: only, notices: [] }
  const [old] = former
  if (former.length > 1) return refuse("ambiguous", former)
  return old === undefined ? undefined : matchOurs(p, spec, old, owned)
}

function matchFamily(p: DesiredPlacement, spec: string, region: RegionIndex): Verdict {
  const owned = region.byOwnedImage.get(imageHash(p.image)) ?? []
  const busy = owned.find((c) => c.image.state !== "NORMAL" && !isFailed(c.image))
  if (busy !== undefined) return { row: "await", found: busy, reason: unfinished(busy) }

  const members = owned.filter((c) => c.image.state === "NORMAL")
  const [newest] = members
  const usable = region.usableByFamily.get(p.family ?? "") ?? []
  if (newest !== undefined && hasSpec(newest, spec)) {
    return { row: "manage", found: newest, notices: shadowed(usable, newest) }
  }
  const older = members.filter((c) => hasSpec(c, spec))
  if (older.length > 0 && newest !== undefined) {
    return refuse("not_yet_supported", [newest, ...older], {
      wanted: "restore",
      reasons: specReasons(newest, p),
    })
  }
  const name = memberName(p.image, spec)
  const onName = region.byName.get(name) ?? []
  const failed = onName.filter((c) => c.ownership.owner === "us" && isFailed(c.image))
  if (failed.length > 0) return refuse("import_failed", failed)
  const hindered = foreign(onName, imageHash(p.image))
  if (hindered !== undefined) return hindered
  if (onName.length > 0) return refuse("conflict", onName)
  if (newest !== undefined) {
    if (p.lifecycle.onChange === "refuse") {
      return refuse("on_change_refuse", [newest], { wanted: "import", reasons: specReasons(newest, p) })
    }
    return importAs(name, ["family_moved", ...specReasons(newest, p)], shadowed(usable, undefined))
  }
  const [current] = usable
  if (p.lifecycle.adopt && current !== undefined && current.ownership.owner === "nobody") {
    const differing = statedDifferences(p, current)
    return differing.length > 0
      ? refuse("conflict", [current], { reasons: differing })
      : { row: "adopt", found: current }
  }
  return importAs(name, ["missing"], shadowed(usable, undefined))
}

function matchReleased(p: DesiredPlacement, region: RegionIndex): Verdict {
  const owned = region.byOwnedImage.get(imageHash(p.image)) ?? []
  if (owned.length > 1) return refuse("ambiguous", owned, { reasons: ["released"] })
  return { row: "release", found: owned[0] }
}

/** Somebody else's mark on the name, or one that this stack wrote for another image of its own. */
function foreign(onName: readonly Candidate[], image: string): Refused | undefined {
  const others = onName.filter((c) => c.ownership.owner === "other")
  if (others.length > 0) return refuse("owned_by_other", others)
  const conflicting = onName.filter(
    (c) => c.ownership.owner === "conflict" || (c.ownership.owner === "us" && c.ownership.image !== image),
  )
  return conflicting.length > 0 ? refuse("provenance_conflict", conflicting) : undefined
}

/** Fields that the manifest states and that the API returns. */
function statedDifferences(p: DesiredPlacement, found: Candidate): Reason[] {
  const reasons: Reason[] = []
  const architecture = p.architecture === "arm_64" ? "arm" : p.architecture
  if (found.image.architecture !== "" && found.image.architecture !== architecture) {
    reasons.push("spec_changed:architecture")
  }
  const license = found.image.licenseType
  if (p.licenseType !== undefined && license !== undefined && license !== p.licenseType) {
    reasons.push("spec_changed:licenseType")
  }
  return reasons
}

/** Why the spec of one of ours is another one, as far as the API and the stamp can tell. */
function specReasons(found: Candidate, p: DesiredPlacement): Reason[] {
  const reasons = statedDifferences(p, found)
  if (!sameSource(found, p)) reasons.push("spec_changed:source")
  return reasons.length === 0 ? ["spec_changed"] : reasons
}

/**
 * An image that proves its owner by tags alone has lost its spec; it counts as the wanted one and is stamped anew,
 * since importing it again because of a lost mark would be worse.
 */
function hasSpec(c: Candidate, spec: string): boolean {
  return c.ownership.owner === "us" && (c.ownership.stamp === undefined || c.ownership.stamp.spec === spec)
}

function sameSource(c: Candidate, p: DesiredPlacement): boolean {
  return (
    c.ownership.owner === "us" &&
    (c.ownership.stamp === undefined || c.ownership.stamp.source === sourceFingerprint(p))
  )
}

function shadowed(usable: readonly Candidate[], ours: Candidate | undefined): Reason[] {
  const [newest] = usable
  if (newest === undefined || newest === ours || newest.ownership.owner === "us") return []
  if (ours !== undefined && !isUsable(ours.image)) return []
  return [`family_shadowed:${newest.image.id}`]
}

function unfinished(c: Candidate): Reason {
  return c.image.state === "IMPORTING" ? "importing" : `unknown_state:${c.image.state}`
}

function importAs(name: string, reasons: readonly Reason[], notices: readonly Reason[]): Verdict {
  return { row: "import", name, reasons, notices }
}
