/** What was approved and is not what would be done now, side by side. */
import type { SourceDifference, Stale } from "../model/approval.ts"
import type { SourceSeen } from "../model/observed.ts"
import { changedAction, type MovedAction } from "./plan-compare.ts"

export interface StaleAction extends MovedAction {
  /** Objects that are other ones by now. */
  readonly sources: readonly SourceDifference[]
}

/** The approved action as `before`, the derived one as `after`. */
export function staleAction({ approved, derived, sources = [] }: Stale): StaleAction {
  const { image, account, region } = approved
  if (derived !== undefined) return { ...changedAction(approved, derived), sources }
  return { image, account, region, moved: "removed", before: approved, changes: [], sources }
}

/** What COS told of an object. */
export function seenText(seen: SourceSeen | undefined): string {
  if (seen === undefined) return "cannot be read"
  const { crc64, size, etag } = seen
  const facts = [
    crc64 === undefined ? undefined : `CRC-64 ${crc64}`,
    size === undefined ? undefined : `${size.toLocaleString("en-US")} bytes`,
    etag === undefined ? undefined : `ETag ${etag}`,
  ]
  return facts.filter((fact) => fact !== undefined).join(", ")
}
