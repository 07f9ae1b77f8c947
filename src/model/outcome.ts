import type { Failure } from "./failure.ts"
import type { Placement } from "./placement.ts"
import type { Verb } from "./plan.ts"

/** How one placement ended. `unknown` never collapses into failed or done. */
export const OUTCOMES = ["done", "failed", "skipped", "running", "unknown", "stale", "not_approved"] as const

export type Outcome = (typeof OUTCOMES)[number]

export interface Result extends Placement {
  readonly action: Verb
  readonly outcome: Outcome
  readonly imageId?: string
  /** Of the call that decided: the import's, the failed one's, else the last write's. */
  readonly requestId?: string
  readonly error?: Failure
  /** Why it was skipped. */
  readonly reason?: string
  readonly durationMs: number
}

/** The machine shape of an apply. */
export interface ApplyReport {
  readonly formatVersion: 1
  readonly stack: string
  readonly results: readonly Result[]
}

/** What an apply says while it runs: facts, not sentences. Each started has a settled. */
export type ApplyEvent =
  | { readonly type: "run.started"; readonly at: number; readonly actions: number }
  | { readonly type: "tags.started"; readonly at: number; readonly pairs: number }
  | { readonly type: "tags.settled"; readonly at: number; readonly created: number; readonly error?: Failure }
  | { readonly type: "rehearsal.started"; readonly at: number; readonly imports: number }
  | {
      readonly type: "rehearsal.checked"
      readonly at: number
      readonly placement: Placement
      readonly requestId?: string
      readonly error?: Failure
    }
  | { readonly type: "rehearsal.settled"; readonly at: number; readonly failed: number }
  | {
      readonly type: "placement.started"
      readonly at: number
      readonly placement: Placement
      readonly action: Verb
    }
  | {
      readonly type: "import.accepted"
      readonly at: number
      readonly placement: Placement
      readonly requestId: string
      readonly imageId?: string
    }
  | {
      readonly type: "image.state"
      readonly at: number
      readonly placement: Placement
      readonly imageId: string
      readonly state: string
      readonly progress?: number
    }
  | {
      readonly type: "update.started" | "update.settled"
      readonly at: number
      readonly placement: Placement
      readonly imageId: string
      readonly step: UpdateStep
      readonly requestId?: string
      readonly error?: Failure
    }
  | {
      readonly type: "call.retried"
      readonly at: number
      readonly failure: Failure
      readonly delayMs: number
    }
  | { readonly type: "interrupted"; readonly at: number }
  | { readonly type: "placement.settled"; readonly at: number; readonly result: Result }
  | { readonly type: "run.settled"; readonly at: number; readonly results: readonly Result[] }

export type UpdateStep = "attributes" | "tags" | "shares"
