/** Which change of a field is a risk, and which. Levels and words are those of the model's table. */
import type { DesiredPlacement } from "../model/desired.ts"
import type { RiskCode } from "../model/review.ts"
import type { Difference } from "./fields.ts"

type Rule = (before: DesiredPlacement, after: DesiredPlacement) => readonly (RiskCode | false)[]

const RULES: Readonly<Record<string, Rule>> = {
  "source.url": (b, a) => [hostOf(b.source.template) !== hostOf(a.source.template) && "source_bucket"],
  "source.crc64": (b, a) => [hasChecksum(b) && !hasChecksum(a) && "checksum_removed"],
  "source.sha256": (b, a) => [hasChecksum(b) && !hasChecksum(a) && "checksum_removed"],
  "source.signAs": () => ["sign_as_changed"],
  "source.onChange": (_, a) => [a.source.onChange === "replace" && "source_replace"],
  architecture: () => ["architecture_changed"],
  force: (_, a) => [a.force && "force_on"],
  match: () => ["match_changed"],
  release: (_, a) => [a.release === "perRegion" && "release_per_region"],
  family: (_, a) => [a.family !== undefined && "family_changed"],
  deprecated: (b, a) => [
    a.deprecated === true && "deprecated",
    b.deprecated === true && a.deprecated === false && (a.family ?? "") !== "" && "family_changed",
  ],
  sharedWith: (b, a) => [
    a.sharedWith?.some((account) => b.sharedWith?.includes(account) !== true) === true && "shares_added",
    // Whom nobody managed until now may be anybody.
    a.sharedWith !== undefined &&
      (b.sharedWith?.some((account) => a.sharedWith?.includes(account) !== true) ?? true) &&
      "shares_removed",
  ],
  "lifecycle.state": (_, a) => [a.lifecycle.state === "released" ? "released" : "state_managed"],
  "lifecycle.onChange": (_, a) => [a.lifecycle.onChange === "replace" && "on_change_replace"],
  "lifecycle.retire": (_, a) => [a.lifecycle.retire === "delete" && "retire_delete"],
  "lifecycle.keepPrevious": (b, a) => [
    a.lifecycle.keepPrevious < b.lifecycle.keepPrevious && "keep_previous_lowered",
  ],
  "lifecycle.deleteSnapshots": (_, a) => [a.lifecycle.deleteSnapshots && "snapshots_deleted"],
  "lifecycle.protect": (_, a) => [!a.lifecycle.protect && "protect_off"],
  "lifecycle.adopt": (_, a) => [a.lifecycle.adopt && "adopt_on"],
  "lifecycle.allowLostShares": (_, a) => [a.lifecycle.allowLostShares && "lost_shares_allowed"],
}

/** The risks of one difference, what it does to the image that exists included. */
export function risksOf(d: Difference, before: DesiredPlacement, after: DesiredPlacement): RiskCode[] {
  const found: RiskCode[] = []
  if (d.filled !== true) {
    for (const code of RULES[d.field]?.(before, after) ?? []) if (code !== false) found.push(code)
  }
  if (d.field.startsWith("labels.")) found.push("labels_changed")
  if (d.impact === "in_place") found.push("update_in_place")
  if (d.impact === "replacement") {
    const refused = after.match === "name" && after.lifecycle.onChange === "refuse"
    found.push(refused ? "replacement_refused" : after.match === "family" ? "next_member" : "replaces_image")
  }
  return found
}

/** What a new image brings with it beyond its import. */
export function risksOfNew(p: DesiredPlacement): RiskCode[] {
  const found: RiskCode[] = ["new_image"]
  if (p.lifecycle.adopt) found.push("adopt_on")
  if (p.lifecycle.retire === "delete") found.push("retire_delete")
  if (p.lifecycle.allowLostShares) found.push("lost_shares_allowed")
  if (p.sharedWith !== undefined && p.sharedWith.length > 0) found.push("shares_added")
  if (p.force && p.source.format !== "iso") found.push("force_on")
  if (p.source.onChange === "replace") found.push("source_replace")
  return found
}

function hasChecksum({ source }: DesiredPlacement): boolean {
  return source.crc64 !== undefined || source.sha256 !== undefined
}

/** Scheme, bucket and host, with their placeholders. */
function hostOf(template: string): string {
  return /^[a-z]+:\/\/[^/?#]*/i.exec(template)?.[0].toLowerCase() ?? template
}
