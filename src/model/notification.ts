import type { DriftReason, DriftVerdict } from "./drift.ts"
import type { Placement } from "./placement.ts"
import type { Change } from "./plan.ts"

/** A finding as a receiver is told of it. */
export interface NotifiedItem extends Placement {
  readonly imageId?: string
  /** What it is now; `gone`: the placement is not asked for any more, or the orphan is not there any more. */
  readonly verdict: DriftVerdict | "gone"
  /** What the receiver was told before; absent: nothing. */
  readonly before?: DriftVerdict
  readonly reasons: readonly DriftReason[]
  readonly changes: readonly Change[]
  /** When it was first seen. ISO 8601. */
  readonly since: string
}

/** What is sent to a receiver: what it does not know yet. The shape of schemas/notification.schema.json. */
export interface Notification {
  readonly formatVersion: 1
  /** The same for every attempt of one run, so that a receiver can drop doubles. 32 hex digits. */
  readonly id: string
  /** `heartbeat`: there is no news, and it is time to say that somebody looks. */
  readonly event: "drift" | "heartbeat"
  readonly stack: string
  readonly stackId: string
  /** When the cloud was read. ISO 8601. */
  readonly at: string
  /** Placements by verdict. */
  readonly summary: Readonly<Record<DriftVerdict, number>>
  /** Sorted by image, account and region, as are the healed ones. */
  readonly new: readonly NotifiedItem[]
  readonly healed: readonly NotifiedItem[]
  /** Findings that the receiver knows, and that are as they were. */
  readonly unchanged: number
  /** What the lists leave out because there is too much of it. */
  readonly more: { readonly new: number; readonly healed: number }
}
