/** Names that a manifest and a file may bear, made from names that may be anything. */
import { nameProblem } from "../manifest/names.ts"
import { HIDDEN_CHARACTERS } from "../model/characters.ts"

/** Leaves room for `-2`, which tells names apart that become the same, in the 42 of `match: name`. */
const MAX = 38

/** A name that a manifest may bear, as near to the text as it goes; from the image's id where nothing is left of it. */
export function legalName(text: string, imageId: string): string {
  const clean = text
    .normalize("NFC")
    .replace(HIDDEN_CHARACTERS, "")
    .replace(/[ -]*[^\p{L}\p{M}\p{N}._ -]+[ -]*/gu, "-")
    .replace(/^[^\p{L}\p{N}]+/u, "")
  // An end that cvmimg gives itself is no end for a name.
  const bare = clean.replace(/\.(?:next|prev)-.*$/i, "").replace(/-[0-9a-f]{8}$/, "")
  const name = Array.from(bare)
    .slice(0, MAX)
    .join("")
    .replace(/[ .-]+$/, "")
  return nameProblem(name, "name") === undefined
    ? name
    : `image-${imageId.replace(/[^0-9a-z]+/gi, "-")}`.slice(0, MAX)
}

/** Names that Windows keeps for devices, and the stack's own. */
const KEPT = /^(?:con|prn|aux|nul|com\d|lpt\d|cvmimg)$/

/** The name of a file, without extension: lower case, so that it is one file on every file system. */
export function fileName(text: string): string {
  const name = text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}]+|[.-]+$/gu, "")
  if (name === "") return "images"
  return KEPT.test(name) ? `${name}-images` : name
}
