/**
 * What the action that a plan has for a placement says about who moved, the manifest or the cloud.
 *
 * | the plan's action                      | the verdict                                                            |
 * |----------------------------------------|------------------------------------------------------------------------|
 * | keep                                   | in_sync; drifted if the source object or the family's newest is another |
 * | keep, not ours                         | unmanaged; drifted if it was ours when it was last seen                |
 * | await, the rest of a swap              | in_progress                                                            |
 * | import                                 | pending; drifted if an image was seen there; in_progress if one may come |
 * | update                                 | pending if the cloud has what was stamped, else drifted                |
 * | replace, restore                       | the same, of the image that stands there now                           |
 * | adopt                                  | pending                                                                |
 * | refuse                                 | failed, unknown, conflict; pending for what the manifest itself forbids |
 *
 * A manifest and a cloud that both moved are drifted: what a person did by hand must not be overwritten unseen.
 */
import type { DriftReason, DriftVerdict, LastSeen } from "../model/drift.ts"
import type { Failure } from "../model/failure.ts"
import type {
  Action,
  Change,
  KeepAction,
  Reason,
  RefuseAction,
  ReplaceAction,
  RestoreAction,
  UpdateAction,
} from "../model/plan.ts"
import { IMAGE_TAG, STACK_TAG } from "../model/provenance.ts"
import { TAG_GRACE_MS } from "./differences.ts"
import { attributesHash, imageHash, seenFingerprint } from "./fingerprint.ts"
import { swapRole } from "./names.ts"
import { type Candidate, stampOf } from "./own.ts"
import { hasStampedAttributes } from "./stamped.ts"
import type { Question } from "./verdict.ts"

/** One placement with all that is known of it. */
export interface Case extends Pick<Question, "placement" | "region" | "spec" | "seen"> {
  /** Time of the listing, milliseconds since the epoch. */
  readonly observedAt: number
  /** The image of ours that an earlier report or a journal knew there. */
  readonly last?: LastSeen
  /** An earlier run imported the image and was stopped before the steps after it. */
  readonly unfinished: boolean
}

export interface Judged {
  readonly verdict: DriftVerdict
  readonly reasons: readonly DriftReason[]
  readonly changes: readonly Change[]
  readonly imageId?: string
  readonly advice?: string
  readonly failure?: Failure
}

type Accepts = (field: string) => boolean

/** The fields that the action is about: those that rules can accept, one by one. */
export function changesOf(c: Case, action: Action): readonly Change[] {
  // Every field of a new image would be as many lines; that there is none is one. A replacement has one.
  const isMissing = action.action !== "replace"
  const changes = action.changes.filter(
    ({ impact, field }) => impact !== "create" || (isMissing && field === "name"),
  )
  const signs = action.notices.filter((n) => n === "source_changed" || n.startsWith("family_shadowed"))
  return [...changes, ...signs.flatMap((sign) => signChange(c, action, sign))]
}

/** The verdict, were the fields not there that `accepts` names. */
export function judge(c: Case, action: Action, accepts: Accepts): Judged {
  const changes = changesOf(c, action).filter(({ field }) => !accepts(field))
  const judged = (
    verdict: DriftVerdict,
    reasons: readonly DriftReason[],
    imageId = idOf(action),
  ): Judged => ({
    verdict,
    reasons: [...new Set([...reasons, ...action.reasons])],
    changes,
    ...(imageId === undefined ? {} : { imageId }),
  })
  const moved = (cloud: boolean, manifest: boolean, why: readonly DriftReason[] = []): Judged =>
    judged(cloud ? "drifted" : "pending", [
      ...(cloud ? (["cloud_moved"] as const) : []),
      ...(manifest ? (["manifest_moved"] as const) : []),
      ...why,
    ])
  switch (action.action) {
    case "keep":
      return judgeKept(c, action, changes, judged)
    case "await":
      return judged("in_progress", [])
    case "adopt":
      return moved(false, true)
    case "import":
    case "retry": {
      const begun = begunBefore(action)
      if (begun !== undefined) return judged("in_progress", [begun])
      const lost = lostImage(c)
      if (lost !== undefined) return moved(true, !action.reasons.includes("missing"), lost)
      return moved(action.reasons.includes("source_changed"), !action.reasons.includes("source_changed"))
    }
    case "update":
      return judgeUpdate(c, changes, accepts, { action, judged, moved })
    case "replace": {
      if (action.staged !== undefined || isHalfDone(action) || begunBefore(action) !== undefined) {
        return judged("in_progress", [])
      }
      const source = action.reasons.includes("source_changed")
      return moved(source || !isAsApplied(c, action.old?.imageId, accepts), !source)
    }
    case "restore":
      return judgeRestore(c, action, accepts, { judged, moved })
    case "deprecate":
    case "delete":
      return moved(false, true)
    case "refuse":
      return judgeRefusal(c, action, { judged, moved })
  }
}

