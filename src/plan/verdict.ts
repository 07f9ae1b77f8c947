/** What the matching table says of one placement, before it becomes an action. */
import type { DesiredPlacement } from "../model/desired.ts"
import type { Failure } from "../model/failure.ts"
import type { SourceSeen } from "../model/observed.ts"
import type { Reason, Refusal, Verb } from "../model/plan.ts"
import type { Candidate } from "./own.ts"
import type { RegionIndex } from "./region.ts"

/** One placement with everything that decides about it. */
export interface Question {
  readonly placement: DesiredPlacement
  /** Hash of the image's name, as stamps carry it. */
  readonly hash: string
  /** Its spec hash. */
  readonly spec: string
  readonly region: RegionIndex
  /** The source object, where COS was asked. */
  readonly seen?: SourceSeen
  /** `--retry-failed`. */
  readonly retryFailed: boolean
}

export type Verdict = Imported | Replaced | Restored | Managed | Settled | Refused

export interface Imported {
  readonly row: "import"
  readonly verb: "import" | "retry"
  readonly name: string
  readonly remove: readonly Candidate[]
  readonly reasons: readonly Reason[]
  readonly notices: readonly Reason[]
  /** The image whose place the new one takes; its spec tells which field forces that. */
  readonly previous?: Candidate
}

export interface Replaced {
  readonly row: "replace"
  readonly old?: Candidate
  readonly staged?: Candidate
  readonly remove: readonly Candidate[]
  readonly reasons: readonly Reason[]
}

export interface Restored {
  readonly row: "restore"
  readonly remove: readonly Candidate[]
  readonly target: Candidate
  /** The image that bears the name now. */
  readonly old?: Candidate
  readonly reasons: readonly Reason[]
}

/** Keep, or update where something differs. */
export interface Managed extends Beside {
  readonly row: "manage"
  readonly found: Candidate
  readonly notices: readonly Reason[]
}

interface Beside {
  /** Leftovers of ours that go as well, each by a row of its own. */
  readonly remove: readonly Candidate[]
}

export type Settled =
  | (Beside & { readonly row: "adopt" | "unmanaged"; readonly found: Candidate })
  | { readonly row: "await"; readonly found: Candidate; readonly reasons: readonly Reason[] }
  | {
      readonly row: "release"
      readonly found: Candidate | undefined
      readonly notices: readonly Reason[]
    }

export interface Refused {
  readonly row: "refuse"
  readonly refusal: Refusal
  readonly reasons: readonly Reason[]
  readonly images: readonly Candidate[]
  readonly wanted?: Verb
  /** The call that kept something from being known. */
  readonly failure?: Failure
}

/** A refusal; reasons beyond the refusal itself come after it. */
export function refuse(
  refusal: Refusal,
  images: readonly Candidate[],
  more: { readonly reasons?: readonly Reason[]; readonly wanted?: Verb; readonly failure?: Failure } = {},
): Refused {
  return {
    row: "refuse",
    refusal,
    reasons: [refusal, ...(more.reasons ?? [])],
    images,
    ...(more.wanted === undefined ? {} : { wanted: more.wanted }),
    ...(more.failure === undefined ? {} : { failure: more.failure }),
  }
}
