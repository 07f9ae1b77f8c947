/** Names of images: their length, the suffixes that cvmimg adds itself, and names that look alike. */
import type { Findings } from "./findings.ts"
import type { Spot } from "./tree.ts"
import { unicodePattern } from "./validator.ts"
import { shown } from "./words.ts"

/** The API's 60 less `.prev-img-xxxxxxxx`, the longest suffix of a replacement. */
export const MAX_NAME = 42
/** The API's 60 less `-<hash8>`. */
export const MAX_FAMILY_NAME = 51

/** As in schemas/image.schema.json. */
const NAME = unicodePattern("^[\\p{L}\\p{N}]([\\p{L}\\p{M}\\p{N}._ -]*[\\p{L}\\p{M}\\p{N}._-])?$")
const SUFFIX = /\.next-[0-9a-f]{8}$|\.prev-img-[0-9a-z]{1,16}$/i
const HASH = /^(.+)-[0-9a-f]{8}$/

/** Why no manifest may bear the name, as a diagnostic's code. What `checkName` and the schema say of manifests. */
export function nameProblem(
  name: string,
  match: "name" | "family",
): "bad_name" | "name_too_long" | "name_like_suffix" | undefined {
  if (!NAME.test(name)) return "bad_name"
  if (Array.from(name).length > (match === "family" ? MAX_FAMILY_NAME : MAX_NAME)) return "name_too_long"
  return SUFFIX.test(name) ? "name_like_suffix" : undefined
}

/** Says what is wrong with the name itself. */
export function checkName(
  name: string,
  match: "name" | "family",
  spot: Spot,
  path: string,
  findings: Findings,
): void {
  const most = match === "family" ? MAX_FAMILY_NAME : MAX_NAME
  const length = name.length <= most ? name.length : Array.from(name).length
  if (length > most) {
    findings.at(spot, {
      code: "name_too_long",
      message: `The name ${shown(name)} has ${length} characters; with match: ${match} it may have ${most}.`,
      advice: `shorten it by ${length - most}: the suffixes of a replacement need room in the API's 60 characters`,
      path,
    })
  }
  if (SUFFIX.test(name)) {
    findings.at(spot, {
      code: "name_like_suffix",
      message: `The name ${shown(name)} ends like one that cvmimg gives during a replacement.`,
      advice: "choose a name that does not end with .next-<hash> or .prev-<image id>",
      path,
    })
  }
}

/** The name without a last `-<hash8>`, as members of a family have it; none where it has no such end. */
export function memberOf(name: string): string | undefined {
  return HASH.exec(name)?.[1]
}

/** Equal for names that a reader may take for one another: case and Unicode form are levelled. */
export function lookAlikeKey(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFKC")
}