type Judging = (verdict: DriftVerdict, reasons: readonly DriftReason[]) => Judged
type Moving = (cloud: boolean, manifest: boolean, why?: readonly DriftReason[]) => Judged

function judgeKept(c: Case, action: KeepAction, changes: readonly Change[], judged: Judging): Judged {
  if (action.reasons.includes("unmanaged")) {
    const was = c.last !== undefined && c.last.imageId === action.imageId
    return was
      ? judged("drifted", ["cloud_moved", `unmarked:${action.imageId ?? ""}`])
      : judged("unmanaged", [])
  }
  const signs = action.notices.filter((n) => changes.some(({ field }) => field === fieldOf(n)))
  if (signs.length === 0) return judged("in_sync", [])
  const { reasons, ...rest } = judged("drifted", ["cloud_moved", ...signs])
  return { ...rest, reasons: reasons.filter((reason) => reason !== "in_sync") }
}

function judgeUpdate(
  c: Case,
  changes: readonly Change[],
  accepts: Accepts,
  { action, judged, moved }: { action: UpdateAction; judged: Judging; moved: Moving },
): Judged {
  if (changes.length === 0) return judged("in_sync", [])
  if (c.unfinished) return judged("in_progress", ["not_finished"])
  if (action.reasons.includes("released")) return moved(false, true)
  const found = c.region.byId.get(action.imageId)
  const stamp = found === undefined ? undefined : stampOf(found)
  const signs = action.notices.filter((n) => changes.some(({ field }) => field === fieldOf(n)))
  if (found === undefined || stamp === undefined) return moved(true, false, signs)
  const { placement: p } = c
  const manifest = stamp.attributes !== attributesHash(p) || stamp.image !== imageHash(p.image)
  const values = changes.filter(({ field }) => field !== "provenance")
  const cloud =
    signs.length > 0 || (manifest ? !isAsApplied(c, found.image.id, accepts, values) : values.length > 0)
  return moved(cloud, manifest, signs)
}

/** Ours can only come back; who made it step aside is told by how it stands there. */
function judgeRestore(
  c: Case,
  action: RestoreAction,
  accepts: Accepts,
  { judged, moved }: { judged: Judging; moved: Moving },
): Judged {
  const lost = lostImage(c)
  if (lost !== undefined) return moved(true, true, lost)
  if (isHalfDone(action)) return judged("in_progress", [])
  const target = c.region.byId.get(action.imageId)
  const { placement: p, last } = c
  // An apply retires under a name of its own, and deprecates; more than that was a person.
  const renamed = p.match === "name" && target !== undefined && swapRole(target.image.name, p) === "other"
  const wasInForce = last?.imageId === action.imageId && !isNewer(c, last)
  const retired = (field: string): boolean => field === "deprecated" || accepts(field)
  const touched = target !== undefined && stampOf(target) !== undefined && !isAttributed(c, target, retired)
  return moved(renamed || wasInForce || touched, !wasInForce)
}

/** What is known of an import that an earlier run may have sent, or has. */
function begunBefore({ notices }: Action): Reason | undefined {
  return notices.find((notice) => notice === "maybe_importing" || notice === "import_accepted")
}

function judgeRefusal(
  c: Case,
  action: RefuseAction,
  { judged, moved }: { judged: Judging; moved: Moving },
): Judged {
  const told = (j: Judged): Judged => ({
    ...j,
    advice: action.advice,
    ...(action.failure === undefined ? {} : { failure: action.failure }),
  })
  switch (action.refusal) {
    case "import_failed":
      return told(judged("failed", []))
    case "not_observed":
      return told(judged("unknown", []))
    case "on_change_refuse":
    case "lost_shares":
    case "shares_unread": {
      const source = action.reasons.includes("source_changed")
      return told(moved(source || !isAsApplied(c, action.imageId, () => false), !source))
    }
    case "ambiguous":
    case "owned_by_other":
    case "provenance_conflict":
    case "conflict":
      return told(judged("conflict", []))
  }
}

