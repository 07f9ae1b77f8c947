import type { Failure } from "./failure.ts"
import type { Placement, Scope } from "./placement.ts"
import type { Position } from "./position.ts"
import type { ImportRequest, InPlaceUpdate } from "./request.ts"

/** Every verb that a plan can hold, in the order in which summaries count them. */
export const VERBS = [
  "import",
  "restore",
  "update",
  "adopt",
  "replace",
  "retry",
  "deprecate",
  "delete",
  "await",
  "keep",
  "refuse",
] as const

export type Verb = (typeof VERBS)[number]

/** What a changed field does to the image. */
export type Impact = "create" | "in_place" | "replacement"

export type FieldValue = string | number | boolean | null | readonly string[]

/** One field whose value differs. `null` before: absent; `null` after: removed. */
export interface Change {
  /** `description`, `family`, `deprecated`, `sharedWith`, `provenance`, `tags.<key>`, or a path below `spec`. */
  readonly field: string
  readonly before: FieldValue
  readonly after: FieldValue
  readonly impact: Impact
}

/** Every reason code with the sentence that explains it. A code may carry a detail after a colon: `tag_changed:app`. */
export const REASONS = {
  missing: "no such image exists in this account and region",
  family_moved: "the newest image of the family has another spec",
  spec_changed: "what shapes the image has changed",
  attribute_changed: "an attribute differs from the manifest",
  tag_changed: "a tag differs from the manifest",
  shares_changed: "the image is shared with other accounts than the manifest says",
  provenance_missing: "a mark of ours is missing on the image",
  provenance_outdated: "a mark records another name or other managed attributes than the manifest has now",
  adopt_requested: "the manifest asks for adoption of an image that cvmimg did not import",
  in_sync: "the image is as the manifest says",
  importing: "an import of ours is under way",
  maybe_importing:
    "an earlier run was about to import this and nobody read what became of it: it is looked for first",
  import_accepted:
    "the service accepted an earlier run's import of this, and no listing shows the image: it is looked for first",
  records_missing: "records of earlier runs are missing, so that this may have been imported already",
  unknown_state: "the image is in a state that is not known to be final",
  unmanaged: "the image exists, but cvmimg did not import it and does not touch it",
  import_failed: "the last import of this spec failed",
  ambiguous: "more than one image fits",
  owned_by_other: "another stack's mark is on the image",
  provenance_conflict: "the marks in description and tags name different owners",
  conflict: "an image that is not ours stands in the way",
  on_change_refuse: "the manifest refuses a replacement (lifecycle.onChange: refuse)",
  leftover: "what an earlier attempt left behind is removed first",
  half_done: "an earlier run was stopped between two steps; the rest of it is done",
  restorable: "an earlier image already has the wanted spec",
  retry_requested: "the last import of this spec failed, and the run is told to try again",
  lost_shares: "accounts that the old image is shared with would lose it",
  shares_unread: "who the image is shared with could not be read",
  protected: "the image is protected, and stays",
  shared_out: "the image is shared with other accounts, and stays",
  family_newest: "the image is what its family resolves to, and stays",
  orphaned: "the stack imported the image, and no manifest asks for it any more",
  over_retention: "more images are kept than the retention asks for",
  source_changed: "the object under the source's URL is another one than was imported",
  source_not_pinned:
    "nothing tells the source object from another one that is uploaded under its URL before the plan is applied",
  not_observed: "the account and region could not be read",
  family_shadowed: "a newer image in the family is not ours",
  released: "the manifest releases the image from management",
  quota_exceeded: "the region has not enough room for the images to import",
  over_limit: "more than the safety limits of the stack allow",
} as const

export type ReasonCode = keyof typeof REASONS
export type Reason = ReasonCode | `${ReasonCode}:${string}`

/** What an earlier attempt left: no brake counts its removal, and it has to be that still when it is removed. */
export function isLeftover(reason: Reason): boolean {
  return reason.startsWith("leftover")
}

