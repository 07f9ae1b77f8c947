/** What a pull request does to a stack, told from its manifests alone: nobody asked the cloud. */
import type { Desired } from "./desired.ts"
import type { Diagnostic } from "./diagnostic.ts"
import type { Scope } from "./placement.ts"
import type { FieldValue } from "./plan.ts"
import type { Position } from "./position.ts"

export const RISK_LEVELS = ["none", "low", "medium", "high"] as const
export type RiskLevel = (typeof RISK_LEVELS)[number]

/** Every risk code with its level and the sentence that explains it. */
export const RISKS = {
  new_image: { level: "low", text: "an image is imported" },
  new_placements: { level: "low", text: "the image is imported into more accounts or regions" },
  update_in_place: { level: "low", text: "an image that exists is changed in place" },
  image_renamed: { level: "low", text: "the image is renamed in place" },
  replaces_image: {
    level: "medium",
    text: "images that were released are replaced by newly imported ones",
  },
  next_member: {
    level: "medium",
    text: "a new member is imported, and what consumers of the family boot changes",
  },
  family_changed: { level: "medium", text: "consumers of a family boot another image" },
  deprecated: { level: "medium", text: "the image is taken out of its family's use" },
  removed_keep: {
    level: "medium",
    text: "the images stay in the cloud as orphans that no manifest manages",
  },
  removed_prune: {
    level: "high",
    text: "the images become orphans, which prune.orphans has deprecated or deleted",
  },
  rename_without_former: {
    level: "medium",
    text: "an image of the same spec has left: metadata.formerNames would rename it, without an import",
  },
  released: { level: "medium", text: "cvmimg takes its marks off and manages the image no more" },
  state_managed: { level: "low", text: "cvmimg manages the image again" },
  match_changed: {
    level: "high",
    text: "the image is looked for in another way, and those that stand now may not be found",
  },
  shares_added: { level: "high", text: "other accounts get the image" },
  shares_removed: { level: "high", text: "accounts lose the image" },
  source_bucket: { level: "high", text: "the image file comes from another bucket or host" },
  checksum_removed: { level: "high", text: "nothing says any more which content is meant" },
  architecture_changed: {
    level: "medium",
    text: "instances of the other architecture cannot boot the image",
  },
  force_on: { level: "medium", text: "the service imports without its own checks" },
  sign_as_changed: { level: "medium", text: "the image file is read with another account's rights" },
  retire_delete: { level: "high", text: "replaced images are deleted" },
  protect_off: { level: "high", text: "the image may be retired and pruned" },
  adopt_on: { level: "high", text: "cvmimg takes over images that it did not import" },
  lost_shares_allowed: { level: "high", text: "a replacement may take the image from accounts that have it" },
  keep_previous_lowered: { level: "medium", text: "fewer replaced images are kept to go back to" },
  snapshots_deleted: { level: "medium", text: "snapshots are deleted with their image" },
  replacement_refused: {
    level: "low",
    text: "the change would replace the image, which lifecycle.onChange refuses",
  },
  source_replace: { level: "medium", text: "another object under the same URL replaces the image" },
  on_change_replace: { level: "medium", text: "a change may replace the image, which was refused before" },
  release_per_region: { level: "medium", text: "regions are released one by one, no longer together" },
  stack_added: { level: "low", text: "the stack is new" },
  stack_removed: { level: "high", text: "nobody manages the stack's images any more" },
  owner_changed: {
    level: "high",
    text: "the stack has another id: every image of it counts as another owner's",
  },
  site_changed: { level: "high", text: "another cloud is meant, with other accounts" },
  account_added: { level: "medium", text: "the stack acts in another account" },
  account_removed: { level: "high", text: "images in the account are not managed any more" },
  account_changed: { level: "high", text: "the account's credentials come from another place" },
  variables_changed: { level: "medium", text: "placeholders are filled with other values" },
  regions_changed: { level: "low", text: "images are wanted in other regions" },
  limit_raised: { level: "high", text: "a safety limit lets more happen in one run" },
  limit_lowered: { level: "none", text: "a safety limit lets less happen in one run" },
  prune_delete: { level: "high", text: "orphans may be deleted" },
  prune_deprecate: { level: "medium", text: "orphans may be deprecated" },
  marks_off: { level: "medium", text: "images no longer bear the tags that prove whose they are" },
  drift_ignored: { level: "medium", text: "differences are no longer reported as drift" },
  apply_changed: { level: "low", text: "runs have other limits of time or number" },
  retention_shortened: { level: "high", text: "members of the family leave use earlier" },
  retention_added: { level: "medium", text: "older members of the family leave use" },
  retention_delete: { level: "high", text: "older members of the family are deleted" },
  setting_relaxed: { level: "none", text: "less happens than before" },
  labels_changed: { level: "none", text: "selections by label see other images" },
} as const

export type RiskCode = keyof typeof RISKS

/**
 * What a changed field does: to the image that exists (`in_place`, `replacement`), to the next import alone (`import`), to
 * what cvmimg does (`policy`), or `none`: nothing that is there changes.
 */
export type ReviewImpact = "in_place" | "replacement" | "import" | "policy" | "none"