/** Whether the image has the name, marks and attributes that were applied last. */
function isAsApplied(
  c: Case,
  imageId: string | undefined,
  accepts: Accepts,
  differing: readonly Change[] = [],
): boolean {
  const found = imageId === undefined ? undefined : c.region.byId.get(imageId)
  const stamp = found === undefined ? undefined : stampOf(found)
  if (found === undefined || stamp === undefined) return imageId === undefined
  const { placement: p } = c
  const names = stamp.image === imageHash(p.image) ? [p.image] : p.formerNames
  if (p.match === "name" && !accepts("name") && !names.includes(found.image.name)) return false
  const attributes = differing.filter(({ field }) => field !== "name")
  if (attributes.some(({ field }) => field === `tags.${STACK_TAG}` || field === `tags.${IMAGE_TAG}`))
    return false
  // What differs from the manifest in nothing is as it was applied, or was brought there by somebody: all the same.
  if (differing.length > 0 && attributes.length === 0) return true
  return isAttributed(c, found, accepts, attributes)
}

function isAttributed(
  c: Case,
  found: Candidate,
  accepts: Accepts,
  differing: readonly Change[] = [],
): boolean {
  const { createdAt, tags } = found.image
  const isLate = createdAt !== undefined && c.observedAt - createdAt < TAG_GRACE_MS
  const missing = Object.entries(c.placement.tags).filter(([key, value]) => value !== null && !(key in tags))
  const late = new Set(isLate ? missing.map(([key]) => `tags.${key}`) : [])
  if (hasStampedAttributes(found, c.placement, (field) => accepts(field) || late.has(field))) return true
  // A tag that is yet to come may be of a value that nobody knows any more: that accuses nobody.
  return late.size > 0 && differing.every(({ field }) => field.startsWith("tags.") || field === "provenance")
}

/** The image that was seen there, where it is gone or no longer ours and nothing of ours came since. */
function lostImage(c: Case): readonly DriftReason[] | undefined {
  const { last, region } = c
  if (last === undefined || isNewer(c, last)) return undefined
  const found = region.byId.get(last.imageId)
  if (found === undefined) return [`gone:${last.imageId}`]
  return found.ownership.owner === "us" ? undefined : [`unmarked:${last.imageId}`]
}

/** Whether something of ours came after an image was last seen: then the manifests moved on by an apply. */
function isNewer({ placement: p, region }: Case, last: LastSeen): boolean {
  const owned = region.byOwnedImage.get(imageHash(p.image)) ?? []
  return owned.some(({ image }) => image.id !== last.imageId && (image.createdAt ?? 0) > last.at)
}

function isHalfDone(action: ReplaceAction | RestoreAction): boolean {
  return action.reasons.some((reason) => reason.startsWith("half_done"))
}

/** Signs of a cloud that moved although there is nothing to do. */
function signChange(c: Case, action: Action, sign: Reason): Change[] {
  const impact = "in_place"
  const ours = idOf(action)
  if (sign !== "source_changed") {
    const id = sign.slice(sign.indexOf(":") + 1)
    return [{ field: fieldOf(sign), before: id, after: ours ?? null, impact }]
  }
  const found = ours === undefined ? undefined : c.region.byId.get(ours)
  const before = found === undefined ? undefined : stampOf(found)?.source
  return [
    {
      field: fieldOf(sign),
      before: before ?? null,
      after: seenFingerprint(c.seen) ?? null,
      impact: "replacement",
    },
  ]
}

function fieldOf(sign: Reason): string {
  return sign === "source_changed" ? "source" : "family.newest"
}

/** The image that stands there now. */
function idOf(action: Action): string | undefined {
  if (action.action === "replace") return action.old?.imageId ?? action.staged?.imageId
  if (action.action === "restore") return action.old?.imageId ?? action.imageId
  return "imageId" in action ? action.imageId : undefined
}
