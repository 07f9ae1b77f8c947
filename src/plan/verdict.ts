/** What the matching table says of one placement, before it becomes an action. */
import type { Reason, Refusal, Verb } from "../model/plan.ts"
import type { Candidate } from "./own.ts"

export type Verdict =
  | {
      readonly row: "import"
      readonly name: string
      readonly reasons: readonly Reason[]
      readonly notices: readonly Reason[]
    }
  /** Keep, or update where something differs. `renamed`: the image stands under another name. */
  | { readonly row: "manage"; readonly found: Candidate; readonly notices: readonly Reason[] }
  | { readonly row: "adopt"; readonly found: Candidate }
  | { readonly row: "unmanaged"; readonly found: Candidate }
  | { readonly row: "await"; readonly found: Candidate; readonly reason: Reason }
  | { readonly row: "release"; readonly found: Candidate | undefined }
  | Refused

export interface Refused {
  readonly row: "refuse"
  readonly refusal: Refusal
  readonly reasons: readonly Reason[]
  readonly images: readonly Candidate[]
  readonly wanted?: Verb
}

/** A refusal; reasons beyond the refusal itself come after it. */
export function refuse(
  refusal: Refusal,
  images: readonly Candidate[],
  more: { readonly reasons?: readonly Reason[]; readonly wanted?: Verb } = {},
): Refused {
  return {
    row: "refuse",
    refusal,
    reasons: [refusal, ...(more.reasons ?? [])],
    images,
    ...(more.wanted === undefined ? {} : { wanted: more.wanted }),
  }
}