/** Why a placement cannot be planned. */
export type Refusal = Extract<
  ReasonCode,
  | "import_failed"
  | "ambiguous"
  | "owned_by_other"
  | "provenance_conflict"
  | "conflict"
  | "on_change_refuse"
  | "lost_shares"
  | "shares_unread"
  | "not_observed"
>

interface ActionBase extends Placement {
  /** sha256 over placement, verb, changes, spec and image id: what a reviewer approves. 16 hex digits. */
  readonly digest: string
  /** Why this verb, the deciding reason first. */
  readonly reasons: readonly Reason[]
  readonly changes: readonly Change[]
  /** What the manifest says and who has to know, without a change. */
  readonly notices: readonly Reason[]
  /** Empty until the checks ran, and where nothing is checked. Not part of the digest. */
  readonly checks: readonly CheckResult[]
  /** The manifest position that causes the action. */
  readonly manifest: Position
}

/** `together`: name and family are given only when every placement of the image is NORMAL. */
interface Released {
  readonly release: "perRegion" | "together"
}

/** An image that stands in the cloud. */
export interface ImageRef {
  readonly imageId: string
  readonly name: string
}

/** An image that is taken out of use, after everything that depends on it. */
export interface Retirement extends ImageRef {
  readonly how: "deprecate" | "delete"
  /** With `delete`: whether its snapshots go too; they cost money as long as they stay. */
  readonly deleteSnapshots: boolean
  readonly reason: Reason
}

export interface ImportAction extends ActionBase, Released {
  /** `retry`: the same import failed before, and the run is told to try again. */
  readonly action: "import" | "retry"
  readonly spec: string
  /** Failed imports of ours that are removed first. Not counted by a brake: nobody can boot from them. */
  readonly remove: readonly ImageRef[]
  readonly request: ImportRequest
  /** What ImportImage cannot give, or must not give before NORMAL. */
  readonly afterwards: InPlaceUpdate
}

/**
 * Stage and swap. Every step is skipped where the cloud shows it done, so that the same action is the whole of a
 * replacement and the rest of one that was stopped: remove leftovers; import as `request.name` (`<name>.next-<hash8>`)
 * and wait for NORMAL, or wait for `staged`; rename `old` to `oldName`; rename the new one to `name`; give it
 * `afterwards`; retire.
 */
export interface ReplaceAction extends ActionBase, Released {
  readonly action: "replace"
  readonly spec: string
  readonly name: string
  readonly remove: readonly ImageRef[]
  readonly request: ImportRequest
  /** The new image, where it stands already under the staged name. */
  readonly staged?: ImageRef & { readonly state: string }
  /** The image that bears the name now; absent: it is out of the way already. */
  readonly old?: ImageRef
  /** `<name>.prev-<image id>`; present with `old`. */
  readonly oldName?: string
  readonly afterwards: InPlaceUpdate
  readonly retire: readonly Retirement[]
}

/**
 * An earlier image of ours has the wanted spec: it takes its place again, without an import. The one that bears the
 * name is renamed away first; newer members of the family are deprecated, since consumers boot the newest.
 */
export interface RestoreAction extends ActionBase, Released {
  readonly action: "restore"
  readonly spec: string
  /** Failed imports and stale staged images of ours that are removed first. */
  readonly remove: readonly ImageRef[]
  /** The image that is wanted. */
  readonly imageId: string
  readonly name: string
  readonly old?: ImageRef
  readonly oldName?: string
  /** Of the wanted image, its name included. */
  readonly update: InPlaceUpdate
  readonly deprecate: readonly ImageRef[]
}

/** An image of ours leaves use: an orphan, or one beyond a retention. Its `image` is the manifest's name for it. */
export interface RetireAction extends ActionBase {
  readonly action: "deprecate" | "delete"
  readonly imageId: string
  readonly name: string
  readonly deleteSnapshots: boolean
  /** Deletes only: snapshots that go or stay. */
  readonly snapshotIds: readonly string[]
}

