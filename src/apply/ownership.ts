import type { CloudImage } from "../model/observed.ts"
import { STACK_TAG, type Stamp, splitDescription } from "../model/provenance.ts"

/** Whose the image is, for the last look before a write: either mark proves it, two that disagree prove nothing. */
export function ownerOf(image: CloudImage, stackId: string): "us" | "nobody" | "other" {
  const marks = [splitDescription(image.description).stamp?.stack, image.tags[STACK_TAG]]
  const stacks = marks.filter((mark) => mark !== undefined)
  if (stacks.length === 0) return "nobody"
  return stacks.every((stack) => stack === stackId) ? "us" : "other"
}

/** The image carries the mark of this very import. Tags attach late, so only the stamp counts. */
export function bears(image: CloudImage, wanted: Stamp | undefined): boolean {
  const { stamp } = splitDescription(image.description)
  if (stamp === undefined || wanted === undefined) return false
  return stamp.stack === wanted.stack && stamp.image === wanted.image && stamp.spec === wanted.spec
}