/** One field that differs, folded over all the placements that it is the same in. */
export interface ReviewChange {
  /** A path below `spec`; of the Stack and of Family manifests too. */
  readonly field: string
  readonly before: FieldValue
  readonly after: FieldValue
  readonly impact: ReviewImpact
  readonly risks: readonly RiskCode[]
  /** Accounts and regions where it is so; empty: not about placements. */
  readonly scopes: readonly Scope[]
  /** Where the value is written: at the head, or, where it has gone, undefined. */
  readonly at?: Position
}

/** `moved`: nothing of it changes but the file that it stands in. */
export type ImageFate = "added" | "removed" | "renamed" | "changed" | "moved"

export interface ReviewedImage {
  readonly image: string
  readonly fate: ImageFate
  readonly formerName?: string
  readonly risk: RiskLevel
  readonly risks: readonly RiskCode[]
  /** Only what its own manifest changes; what follows from the Stack is told with its cause. */
  readonly changes: readonly ReviewChange[]
  /** Placements that come, go, and are replaced or updated. */
  readonly added: readonly Scope[]
  readonly removed: readonly Scope[]
  readonly replaced: readonly Scope[]
  readonly updated: readonly Scope[]
  /** Where its name is written at the head; of a removed one, where it was. */
  readonly manifest: Position
  /** The file that it stood in, where that is another one. */
  readonly movedFrom?: string
}

/** One change of the Stack, and everything that follows from it. */
export interface StackChange extends ReviewChange {
  /** Images that it changes, sorted. */
  readonly images: readonly string[]
  /** How many placements. */
  readonly placements: number
  readonly risk: RiskLevel
}

export interface ReviewedFamily {
  readonly family: string
  readonly fate: "added" | "removed" | "changed"
  readonly risk: RiskLevel
  readonly risks: readonly RiskCode[]
  readonly changes: readonly ReviewChange[]
  readonly manifest: Position
}

/**
 * What the manifests make of a family in an account and region. Names, as the images will be called; more than one: the
 * newest of them, which only the cloud knows.
 */
export interface ReviewedMove {
  readonly family: string
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** Whether `after` is still to be imported, also where the name stays. */
  readonly imported: boolean
  readonly scopes: readonly Scope[]
  /** Images of the manifests that cause it. */
  readonly images: readonly string[]
}

export interface ReviewDiagnostic extends Diagnostic {
  /** False: the base has it too. */
  readonly isNew: boolean
}

export interface ReviewedCommit {
  /** As it was named; absent: the work tree. */
  readonly revision?: string
  /** 40 or 64 hex digits; absent: the work tree. */
  readonly commit?: string
}

/** Images by their own fate, and placements, those that follow from the Stack included. */
export interface ReviewSummary {
  readonly images: Readonly<Record<ImageFate, number>>
  readonly placements: {
    readonly added: number
    readonly removed: number
    readonly replaced: number
    readonly updated: number
  }
}

/** One state of the stack, as it was loaded. */
export interface ReviewSide {
  /** What could be made of the manifests, also where something is wrong with them; absent: there is no Stack. */
  readonly desired?: Desired
  readonly valid: boolean
  readonly diagnostics: readonly Diagnostic[]
  /** Every Image whose name could be read, and its file. */
  readonly images: readonly { readonly name: string; readonly file: string }[]
  readonly errorFiles: ReadonlySet<string>
  readonly stackPlace?: {
    readonly file: string
    readonly from: number
    readonly to: number
    readonly origins: Readonly<Record<string, Position>>
  }
  /** The text of every manifest, by its path. */
  readonly texts: ReadonlyMap<string, string>
}

export interface Review {
  readonly formatVersion: 1
  readonly stack: string
  readonly stackFate: "added" | "removed" | "kept"
  /** Below the repository's root; empty for the root. */
  readonly directory: string
  readonly base: ReviewedCommit & {
    /** The commit that the head is compared with: where the two part, or the base itself. */
    readonly compared?: string
  }
  readonly head: ReviewedCommit
  /** Whether the manifests of the head are valid. */
  readonly valid: boolean
  readonly risk: RiskLevel
  readonly stackChanges: readonly StackChange[]
  readonly images: readonly ReviewedImage[]
  readonly families: readonly ReviewedFamily[]
  readonly moves: readonly ReviewedMove[]
  /** Images that cannot be told about, since a manifest of them is wrong at the base or the head. */
  readonly notCompared: readonly string[]
  readonly summary: ReviewSummary
  readonly files: {
    readonly added: number
    readonly removed: number
    readonly changed: number
    readonly moved: number
  }
  readonly diagnostics: readonly ReviewDiagnostic[]
}

/** The worst of some levels. */
export function worstRisk(levels: Iterable<RiskLevel>): RiskLevel {
  let worst = 0
  for (const level of levels) worst = Math.max(worst, RISK_LEVELS.indexOf(level))
  return RISK_LEVELS[worst] ?? "none"
}

/** The worst of some codes. */
export function riskOf(codes: Iterable<RiskCode>): RiskLevel {
  return worstRisk(Array.from(codes, (code) => RISKS[code].level))
}
