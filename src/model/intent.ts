import type { Placement } from "./placement.ts"

/**
 * An import that an earlier run of this machine may have made: the call was about to be sent, and nobody read since
 * what became of the image.
 */
export interface OpenIntent extends Placement {
  /** Id of the attempt in the journal. */
  readonly attempt: string
  /** When it was about to be sent, milliseconds since the epoch. */
  readonly at: number
  /**
   * `intent`: the run died before a reply; `unknown`: the reply could not be read; `accepted`: the service has it;
   * `visible`: a listing showed the image.
   */
  readonly state: "intent" | "unknown" | "accepted" | "visible"
  /** The name in the call. */
  readonly name: string
  /** The mark in the call, by which the image is recognised: `[cvmimg:1 ...]`. */
  readonly stamp: string
  /** Images of the same mark that were there before; none of them is this one. */
  readonly others: readonly string[]
  readonly format?: string
  readonly requestId?: string
  readonly imageId?: string
}
