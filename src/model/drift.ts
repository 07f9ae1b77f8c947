import type { Failure } from "./failure.ts"
import type { Placement, Scope } from "./placement.ts"
import type { Change, Reason } from "./plan.ts"
import type { Position } from "./position.ts"

/** Every verdict with the sentence that explains it, the most urgent first: the order of summaries. */
export const VERDICTS = {
  drifted: "the cloud moved: it is not what was applied last",
  failed: "the last import of what the manifest asks for failed",
  conflict: "images that are not ours, or marks that disagree, stand in the way",
  pending: "the manifest moved: the cloud is what was applied last, and not yet what the manifest says",
  orphan: "the stack imported the image, and no manifest asks for it any more",
  unmanaged: "the image exists, but cvmimg did not import it and does not touch it",
  in_progress: "something of ours is under way",
  unknown: "the account and region could not be read",
  in_sync: "the image is as the manifest says",
} as const

export type DriftVerdict = keyof typeof VERDICTS

/** Verdicts that can make a run fail (`--fail-on`); `drifted` and `failed` always do. */
export type Finding = Exclude<DriftVerdict, "in_sync">

/** Reasons of verdicts beyond those of plans. A code may carry a detail after a colon: `gone:img-1`. */
export const DRIFT_REASONS = {
  cloud_moved: "not as it was applied last",
  manifest_moved: "the manifest asks for something else than was applied",
  gone: "an image that was there is not there any more",
  unmarked: "an image that was ours has lost its marks",
  not_finished: "an earlier run imported the image and has steps left",
} as const

export type DriftReason = Reason | keyof typeof DRIFT_REASONS | `${keyof typeof DRIFT_REASONS}:${string}`

/** A difference that a rule of the Stack accepts; it counts for nothing, and is shown. */
export interface Accepted {
  /** Absent: the rule accepts whatever the verdict would be. */
  readonly change?: Change
  /** What the placement would be without its rules. */
  readonly verdict: Finding
  /** The rule's own words. */
  readonly reason: string
  /** The last day on which the rule holds (UTC), `2026-12-31`. */
  readonly until?: string
  /** Where the rule stands. */
  readonly rule: Position
}

/** One placement, or one orphan: an image of ours in an account and region. */
export interface DriftRow extends Placement {
  readonly verdict: DriftVerdict
  /** Why, the deciding reason first. */
  readonly reasons: readonly DriftReason[]
  /** `before`: what the cloud has; `after`: what the manifest asks for. Accepted ones are not among them. */
  readonly changes: readonly Change[]
  readonly imageId?: string
  /** Only where rules accept something. */
  readonly ignored?: readonly Accepted[]
  /** What to do next, where a person has to decide. */
  readonly advice?: string
  /** Of `unknown`: why the region could not be read. */
  readonly failure?: Failure
  /** When this finding was first seen, milliseconds since the epoch; only with a memory of earlier runs. */
  readonly since?: number
  /** The manifest position that it is about; of orphans the Stack's. */
  readonly manifest: Position
}

/** What to know beside the rows. */
export const DRIFT_NOTICES = {
  ignore_expired: "the rule's last day is over: it does not hold any more",
  ignore_unused: "the rule accepts nothing that is there",
  not_observed: "an account and region that no manifest names could not be read",
  over_retention: "more images are kept than the retention asks for",
  source_unread: "a source object could not be looked at, so that a change of it would not be seen",
} as const

export interface DriftNotice {
  readonly code: keyof typeof DRIFT_NOTICES
  readonly message: string
  readonly account?: string
  readonly region?: string
  readonly imageId?: string
  /** Of rules. */
  readonly manifest?: Position
}

/** One finding that news are about. */
export interface NewsItem extends Placement {
  readonly imageId?: string
  /** What it is now; absent: the placement is not asked for any more, or the orphan is gone. */
  readonly verdict?: DriftVerdict
  /** What it was in the last report; absent: it was not in it, or in sync. */
  readonly before?: DriftVerdict
  readonly reasons: readonly DriftReason[]
  readonly changes: readonly Change[]
  /** When the finding was first seen, milliseconds since the epoch. */
  readonly since: number
}

/**
 * What changed since the last report, of findings that count (`failOn`). A finding that changed (another verdict, other
 * fields) is new, with what it was before; one in a region that cannot be read now is neither new nor healed.
 */
export interface DriftNews {
  /** Time of the last report, milliseconds since the epoch; absent: there was none, and all findings are new. */
  readonly last?: number
  readonly new: readonly NewsItem[]
  readonly healed: readonly NewsItem[]
  readonly unchanged: readonly NewsItem[]
}

/** One open finding as it is remembered. */
export interface OpenFinding extends Placement {
  readonly imageId?: string
  readonly verdict: Finding
  readonly reasons: readonly DriftReason[]
  readonly changes: readonly Change[]
  /** When it was first seen, milliseconds since the epoch. */
  readonly since: number
}

/** What a report, or a receiver of news, was told last: enough to tell what is new and what healed. */
export interface DriftMemory {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly open: readonly OpenFinding[]
}

/** An image of ours that stood in a placement when it was last looked at. */
export interface LastSeen extends Placement {
  readonly imageId: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** How the cloud and the manifests stand to each other; the machine shape of `drift`. */
export interface DriftReport {
  readonly formatVersion: 1
  readonly stack: string
  readonly stackId: string
  /** Time of the listings, milliseconds since the epoch. */
  readonly at: number
  /** Verdicts that make the run fail. */
  readonly failOn: readonly Finding[]
  readonly summary: Readonly<Record<DriftVerdict, number>>
  /** Differences that rules accept. */
  readonly ignored: number
  /** Sorted by image, account, region and image id. */
  readonly placements: readonly DriftRow[]
  readonly notices: readonly DriftNotice[]
  /** Accounts and regions of placements that could not be read. */
  readonly unread: readonly (Scope & { readonly code: string })[]
  /** Placements left out by a selection. */
  readonly notConsidered: number
  /** Only with a memory of earlier runs (`--state`). */
  readonly news?: DriftNews
}

/** What `--state` keeps between runs. */
export interface DriftState extends DriftMemory {
  readonly formatVersion: 1
  readonly kind: "DriftState"
  /** sha256 over the canonical form of everything else; 64 hex digits. Finds damage, proves no origin. */
  readonly checksum: string
  readonly stack: string
  readonly stackId: string
  readonly seen: readonly LastSeen[]
  /** By receiver of news, what it was told last: a receiver that could not be reached is told later. */
  readonly told?: Readonly<Record<string, DriftMemory>>
}
