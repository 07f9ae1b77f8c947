/** One reader of foreign bytes: how to make input for it, and how to let it read. */
import type { Random } from "../chaos/support/random.ts"

export interface Reader {
  readonly name: string
  /** What it is given: good bytes damaged, or bytes that never were good. */
  readonly input: (r: Random) => Buffer
  /**
   * Lets the product read. Refusals that the reader documents are part of what was seen; whatever else it throws is a
   * mistake.
   */
  readonly read: (input: Buffer, place: Place) => Promise<Seen> | Seen
}

/** Where it may write, for itself alone. */
export interface Place {
  readonly folder: string
}

/** What came of it. */
export interface Seen {
  /** Texts for people, as they would reach a terminal: nothing in them may be obeyed by it. */
  readonly told?: readonly string[]
  /** Everything else that leaves the process: JSON, pages, messages of errors. */
  readonly written?: readonly string[]
  /** The exit code, and which ones are documented for it. */
  readonly exit?: { readonly code: number; readonly documented: readonly number[] }
}

/** In inputs that hold secrets this is one, and it must be in no output. */
export const CANARY = "CANARYkey0123456789"
