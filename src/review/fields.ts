/**
 * What differs between two states of one placement, by the table of fields that plans use too (`plan/fields.ts`). Texts are
 * compared as they were written, with their placeholders where the model keeps them, so that regions can be told together.
 */
import type { DesiredPlacement } from "../model/desired.ts"
import { compareText } from "../model/placement.ts"
import type { FieldValue } from "../model/plan.ts"
import type { ReviewImpact } from "../model/review.ts"
import { FIELDS } from "../plan/fields.ts"
import { specParts } from "../plan/fingerprint.ts"

export interface Difference {
  readonly field: string
  readonly before: FieldValue
  readonly after: FieldValue
  readonly impact: ReviewImpact
  /** The text is the same; what fills its placeholders differs. */
  readonly filled?: true
}

type Reader = (p: DesiredPlacement) => FieldValue | undefined

/** How each field of the table is read; `tags`, `accounts` and `regions` are compared by their members. */
export const READERS: Readonly<Record<string, Reader>> = {
  description: (p) => p.description,
  family: (p) => p.family,
  deprecated: (p) => p.deprecated,
  sharedWith: (p) => p.sharedWith,
  "source.url": (p) => p.source.template,
  "source.crc64": (p) => p.source.crc64,
  "source.sha256": (p) => p.source.sha256,
  "os.type": (p) => p.os.type,
  "os.version": (p) => p.os.version,
  architecture: (p) => p.architecture,
  bootMode: (p) => p.bootMode,
  licenseType: (p) => p.licenseType,
  dataDisks: (p) => p.dataDisks.map((disk) => disk.template),
  "source.format": (p) => p.source.format,
  "source.sign": (p) => p.source.sign,
  "source.signAs": (p) => p.source.signAs,
  force: (p) => p.force,
  match: (p) => p.match,
  release: (p) => p.release,
  "source.onChange": (p) => p.source.onChange,
  "lifecycle.state": (p) => p.lifecycle.state,
  "lifecycle.onChange": (p) => p.lifecycle.onChange,
  "lifecycle.retire": (p) => p.lifecycle.retire,
  "lifecycle.keepPrevious": (p) => p.lifecycle.keepPrevious,
  "lifecycle.deleteSnapshots": (p) => p.lifecycle.deleteSnapshots,
  "lifecycle.protect": (p) => p.lifecycle.protect,
  "lifecycle.adopt": (p) => p.lifecycle.adopt,
  "lifecycle.allowLostShares": (p) => p.lifecycle.allowLostShares,
}

const NAMES: readonly string[] = Object.keys(READERS)

/** The part of the spec hash that a field goes into. */
function partOf(field: string): string {
  return field.startsWith("source.") ? "source" : field.startsWith("os.") ? "os" : field
}

/** Every difference, in the order of the table; none where both are the same object. */
export function differences(before: DesiredPlacement, after: DesiredPlacement): Difference[] {
  if (before === after) return []
  const found: Difference[] = []
  const parts = partsThatDiffer(before, after)
  for (const field of NAMES) {
    const read = READERS[field]
    const [old, now] = [read?.(before), read?.(after)]
    if (equal(old, now)) continue
    found.push({ field, before: old ?? null, after: now ?? null, impact: impactOf(field, now, parts) })
  }
  if (before.source.template === after.source.template && before.source.url !== after.source.url) {
    const { url } = before.source
    found.push({ field: "source.url", before: url, after: after.source.url, impact: "import", filled: true })
  }
  found.push(...maps("tags", before.tags, after.tags, "in_place"))
  found.push(...maps("labels", before.labels, after.labels, "policy"))
  if (!equal(before.formerNames, after.formerNames)) {
    found.push({
      field: "formerNames",
      before: before.formerNames,
      after: after.formerNames,
      impact: "policy",
    })
  }
  return found
}

function impactOf(
  field: string,
  now: FieldValue | undefined,
  parts: () => ReadonlySet<string>,
): ReviewImpact {
  const effect = FIELDS[field] ?? "policy"
  // What is not managed any more stays as it is.
  if (effect === "in_place") return now === undefined ? "none" : "in_place"
  // A default that is named, or another URL of the same checksum, makes no other image.
  if (effect === "replacement") return parts().has(partOf(field)) ? "replacement" : "none"
  return effect
}

function partsThatDiffer(before: DesiredPlacement, after: DesiredPlacement): () => ReadonlySet<string> {
  let parts: Set<string> | undefined
  return () => {
    if (parts !== undefined) return parts
    const [old, now] = [specParts(before), specParts(after)]
    parts = new Set([...Object.keys(old), ...Object.keys(now)].filter((key) => old[key] !== now[key]))
    return parts
  }
}

/** What the format says where a manifest does not. */
const DEFAULTS: Readonly<Record<string, FieldValue>> = {
  dataDisks: [],
  "source.sign": false,
  "source.onChange": "notice",
  force: false,
  match: "name",
  release: "perRegion",
  "lifecycle.state": "managed",
  "lifecycle.onChange": "replace",
  "lifecycle.retire": "deprecate",
  "lifecycle.keepPrevious": 1,
  "lifecycle.deleteSnapshots": true,
  "lifecycle.protect": false,
  "lifecycle.adopt": false,
  "lifecycle.allowLostShares": false,
}

/** What a new placement asks for, defaults of the format left out. */
export function firstValues(p: DesiredPlacement): Difference[] {
  const found: Difference[] = []
  for (const field of NAMES) {
    const value = READERS[field]?.(p)
    if (value === undefined || equal(value, DEFAULTS[field])) continue
    const effect = FIELDS[field] ?? "policy"
    found.push({ field, before: null, after: value, impact: effect === "policy" ? "policy" : "import" })
  }
  return [...found, ...maps("tags", {}, p.tags, "import")]
}

type Values = Readonly<Record<string, string | null>>

/** A key that leaves is not managed any more; a value of null asks for its absence. */
function maps(
  name: string,
  before: Values,
  after: Values,
  impact: "in_place" | "policy" | "import",
): Difference[] {
  if (before === after) return []
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return Array.from(keys)
    .filter((key) => before[key] !== after[key])
    .sort(compareText)
    .map((key) => ({
      field: `${name}.${key}`,
      before: before[key] ?? null,
      after: after[key] ?? null,
      impact: after[key] === undefined && impact === "in_place" ? "none" : impact,
    }))
}

export function equal(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  if (a === b) return true
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false
  return a.length === b.length && a.every((value, i) => value === b[i])
}
