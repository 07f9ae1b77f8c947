/** What to do about a refusal: plain sentences, with the ids at hand. */
import { compareText } from "../model/placement.ts"
import type { Refused } from "./verdict.ts"

/** The advice of one refusal. */
export function adviceFor(verdict: Refused): string {
  const { failure } = verdict
  const ids = verdict.images
    .map((i) => i.image.id)
    .sort(compareText)
    .join(", ")
  switch (verdict.refusal) {
    case "import_failed":
      return `The import that left ${ids} failed, and the same import would fail again. Mend the image file (a new checksum or URL is a new spec); or, where the cause lay elsewhere, run with --retry-failed.`
    case "ambiguous":
      if (verdict.reasons.includes("released")) {
        return `These images all carry our marks: ${ids}, and which of them is to be kept does not follow. Take the marks off by hand (the end of the description from [cvmimg: on, and the tags cvmimg.stack and cvmimg.image) from all but one, or from all; or delete those that nobody needs.`
      }
      return `These images all fit: ${ids}. Keep one: rename or delete the others, or take the cvmimg mark off them.`
    case "owned_by_other":
      return `${ids} belongs to another stack. Give this image another name, or release it there first (lifecycle.state: released).`
    case "provenance_conflict":
      return `The marks on ${ids} disagree. Look at its description and its tags cvmimg.stack and cvmimg.image, and remove the wrong one; if the image was renamed, name its former names in metadata.formerNames.`
    case "conflict":
      if (verdict.reasons.includes("protected") && verdict.wanted === "restore") {
        return `To restore the earlier image, ${ids} would be deprecated, and the tag cvmimg.protect keeps it. Take the tag off, or undo the change of the spec.`
      }
      if (verdict.reasons.includes("protected")) {
        return `${ids} is a failed import that stands in the way, and its tag cvmimg.protect keeps it. Take the tag off, or delete the image.`
      }
      if (verdict.reasons.includes("half_done:swap")) {
        return `${ids} is not ours and has the name that the staged image is to take. Rename it in the cloud, or give the manifest another name.`
      }
      return verdict.reasons.includes("attribute_changed:description")
        ? `The description of ${ids} is too long to take our mark. Give spec.description a text of at most 180 characters.`
        : `${ids} is not ours and is not what the manifest describes. Rename it in the cloud, or give the manifest another name.`
    case "on_change_refuse":
      return `${ids} has another spec, and lifecycle.onChange: refuse forbids to replace it. Undo the change of the spec, or set onChange: replace.`
    case "lost_shares":
      return `${ids} is shared with accounts that would not get the ${verdict.wanted === "restore" ? "earlier" : "new"} image. Name them in spec.sharedWith, or set lifecycle.allowLostShares: true.`
    case "shares_unread":
      return `Who ${ids} is shared with could not be read, and whoever has the image of today would lose it. Where that does not matter, set lifecycle.allowLostShares: true. ${failure?.advice ?? "Else plan again when it can be read."}`
    case "not_observed":
      return failure?.advice ?? "Run the plan again when the region can be read."
  }
}
