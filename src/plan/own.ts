/**
 * Whose an image is. Two carriers can prove it: the stamp at the end of the description and the tags.
 *
 * | stamp           | tags            | verdict                                       |
 * |-----------------|-----------------|-----------------------------------------------|
 * | none            | none            | nobody's                                      |
 * | ours            | ours or none    | ours                                          |
 * | none            | ours            | ours, with an unknown spec                    |
 * | another stack's | theirs or none  | another stack's                               |
 * | none            | another stack's | another stack's                               |
 * | ours            | another's       | conflict (and the other way round)            |
 * | image A         | image B         | conflict                                      |
 * | a former name   | the same, none  | ours, of the image of today's name            |
 * | a former name   | today's name    | ours, renamed by half (and the other way)     |
 * | of a newer tool | any             | conflict: this version cannot read its hashes |
 *
 * Images are never ruled out by their creator: the field is nullable and names whoever called.
 */
import type { CloudImage } from "../model/observed.ts"
import { IMAGE_TAG, PROTECT_TAG, STACK_TAG, type Stamp, splitDescription } from "../model/provenance.ts"
import { HASH_VERSION, imageHash } from "./fingerprint.ts"
import { commonImage, type Lineages, nameToday } from "./lineage.ts"

export type Ownership =
  | { readonly owner: "nobody" }
  | { readonly owner: "other"; readonly stack: string }
  /** `images`: where it is ours and only which one is in doubt, the hashes of the names that the marks name. */
  | { readonly owner: "conflict"; readonly images: readonly string[] }
  | {
      readonly owner: "us"
      readonly image: string
      readonly stamp?: Stamp
      /** One mark names the image and the other one a former name of it: a rename was stopped. */
      readonly renaming?: true
    }

/** One image of a region with what was derived from it once. */
export interface Candidate {
  readonly image: CloudImage
  readonly ownership: Ownership
  /** The description without our stamp. */
  readonly text: string
}

/**
 * Settles ownership of one image for the stack with this id. `image` in the verdict is the 8 digit hash of its name, of
 * today's where a manifest knows it by another one.
 */
export function candidate(image: CloudImage, stackId: string, lineages: Lineages = new Map()): Candidate {
  const { text, stamp } = splitDescription(image.description)
  return { image, text, ownership: ownership(stamp, image.tags, stackId, lineages) }
}

function ownership(
  stamp: Stamp | undefined,
  tags: CloudImage["tags"],
  stackId: string,
  lineages: Lineages,
): Ownership {
  const tagStack = tags[STACK_TAG]
  const tagImage = tags[IMAGE_TAG] === undefined ? undefined : imageHash(tags[IMAGE_TAG])
  if (stamp === undefined) {
    if (tagStack === undefined) return { owner: "nobody" }
    if (tagStack !== stackId) return { owner: "other", stack: tagStack }
    // The stack alone does not say which image it is; both tags are written together.
    if (tagImage === undefined) return { owner: "conflict", images: [] }
    return { owner: "us", image: nameToday(tagImage, lineages) }
  }
  if (tagStack !== undefined && tagStack !== stamp.stack) return { owner: "conflict", images: [] }
  if (stamp.stack !== stackId) return { owner: "other", stack: stamp.stack }
  if (stamp.version > HASH_VERSION) return { owner: "conflict", images: [stamp.image] }
  if (tagImage !== undefined && tagImage !== stamp.image) {
    const image = commonImage(stamp.image, tagImage, lineages)
    return image === undefined
      ? { owner: "conflict", images: [stamp.image, tagImage] }
      : { owner: "us", image, stamp, renaming: true }
  }
  return { owner: "us", image: nameToday(stamp.image, lineages), stamp }
}

/** Final and usable by consumers. */
export function isUsable(image: CloudImage): boolean {
  return image.state === "NORMAL" && !image.deprecated
}

/** Final and of no use: an import never leaves these states. */
export function isFailed(image: CloudImage): boolean {
  return image.state === "IMPORTFAILED" || image.state === "CREATEFAILED"
}

/** Newest first; where the API gives no time, or the same, the id decides, so that the order is always the same. */
export function newestFirst(a: Candidate, b: Candidate): number {
  const byTime = (b.image.createdAt ?? 0) - (a.image.createdAt ?? 0)
  return byTime !== 0 ? byTime : a.image.id < b.image.id ? 1 : -1
}

/** The stamp of one of ours; absent where the tags alone prove it. */
export function stampOf(c: Candidate): Stamp | undefined {
  return c.ownership.owner === "us" ? c.ownership.stamp : undefined
}

/** Final in either way: nothing is under way that could still change the image. */
export function isFinal(image: CloudImage): boolean {
  return image.state === "NORMAL" || isFailed(image)
}

/** Marked by people to stay, whatever else speaks against it. */
export function isProtected(c: Candidate): boolean {
  return c.image.tags[PROTECT_TAG] !== undefined
}
