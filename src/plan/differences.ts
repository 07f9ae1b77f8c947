/**
 * What differs between an existing image and its placement, and the calls' parameters that mend it.
 *
 * Only what can be changed in place is compared here: name, description, family, deprecation, tags, shares and our
 * own marks. Everything else is in the spec hash. Absent in the manifest means not managed, so it never differs.
 */
import type { DesiredPlacement } from "../model/desired.ts"
import type { CloudImage, SourceSeen } from "../model/observed.ts"
import { compareText } from "../model/placement.ts"
import type { Change, Reason } from "../model/plan.ts"
import {
  ASSERTED_SOURCE,
  IMAGE_TAG,
  MAX_DESCRIPTION,
  STACK_TAG,
  type Stamp,
  stampDescription,
} from "../model/provenance.ts"
import type { InPlaceUpdate } from "../model/request.ts"
import type { Stack } from "../model/stack.ts"
import { attributesHash, HASH_VERSION, imageHash, sourceFingerprint } from "./fingerprint.ts"
import type { Candidate } from "./own.ts"

/** Tags given with an import attach late; for so long after creation a missing one is no difference. */
export const TAG_GRACE_MS: number = 30 * 60_000

export interface Differences {
  readonly changes: readonly Change[]
  readonly reasons: readonly Reason[]
  readonly update: InPlaceUpdate
}

export interface Comparison {
  readonly placement: DesiredPlacement
  readonly stack: Stack
  readonly spec: string
  /** The source object, where COS was asked. */
  readonly seen?: SourceSeen
  /** Time of the listing, milliseconds since the epoch. */
  readonly observedAt: number
}

/** The stamp of an import made now. */
export function importStamp(c: Comparison): Stamp {
  return stampWith(c, sourceFingerprint(c.placement, c.seen))
}

function stampWith(c: Comparison, source: string): Stamp {
  return {
    version: HASH_VERSION,
    stack: c.stack.id,
    image: imageHash(c.placement.image),
    spec: c.spec,
    source,
    attributes: attributesHash(c.placement),
  }
}

/** The tags that prove our ownership, as the stack wants them. */
export function provenanceTags(stack: Stack, image: string): Record<string, string> {
  return stack.provenance.tags ? { [STACK_TAG]: stack.id, [IMAGE_TAG]: image } : {}
}

/** Compares one of ours, or one to adopt, with its placement. */
export function differences(c: Comparison, found: Candidate): Differences {
  const { placement: p } = c
  const { image } = found
  const changes: Change[] = []
  const reasons: Reason[] = []
  const attributes: { name?: string; description?: string; family?: string; deprecated?: boolean } = {}
  const differ = (field: string, before: Change["before"], after: Change["after"], reason: Reason): void => {
    changes.push({ field, before, after, impact: "in_place" })
    reasons.push(reason)
  }

  if (found.ownership.owner === "us" && found.ownership.renaming === true) reasons.push("half_done:rename")
  if (p.match === "name" && image.name !== p.image) {
    differ("name", image.name, p.image, "attribute_changed:name")
    attributes.name = p.image
  }
  if (p.description !== undefined && found.text !== p.description) {
    differ("description", found.text, p.description, "attribute_changed:description")
  }
  if (p.family !== undefined && image.family !== p.family) {
    differ("family", image.family, p.family, "attribute_changed:family")
    attributes.family = p.family
  }
  if (p.deprecated !== undefined && image.deprecated !== p.deprecated) {
    differ("deprecated", image.deprecated, p.deprecated, "attribute_changed:deprecated")
    attributes.deprecated = p.deprecated
  }

  const tags = tagDifferences(c, found, differ)
  const shares = shareDifferences(p, found, differ)
  const description = stampDifference(c, found, differ)
  if (description !== undefined) attributes.description = description

  const update: { -readonly [K in keyof InPlaceUpdate]: InPlaceUpdate[K] } = {}
  if (Object.keys(attributes).length > 0) update.attributes = attributes
  if (tags !== undefined) update.tags = tags
  if (shares !== undefined) update.shares = shares
  return { changes, reasons, update }
}

type Differ = (field: string, before: Change["before"], after: Change["after"], reason: Reason) => void

