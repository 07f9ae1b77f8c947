/**
 * What cvmimg stamps on an image. The text travels at the end of ImageDescription in the ImportImage call itself,
 * so that even an import whose reply was lost can be recognised; the tags are copies for people and policies.
 */
export interface Stamp {
  /** Version of the stamp and of the hashes in it. */
  readonly version: number
  /** Stack id, 8 hex digits. */
  readonly stack: string
  /** Hash of the image's name, 8 hex digits. */
  readonly image: string
  /** Spec hash, 16 hex digits. */
  readonly spec: string
  /** Source fingerprint, 12 hex digits; all zeros: asserted by an adoption or a repair, not imported by us. */
  readonly source: string
  /** Hash of the managed attributes as last applied, 8 hex digits. */
  readonly attributes: string
}

/** The source fingerprint of an image whose source we only take on trust. */
export const ASSERTED_SOURCE = "000000000000"

/** Tag keys of the copies. */
export const STACK_TAG = "cvmimg.stack"
export const IMAGE_TAG = "cvmimg.image"

/** Set by people, with any value: the image is never retired or deleted, even when its manifest is gone. */
export const PROTECT_TAG = "cvmimg.protect"

/** Longest user text before the stamp; the API takes 256 characters in all. */
export const MAX_DESCRIPTION = 180

const STAMP =
  /\s*\[cvmimg:(\d{1,3}) ([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{16}) ([0-9a-f]{12}) ([0-9a-f]{8})\]\s*$/

/** The text and the stamp of a description; no stamp: the text as it is. */
export function splitDescription(description: string): { readonly text: string; readonly stamp?: Stamp } {
  // Only the tail can hold a stamp; a bounded slice keeps the search linear on any text.
  const tail = description.slice(-120)
  const match = STAMP.exec(tail)
  if (match === null) return { text: description }
  const [, version = "", stack = "", image = "", spec = "", source = "", attributes = ""] = match
  const text = description.slice(0, description.length - tail.length + match.index)
  return { text, stamp: { version: Number(version), stack, image, spec, source, attributes } }
}

/** A description that ends with the stamp. */
export function stampDescription(text: string, s: Stamp): string {
  const stamp = `[cvmimg:${s.version} ${s.stack} ${s.image} ${s.spec} ${s.source} ${s.attributes}]`
  return text === "" ? stamp : `${text} ${stamp}`
}
