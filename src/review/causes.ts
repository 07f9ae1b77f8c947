/**
 * Whose change a difference is: the image's own manifest, or the Stack, whose defaults, accounts and variables reach into many
 * images. The places of the values tell it.
 */
import type { DesiredPlacement } from "../model/desired.ts"
import type { Position } from "../model/position.ts"
import type { ReviewSide } from "../model/review.ts"

export type Cause = "image" | "defaults" | "variables"

type Place = "image" | "stack" | "nowhere"

export class Causes {
  readonly #base: ReviewSide
  readonly #head: ReviewSide
  readonly #untouched = new Map<string, boolean>()

  constructor(base: ReviewSide, head: ReviewSide) {
    this.#base = base
    this.#head = head
  }

  /** `key`: a path below `spec`, as `origins` names it. */
  of(key: string, before: DesiredPlacement, after: DesiredPlacement): Cause {
    const was = placeOf(before.origins[key], this.#base)
    const is = placeOf(after.origins[key], this.#head)
    const untouched = this.isUntouched(before, after)
    if (is === "image") return untouched ? "variables" : "image"
    if (is === "stack") return was === "image" && !untouched ? "image" : "defaults"
    return was === "stack" ? "defaults" : "image"
  }

  /** Whether the file that names the image holds the same text on both sides. */
  isUntouched(before: DesiredPlacement, after: DesiredPlacement): boolean {
    const [was, is] = [before.at.file, after.at.file]
    if (is === this.#head.stackPlace?.file) return false
    const key = `${was}\u0000${is}`
    let same = this.#untouched.get(key)
    if (same === undefined) {
      const text = this.#head.texts.get(is)
      same = text !== undefined && text === this.#base.texts.get(was)
      this.#untouched.set(key, same)
    }
    return same
  }
}

function placeOf(at: Position | undefined, { stackPlace }: ReviewSide): Place {
  if (at === undefined) return "nowhere"
  const inStack =
    stackPlace !== undefined &&
    at.file === stackPlace.file &&
    at.line >= stackPlace.from &&
    at.line <= stackPlace.to
  return inStack ? "stack" : "image"
}