function tagDifferences(c: Comparison, found: Candidate, differ: Differ): InPlaceUpdate["tags"] | undefined {
  const { image } = found
  const forgiven =
    found.ownership.owner === "us" &&
    image.createdAt !== undefined &&
    c.observedAt - image.createdAt < TAG_GRACE_MS
  const ours = provenanceTags(c.stack, c.placement.image)
  const stale = staleMarks(c, image.tags)
  const wanted: Record<string, string | null> = Object.assign({}, c.placement.tags, ours, stale)
  const set: Record<string, string> = {}
  const remove: string[] = []
  const differing = Object.keys(wanted).filter((key) => {
    const before = image.tags[key] ?? null
    return before !== (wanted[key] ?? null) && (before !== null || !forgiven)
  })
  for (const key of differing.sort(compareText)) {
    const before = image.tags[key] ?? null
    const after = wanted[key] ?? null
    const reason: Reason =
      key in ours
        ? `provenance_missing:${key}`
        : key in stale
          ? `provenance_outdated:${key}`
          : `tag_changed:${key}`
    differ(`tags.${key}`, before, after, reason)
    if (after === null) remove.push(key)
    else set[key] = after
  }
  return Object.keys(set).length + remove.length === 0 ? undefined : { set, remove }
}

/** Tags of ours that name another image, where the stack wants none: left, they would contradict the stamp for good. */
function staleMarks(c: Comparison, tags: CloudImage["tags"]): Record<string, null> {
  const named = tags[IMAGE_TAG]
  if (c.stack.provenance.tags || named === undefined || named === c.placement.image) return {}
  return { [IMAGE_TAG]: null, [STACK_TAG]: null }
}

function shareDifferences(
  p: DesiredPlacement,
  found: Candidate,
  differ: Differ,
): InPlaceUpdate["shares"] | undefined {
  const before = found.image.sharedWith
  if (p.sharedWith === undefined || before === undefined) return undefined
  const add = p.sharedWith.filter((account) => !before.includes(account))
  const remove = before.filter((account) => !p.sharedWith?.includes(account))
  if (add.length + remove.length === 0) return undefined
  differ("sharedWith", before, p.sharedWith, "shares_changed")
  return { add, remove }
}

/**
 * The description to write, or undefined where it already says the right thing. The stamp of an import keeps its
 * source; one that is missing or lost is asserted, which is marked by a source of zeros.
 */
function stampDifference(c: Comparison, found: Candidate, differ: Differ): string | undefined {
  const old = found.ownership.owner === "us" ? found.ownership.stamp : undefined
  const wanted = stampWith(c, old?.source ?? ASSERTED_SOURCE)
  const text = c.placement.description ?? found.text
  const description = stampDescription(text, wanted)
  if (description === found.image.description) return undefined
  if (old === undefined) {
    const reason = found.ownership.owner === "us" ? "provenance_missing:description" : "adopt_requested"
    differ("provenance", null, describeStamp(wanted), reason)
  } else if (describeStamp(old) !== describeStamp(wanted)) {
    differ("provenance", describeStamp(old), describeStamp(wanted), "provenance_outdated")
  } else if (text === found.text) {
    // The same words with other white space between text and stamp: nothing that anybody manages.
    return undefined
  }
  return description
}

function describeStamp(s: Stamp): string {
  return `${s.stack} ${s.image} ${s.spec} ${s.source} ${s.attributes}`
}

/** Whether the image's own text leaves room for the stamp; a manifest's description always does. */
export function hasRoomForStamp(p: DesiredPlacement, found: Candidate): boolean {
  return p.description !== undefined || [...found.text].length <= MAX_DESCRIPTION
}

/** Takes our marks off and leaves everything else. */
export function releaseDifferences(found: Candidate): Differences {
  const { image } = found
  const marks = [IMAGE_TAG, STACK_TAG].filter((key) => image.tags[key] !== undefined)
  const stamped = found.ownership.owner === "us" && found.ownership.stamp !== undefined
  const changes: Change[] = marks.map((key) => ({
    field: `tags.${key}`,
    before: image.tags[key] ?? null,
    after: null,
    impact: "in_place",
  }))
  if (found.ownership.owner === "us" && found.ownership.stamp !== undefined) {
    const before = describeStamp(found.ownership.stamp)
    changes.push({ field: "provenance", before, after: null, impact: "in_place" })
  }
  return {
    changes,
    reasons: ["released"],
    update: {
      ...(stamped ? { attributes: { description: found.text } } : {}),
      ...(marks.length > 0 ? { tags: { set: {}, remove: marks } } : {}),
    },
  }
}
