import type { SourceSeen } from "./observed.ts"
import type { Action, Brake, Plan } from "./plan.ts"

/** What a run was told beside the manifests; an approval set repeats it when it is applied. */
export interface PlanningChoices {
  readonly images: readonly string[]
  readonly regions: readonly string[]
  readonly accounts: readonly string[]
  /** `label=value`. */
  readonly labels: readonly string[]
  readonly prune: { readonly orphans: boolean; readonly retention: boolean }
  readonly retryFailed: boolean
  /** Safety limits lifted by naming the number. */
  readonly allow: Readonly<Partial<Record<Brake["limit"], number>>>
}

/**
 * What was reviewed, saved by `plan --out`. Applying it plans again and runs exactly the actions whose digest is in it;
 * it can therefore only narrow what manifests and cloud ask for. Holds no secret.
 */
export interface ApprovalSet {
  readonly formatVersion: 1
  readonly kind: "ApprovalSet"
  /** sha256 over the canonical form of everything else; 64 hex digits. Finds damage, proves no origin. */
  readonly checksum: string
  readonly plan: Plan
  readonly choices: PlanningChoices
  /** When each import was rehearsed, milliseconds since the epoch, by digest. */
  readonly rehearsed: Readonly<Record<string, number>>
  /**
   * What was seen of the objects that the plan imports, by URL without query; those that a checksum of the manifest
   * pins are left out. Absent: nobody looked, and nothing is compared.
   */
  readonly sources?: Readonly<Record<string, SourceSeen>>
  /** For people: nothing is decided by it, except that keys of other accounts than these are refused. */
  readonly information: {
    readonly tool: string
    /** ISO 8601. */
    readonly createdAt: string
    /** sha256 over the manifests' texts; 64 hex digits. */
    readonly manifests: string
    /** Commit of the work tree, where there is one. */
    readonly commit?: string
    /** Root account id by name of the account. */
    readonly accounts: Readonly<Record<string, string>>
  }
}

/** An object that is not what it was when the plan was made. */
export interface SourceDifference {
  /** Without query. */
  readonly url: string
  readonly approved: SourceSeen
  /** Absent: it could not be read. */
  readonly now?: SourceSeen
}

/** An approved action that is not the one to do now. */
export interface Stale {
  readonly approved: Action
  /** Absent: the plan has nothing for the placement that could be named. */
  readonly derived?: Action
  /** Objects that the derived action would import, and that are other ones by now. */
  readonly sources?: readonly SourceDifference[]
}
