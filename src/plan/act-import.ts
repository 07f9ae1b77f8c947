/** Actions that put another image in a placement: import, retry, replace, restore. */
import type { DesiredPlacement } from "../model/desired.ts"
import type { Action, Change } from "../model/plan.ts"
import { stampDescription } from "../model/provenance.ts"
import type { ImportRequest, InPlaceUpdate } from "../model/request.ts"
import { type Comparison, type Differences, differences, importStamp, provenanceTags } from "./differences.ts"
import { importedFields, presentTags } from "./fields.ts"
import { imageHash, type Undigested } from "./fingerprint.ts"
import { newerMembers } from "./match-rows.ts"
import { isReplaced, retiredName, stagedName } from "./names.ts"
import { type Candidate, newestFirst, stampOf } from "./own.ts"
import { placed, ref, refs } from "./refs.ts"
import { beyond } from "./retire.ts"
import { forcingChanges } from "./spec.ts"
import type { Imported, Question, Replaced, Restored } from "./verdict.ts"

/** A new image in a placement that has none, or the next member of a family. */
export function importAction(c: Comparison, q: Question, verdict: Imported): Undigested<Action> {
  const { placement: p } = c
  const { request, afterwards } = importOf(c, q, verdict.name, true)
  const forced = verdict.previous === undefined ? [] : forcingChanges(verdict.previous, q)
  return {
    ...placed(p),
    action: verdict.verb,
    spec: c.spec,
    release: p.release,
    reasons: verdict.reasons,
    notices: verdict.notices,
    changes: [...forced, ...creations(p, verdict.name)],
    remove: refs(verdict.remove),
    request,
    afterwards,
  }
}

/** Stage and swap, or the rest of it. */
export function replaceAction(c: Comparison, q: Question, verdict: Replaced): Undigested<Action> {
  const { placement: p } = c
  const { old, staged } = verdict
  const { request, afterwards } = importOf(c, q, stagedName(p.image, c.spec), false)
  const remarked = staged === undefined ? undefined : markings(c, staged)
  const created = creations(p, p.image)
  const others = (remarked?.changes ?? []).filter((x) => !created.some((y) => y.field === x.field))
  const previous = q.region.byOwnedImage
    .get(q.hash)
    ?.filter((x) => x !== old && x.image.state === "NORMAL" && isReplaced(x.image.name, p))
  const arriving = new Set(
    p.family === undefined || p.family === "" || p.deprecated === true ? [] : [p.family],
  )
  return {
    ...placed(p),
    action: "replace",
    spec: c.spec,
    release: p.release,
    reasons: verdict.reasons,
    notices: [],
    changes: [...(old === undefined ? [] : forcingChanges(old, q)), ...created, ...others],
    name: p.image,
    remove: refs(verdict.remove),
    request,
    ...(staged === undefined ? {} : { staged: { ...ref(staged), state: staged.image.state } }),
    ...(old === undefined ? {} : { old: ref(old), oldName: retiredName(p.image, old.image.id) }),
    afterwards: { ...afterwards, ...remarked?.update },
    retire: beyond(
      [...(old === undefined ? [] : [old]), ...[...(previous ?? [])].sort(newestFirst)],
      p.lifecycle,
      q.region,
      arriving,
    ),
  }
}

/** What makes an image that was staged under a former name one of today's; whom it is shared with is not asked. */
function markings(c: Comparison, staged: Candidate): Pick<Differences, "changes" | "update"> | undefined {
  const stamp = stampOf(staged)
  if (stamp === undefined || stamp.image === imageHash(c.placement.image)) return undefined
  const { changes, update } = differences(c, staged)
  const { attributes: { name: _, ...attributes } = {}, tags } = update
  return { changes, update: { attributes, ...(tags === undefined ? {} : { tags }) } }
}

/** An earlier image takes its place again. */
export function restoreAction(c: Comparison, q: Question, verdict: Restored): Undigested<Action> {
  const { placement: p } = c
  const { target, old } = verdict
  const d = differences(c, target)
  const wake = target.image.deprecated && p.deprecated === undefined
  const changes: Change[] = wake
    ? [...d.changes, { field: "deprecated", before: true, after: false, impact: "in_place" }]
    : [...d.changes]
  const attributes = { ...d.update.attributes, ...(wake ? { deprecated: false } : {}) }
  const update: InPlaceUpdate = {
    ...d.update,
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  }
  return {
    ...placed(p),
    action: "restore",
    spec: c.spec,
    release: p.release,
    reasons: verdict.reasons,
    notices: [],
    changes,
    remove: refs(verdict.remove),
    imageId: target.image.id,
    name: p.match === "name" ? p.image : target.image.name,
    ...(old === undefined ? {} : { old: ref(old), oldName: retiredName(p.image, old.image.id) }),
    update,
    deprecate: refs(newerMembers(q, target)),
  }
}

/** The call, and what comes after NORMAL. A staged image gets its family only when it has its name. */
function importOf(
  c: Comparison,
  q: Question,
  name: string,
  mayJoin: boolean,
): { readonly request: ImportRequest; readonly afterwards: InPlaceUpdate } {
  const p = c.placement
  const family = p.family === undefined || p.family === "" ? undefined : p.family
  // ImportImage may give the family only where nobody's boot changes by it before the image is NORMAL.
  const familyAtOnce =
    family !== undefined && mayJoin && p.release === "perRegion" && !q.region.usableByFamily.has(family)
  const request: ImportRequest = {
    name,
    description: stampDescription(p.description ?? "", importStamp(c)),
    url: p.source.url,
    sign: p.source.sign,
    ...(p.source.signAs === undefined ? {} : { signAs: p.source.signAs }),
    osType: p.os.type,
    osVersion: p.os.version,
    architecture: p.architecture,
    ...(p.bootMode === undefined ? {} : { bootMode: p.bootMode }),
    ...(p.licenseType === undefined ? {} : { licenseType: p.licenseType }),
    force: p.force,
    ...(familyAtOnce ? { family } : {}),
    tags: { ...presentTags(p), ...provenanceTags(c.stack, p.image) },
    dataDiskUrls: p.dataDisks.map((disk) => disk.url),
  }
  const attributes = {
    ...(family === undefined || familyAtOnce ? {} : { family }),
    ...(p.deprecated === true ? { deprecated: true } : {}),
  }
  const shares = p.sharedWith === undefined || p.sharedWith.length === 0 ? undefined : p.sharedWith
  const afterwards: InPlaceUpdate = {
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(shares === undefined ? {} : { shares: { add: shares, remove: [] } }),
  }
  return { request, afterwards }
}

/** Every field of a new image, as a reviewer reads it. */
function creations(p: DesiredPlacement, name: string): Change[] {
  return [["name", name] as const, ...importedFields(p)].map(([field, after]) => ({
    field,
    before: null,
    after,
    impact: "create",
  }))
}
