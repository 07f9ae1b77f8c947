import type { Stale } from "./approval.ts"
import type { Failure } from "./failure.ts"
import type { Placement } from "./placement.ts"
import type { Refusal, Verb } from "./plan.ts"

/** How one placement ended. `unknown` never collapses into failed or done. */
export const OUTCOMES = ["done", "failed", "skipped", "running", "unknown", "stale", "not_approved"] as const

export type Outcome = (typeof OUTCOMES)[number]

/** Every reason for which an action is skipped, with the sentence that explains it; a refusal names itself. */
export const SKIPS = {
  rehearsal_failed: "a rehearsal failed, so that nothing was started",
  check_failed: "a check of the plan failed, so that nothing was started",
  over_limit: "the plan exceeds a safety limit of the stack, so that nothing was started",
  interrupted: "the run was interrupted before this was started",
  quota_exhausted: "the image quota of the region is used up",
  unauthorized: "an earlier write in this account and region was not permitted",
  no_room: "imports under way hold every place that maxImporting allows; apply again when they have ended",
  release_held: "another placement of the image is not NORMAL, and the release is held back until all are",
  import_not_done: "an import of the image or of its family is not done, so that nothing of it is retired",
  not_sent: "this run sends no imports",
  journal_failed: "the journal could no longer be written, so that nothing more was sent",
  not_retirable: "the image must not be retired as it stands now",
} as const

export type Skip = keyof typeof SKIPS

export interface Result extends Placement {
  readonly action: Verb
  readonly outcome: Outcome
  readonly imageId?: string
  /** Of the call that decided: the import's, the failed one's, else the last write's. */
  readonly requestId?: string
  readonly error?: Failure
  /** Why it was skipped. With a request id: imported, and only what comes after NORMAL was skipped. */
  readonly reason?: Skip | Refusal
  /** With the outcome `stale`: what was approved, and what would be done now. */
  readonly stale?: Stale
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
      /** Of `deprecate` and `delete`: several of them may concern one placement. */
      readonly imageId?: string
      /** How long it will take, as far as earlier imports of the format and region tell. */
      readonly estimateMs?: number
    }
  | {
      readonly type: "import.accepted"
      readonly at: number
      readonly placement: Placement
      readonly requestId: string
      readonly imageId?: string
    }
  | {
      /** No readable reply: not sent again, but looked for. Or the name is taken: looked whether by ours. */
      readonly type: "import.unclear"
      readonly at: number
      readonly placement: Placement
      readonly error: Failure
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
      /** Which of the call's attempts failed, the first being 1; absent where nobody counts. */
      readonly attempt?: number
    }
  | { readonly type: "interrupted"; readonly at: number }
  | { readonly type: "placement.settled"; readonly at: number; readonly result: Result }
  | { readonly type: "run.settled"; readonly at: number; readonly results: readonly Result[] }

export type UpdateStep = "attributes" | "tags" | "shares" | "name" | "deprecation" | "removal"

/**
 * What the results of an apply say as an exit code: 0 all done; 5 some done and some not, still running, of unknown
 * outcome, or stopped after the import; 4 stale; 3 refused; 1 nothing done. Rows that nobody approved do not count.
 */
export function applyExitCode(results: readonly Result[]): 0 | 1 | 3 | 4 | 5 {
  const rows = results.filter((r) => r.outcome !== "not_approved")
  const has = (outcome: Outcome): boolean => rows.some((r) => r.outcome === outcome)
  if (rows.every((r) => r.outcome === "done")) return 0
  if (has("done") || has("running") || has("unknown")) return 5
  if (rows.some((r) => r.outcome === "skipped" && r.requestId !== undefined)) return 5
  if (has("stale")) return 4
  return rows.some((r) => r.action === "refuse") ? 3 : 1
}