export interface UpdateAction extends ActionBase, Released {
  readonly action: "update" | "adopt"
  readonly spec: string
  readonly imageId: string
  readonly update: InPlaceUpdate
}

export interface AwaitAction extends ActionBase, Released {
  readonly action: "await"
  readonly spec: string
  readonly imageId: string
  readonly name: string
  readonly state: string
  /** What is still to be done once the image is NORMAL. */
  readonly afterwards: InPlaceUpdate
}

export interface KeepAction extends ActionBase {
  readonly action: "keep"
  /** Absent where a released image does not exist any more. */
  readonly imageId?: string
}

export interface RefuseAction extends ActionBase {
  readonly action: "refuse"
  readonly refusal: Refusal
  /** The verb that the situation asks for. */
  readonly wanted?: Verb
  readonly imageId?: string
  /** Ids of every image that is part of the problem. */
  readonly imageIds: readonly string[]
  /** What to do next. */
  readonly advice: string
  readonly failure?: Failure
}

/** One planned change of one placement. */
export type Action =
  | ImportAction
  | ReplaceAction
  | RestoreAction
  | RetireAction
  | UpdateAction
  | AwaitAction
  | KeepAction
  | RefuseAction

/** What can be told of an action before it runs. */
export const CHECKS = {
  os: "the operating system and version are on the service's list for the architecture",
  quota: "the region has room for every image at the run's peak",
  source_exists: "the source object exists and can be read by the service",
  source_size: "the image file and the disk in it are within the service's limits",
  source_format: "the first bytes are of the declared format",
  source_checksum: "the object is the one that the manifest names",
  source_same: "the object is the same in every region",
  force: "an ISO file is imported by force",
  shares: "no account loses an image that it is shared with",
  rehearsal: "the API's own DryRun accepts the call",
} as const

export type CheckName = keyof typeof CHECKS

export interface CheckResult {
  readonly name: CheckName
  readonly status: "ok" | "warning" | "error" | "skipped"
  /** A code for machines where it is not ok, such as `not_public` or `source_differs_between_regions`. */
  readonly code?: string
  /** One sentence of what was found, or why it was skipped. */
  readonly message: string
  readonly advice?: string
  readonly requestId?: string
}

export interface PlanNotice {
  readonly code: ReasonCode
  readonly message: string
  readonly account?: string
  readonly region?: string
  readonly imageId?: string
}

/** An image that a family resolves to; no id: it is still to be imported. */
export interface FamilyMember {
  readonly name: string
  readonly imageId?: string
}

/** What consumers of a family boot before and after the run, where that changes. */
export interface FamilyMove extends Scope {
  readonly family: string
  readonly before: FamilyMember | null
  readonly after: FamilyMember | null
  /** The images of the manifests whose actions move the family. */
  readonly images: readonly string[]
}

/** A safety limit that the plan exceeds: nothing is carried out. */
export interface Brake {
  readonly limit: "maxDeletes" | "maxReplaces" | "maxFamilyMoves" | "maxDeprecates"
  /** Images, not placements. */
  readonly count: number
  readonly placements: number
  readonly allowed: number
  readonly images: readonly string[]
}

/** What will happen, complete; the same value is sorted, printed, saved and carried out. */
export interface Plan {
  readonly formatVersion: 1
  readonly stack: string
  readonly stackId: string
  readonly site: "intl" | "cn"
  /** sha256 over the sorted digests. 64 hex digits. */
  readonly fingerprint: string
  readonly summary: Readonly<Record<Verb, number>>
  readonly actions: readonly Action[]
  readonly families: readonly FamilyMove[]
  readonly brakes: readonly Brake[]
  readonly notices: readonly PlanNotice[]
  /** Placements left out by a selection. */
  readonly notConsidered: number
}
