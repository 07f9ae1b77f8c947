/** What was approved and is not what would be done now, side by side. */
import type { SourceDifference, Stale } from "../model/approval.ts"
import type { SourceSeen } from "../model/observed.ts"
import { changedAction, type MovedAction } from "./plan-compare.ts"
import { movedChangeShape, sideShape } from "./plan-diff-json.ts"
import { type DiffRow, diffRows } from "./plan-diff-rows.ts"
import { reasonsText } from "./reasons.ts"

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

/** An object then and now. */
export function sourceRows({ approved, now }: SourceDifference): DiffRow[] {
  return [
    { sign: "-", name: "object", text: seenText(approved) },
    { sign: "+", name: "object", text: seenText(now) },
  ]
}

/** The difference as plain lines, for formats that have no columns: `- description  "a" -> "b"`. */
export function staleLines(stale: Stale): string[] {
  const { approved, derived, sources = [] } = stale
  if (derived === undefined) return [`- ${approved.action}: ${reasonsText(approved.reasons)}`, "+ nothing"]
  const { changes } = staleAction(stale)
  const verbs: DiffRow[] = [
    { sign: "-", name: "action", text: approved.action },
    { sign: "+", name: "action", text: derived.action },
  ]
  const rows = [
    ...(approved.action === derived.action ? [] : verbs),
    ...diffRows(approved, derived, changes),
    ...sources.flatMap((source) =>
      sourceRows(source).map((row) => ({ ...row, name: `object ${source.url}` })),
    ),
  ]
  if (rows.length === 0) return ["+ digest  the same fields of another request"]
  return rows.map(({ sign, name, text }) => `${sign} ${name}  ${text}`)
}

/** The difference for machines, in the shape of schemas/apply.schema.json. */
export function staleShape(stale: Stale): object {
  const { before, after, changes, sources } = staleAction(stale)
  return {
    before: sideShape(before),
    after: sideShape(after),
    changes: changes.map(movedChangeShape),
    sources: sources.map(({ url, approved, now }) => ({
      url,
      before: seenShape(approved),
      after: now === undefined ? null : seenShape(now),
    })),
  }
}

function seenShape({ crc64, size, etag }: SourceSeen): object {
  return { crc64, size, etag }
}

function seenText(seen: SourceSeen | undefined): string {
  if (seen === undefined) return "cannot be read"
  const { crc64, size, etag } = seen
  const facts = [
    crc64 === undefined ? undefined : `CRC-64 ${crc64}`,
    size === undefined ? undefined : `${size.toLocaleString("en-US")} bytes`,
    etag === undefined ? undefined : `ETag ${etag}`,
  ]
  return facts.filter((fact) => fact !== undefined).join(", ")
}
