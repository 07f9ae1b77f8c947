/**
 * What of an action is covered by an approved one. The plan at hand may have moved on by what the approved action did
 * before it was stopped, and by what happened beside it: neither makes it another one.
 */
import type { Action, Change, FieldValue, Reason, RetireAction, Retirement, Verb } from "../model/plan.ts"
import { IMAGE_TAG, STACK_TAG } from "../model/provenance.ts"
import type { InPlaceUpdate } from "../model/request.ts"
import { actionDigest, canonical, touchedBeside } from "./fingerprint.ts"

/**
 * The action itself, where it is the approved one or the rest of it; else what is left of it without tags that went
 * missing since the approval, if that is. `nothing`: only such tags are left to set. Undefined: it is something else.
 */
export function approvedPart(action: Action, approved: Action): Action | "nothing" | undefined {
  if (covers(approved, action)) return action
  const part = withoutNewlyMissing(action, approved)
  if (part === undefined || !covers(approved, part)) return undefined
  return part.action === "update" && part.changes.length === 0 ? "nothing" : part
}

function covers(approved: Action, action: Action): boolean {
  return approved.digest === action.digest || isRest(action, approved)
}

/**
 * The action without tags that the image lacks now and did not lack when the approved one was planned: somebody took
 * them off, or the half hour in which tags may attach late is over. They are no part of what was approved, and no
 * reason against it: a notice says so, and the next plan sets them. A tag that the manifest asks for since then is no
 * such tag, since the stamp that goes with it differs too. Undefined: there is none.
 */
function withoutNewlyMissing(action: Action, approved: Action): Action | undefined {
  const known = new Set(approved.changes.map((c) => c.field))
  const missing = action.changes.filter((c) => isMissingTag(c) && !known.has(c.field))
  if (missing.length === 0) return undefined
  const keys = new Set(missing.map((c) => c.field.slice(TAG.length)))
  const isOfThem = (reason: Reason): boolean =>
    (reason.startsWith("tag_changed:") || reason.startsWith("provenance_missing:")) &&
    keys.has(reason.slice(reason.indexOf(":") + 1))
  const fewer = {
    changes: action.changes.filter((c) => !missing.includes(c)),
    reasons: action.reasons.filter((r) => !isOfThem(r)),
    notices: [...action.notices, ...action.reasons.filter(isOfThem)],
  }
  switch (action.action) {
    case "update":
    case "adopt":
    case "restore":
      return redigested({ ...action, ...fewer, update: withoutTags(action.update, keys) })
    case "await":
      return redigested({ ...action, ...fewer, afterwards: withoutTags(action.afterwards, keys) })
    default:
      return undefined
  }
}

function redigested(action: Action): Action {
  return { ...action, digest: actionDigest(action) }
}

function withoutTags({ tags, ...others }: InPlaceUpdate, keys: ReadonlySet<string>): InPlaceUpdate {
  if (tags === undefined) return others
  const set = Object.fromEntries(Object.entries(tags.set).filter(([key]) => !keys.has(key)))
  return Object.keys(set).length + tags.remove.length === 0
    ? others
    : { ...others, tags: { set, remove: tags.remove } }
}

const TAG = "tags."

function isMissingTag({ field, before, after }: Change): boolean {
  return field.startsWith(TAG) && before === null && after !== null
}

function isMissingMark(c: Change): boolean {
  return isMissingTag(c) && (c.field === `${TAG}${IMAGE_TAG}` || c.field === `${TAG}${STACK_TAG}`)
}

const IMPORTING: readonly Verb[] = ["import", "retry", "replace"]

/**
 * Whether an action is the rest of an approved one that was stopped on the way: waiting for its import, the remaining
 * steps of its swap, or the attributes that it was still to give.
 */
export function isRest(action: Action, approved: Action): boolean {
  if (action.action === "deprecate" || action.action === "delete") {
    return approved.action === "replace" && approved.retire.some((r) => isRetirementOf(r, action))
  }
  if (!("spec" in action) || !("spec" in approved) || action.spec !== approved.spec) return false
  const imports = IMPORTING.includes(approved.action)
  // Every import gives our marks, which are no field that its reviewer reads.
  const told = imports ? action.changes.filter((c) => !isMissingMark(c)) : action.changes
  if (!isWithin(told, approved.changes, (c) => [c.field, c.after])) return false
  const same = "imageId" in action && "imageId" in approved && action.imageId === approved.imageId
  switch (action.action) {
    case "import":
      // The failed image is gone already, and the import not yet sent; nothing else bears the name.
      return approved.action === "retry" || (approved.action === "replace" && approved.old === undefined)
    case "await":
      return imports || (approved.action === "await" && same)
    case "replace":
      return approved.action === "replace" && isHalfDone(action) && takesNoMore(action, approved)
    case "restore":
      // A new member of a family that stands already, and only lacks what comes after NORMAL, is restored.
      return (imports || (approved.action === "restore" && same)) && takesNoMore(action, approved)
    case "update":
      if (imports) return true
      if (approved.action === "update")
        return same && isWithin(action.changes, approved.changes, (c) => [c.field, c.before, c.after])
      return same && ["adopt", "restore", "await"].includes(approved.action)
    default:
      return false
  }
}

function isRetirementOf(r: Retirement, action: RetireAction): boolean {
  return (
    r.imageId === action.imageId && r.how === action.action && (r.deleteSnapshots || !action.deleteSnapshots)
  )
}

function isHalfDone(action: Action): boolean {
  return action.reasons.some((reason) => reason.startsWith("half_done"))
}

/** Whether every change is among the others, as far as it is looked at. */
function isWithin(
  changes: readonly Change[],
  others: readonly Change[],
  look: (c: Change) => (string | FieldValue)[],
): boolean {
  const wanted = new Set(others.map((c) => canonical(look(c))))
  return changes.every((c) => wanted.has(canonical(look(c))))
}

/** Whether no image is touched that the approved action would have left alone. */
function takesNoMore(action: Action, approved: Action): boolean {
  const wanted = new Set(touchedBeside(approved))
  return touchedBeside(action).every((image) => wanted.has(image))
}
