/** What to do about a refusal: plain sentences, with the ids at hand. */
import type { DesiredPlacement } from "../model/desired.ts"
import type { Failure } from "../model/failure.ts"
import { compareText } from "../model/placement.ts"
import type { Refused } from "./verdict.ts"

/** The advice of one refusal. */
export function adviceFor(verdict: Refused, p: DesiredPlacement, failure?: Failure): string {
  const ids = verdict.images
    .map((i) => i.image.id)
    .sort(compareText)
    .join(", ")
  switch (verdict.refusal) {
    case "import_failed":
      return `The import that left ${ids} failed and the same import would fail again. Mend the image file (a new checksum or URL is a new spec), or delete ${ids} to import it once more.`
    case "ambiguous":
      return `These images all fit: ${ids}. Keep one: rename or delete the others, or take the cvmimg mark off them.`
    case "owned_by_other":
      return `${ids} belongs to another stack. Give this image another name, or release it there first (lifecycle.state: released).`
    case "provenance_conflict":
      return `The marks on ${ids} disagree. Look at its description and its tags cvmimg.stack and cvmimg.image, and remove the wrong one.`
    case "conflict":
      return conflictAdvice(verdict, ids)
    case "on_change_refuse":
      return `${ids} has another spec, and lifecycle.onChange: refuse forbids to replace it. Undo the change of the spec, or set onChange: replace.`
    case "not_yet_supported":
      return notYetAdvice(verdict, p, ids)
    case "not_observed":
      return failure?.advice ?? "Run the plan again when the region can be read."
  }
}

function conflictAdvice(verdict: Refused, ids: string): string {
  if (verdict.reasons.includes("attribute_changed:description")) {
    return `The description of ${ids} is too long to take our mark. Give spec.description a text of at most 180 characters.`
  }
  return `${ids} is not ours and is not what the manifest describes. Rename it in the cloud, or give the manifest another name.`
}

function notYetAdvice(verdict: Refused, p: DesiredPlacement, ids: string): string {
  switch (verdict.wanted) {
    case "retry":
      return `${ids} is a failed import of an earlier spec that holds the name. Delete it (DeleteImages), then plan again.`
    case "restore":
      return `An older image already has the wanted spec (${ids}). This version cannot swap it back: rename it to ${p.image} by hand.`
    default:
      return `${ids} would have to be replaced. This version cannot do that: import the new spec under a new metadata.name, or with match: family.`
  }
}
