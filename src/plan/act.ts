/** From the table's verdict to the action that is shown, approved and carried out. */

import type { DesiredPlacement } from "../model/desired.ts"
import type { Observed } from "../model/observed.ts"
import { compareText, type Placement } from "../model/placement.ts"
import type { Action, Change, FieldValue, Reason } from "../model/plan.ts"
import { stampDescription } from "../model/provenance.ts"
import type { ImportRequest, InPlaceUpdate } from "../model/request.ts"
import { adviceFor } from "./advice.ts"
import {
  type Comparison,
  type Differences,
  differences,
  hasRoomForStamp,
  importStamp,
  provenanceTags,
  releaseDifferences,
} from "./differences.ts"
import { actionDigest, type Undigested } from "./fingerprint.ts"
import type { Candidate } from "./own.ts"
import type { RegionIndex } from "./region.ts"
import { type Refused, refuse, type Verdict } from "./verdict.ts"

/** Turns a verdict into an action. */
export function act(c: Comparison, verdict: Verdict, region: RegionIndex): Action {
  switch (verdict.row) {
    case "import":
      return importAction(c, verdict.name, verdict.reasons, verdict.notices, region)
    case "manage":
      return manageAction(c, verdict.found, verdict.notices)
    case "adopt":
      return adoptAction(c, verdict.found)
    case "unmanaged":
      return keepAction(c, verdict.found, ["unmanaged"], ["unmanaged"])
    case "await":
      return awaitAction(c, verdict.found, verdict.reason)
    case "release":
      return releaseAction(c, verdict.found)
    case "refuse":
      return refusalAction(c.placement, verdict)
  }
}

/** A refusal as an action. */
export function refusalAction(p: DesiredPlacement, verdict: Refused, failure?: Failure): Action {
  const [first] = verdict.images
  return digested({
    ...base(p),
    action: "refuse",
    refusal: verdict.refusal,
    reasons: verdict.reasons,
    changes: [],
    notices: [],
    imageIds: verdict.images.map((i) => i.image.id).sort(compareText),
    advice: adviceFor(verdict, p, failure),
    ...(verdict.wanted === undefined ? {} : { wanted: verdict.wanted }),
    ...(first === undefined || verdict.images.length > 1 ? {} : { imageId: first.image.id }),
    ...(failure === undefined ? {} : { failure }),
  })
}

type Failure = Extract<Observed["scopes"][number], { failure: unknown }>["failure"]

function importAction(
  c: Comparison,
  name: string,
  reasons: readonly Reason[],
  notices: readonly Reason[],
  region: RegionIndex,
): Action {
  const p = c.placement
  const family = p.family === undefined || p.family === "" ? undefined : p.family
  // ImportImage may give the family only where nobody's boot changes by it before the image is NORMAL.
  const familyAtOnce = family !== undefined && p.release === "perRegion" && !region.usableByFamily.has(family)
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
    tags: { ...presentTags(p.tags), ...provenanceTags(c.stack, p.image) },
    dataDiskUrls: p.dataDisks.map((disk) => disk.url),
  }
  const attributes = {
    ...(family === undefined || familyAtOnce ? {} : { family }),
    ...(p.deprecated === true ? { deprecated: true } : {}),
  }
  const afterwards: InPlaceUpdate = {
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(p.sharedWith === undefined || p.sharedWith.length === 0
      ? {}
      : { shares: { add: p.sharedWith, remove: [] } }),
  }
  return digested({
    ...base(p),
    action: "import",
    spec: c.spec,
    release: p.release,
    reasons,
    notices,
    changes: creations(p, name),
    request,
    afterwards,
  })
}

/** Every field of a new image, as a reviewer reads it. */
function creations(p: DesiredPlacement, name: string): Change[] {
  const fields: [string, FieldValue | undefined][] = [
    ["name", name],
    ["description", p.description],
    ["family", p.family === "" ? undefined : p.family],
    ["source.url", p.source.url],
    ["source.format", p.source.format],
    ["os.type", p.os.type],
    ["os.version", p.os.version],
    ["architecture", p.architecture],
    ["bootMode", p.bootMode],
    ["licenseType", p.licenseType],
    ["force", p.force ? true : undefined],
    ["dataDisks", p.dataDisks.length === 0 ? undefined : p.dataDisks.map((disk) => disk.url)],
    ["deprecated", p.deprecated === true ? true : undefined],
    ["sharedWith", p.sharedWith === undefined || p.sharedWith.length === 0 ? undefined : p.sharedWith],
    ...Object.entries(presentTags(p.tags))
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, value]): [string, FieldValue] => [`tags.${key}`, value]),
  ]
  return fields.flatMap(([field, after]) =>
    after === undefined ? [] : [{ field, before: null, after, impact: "create" as const }],
  )
}

function manageAction(c: Comparison, found: Candidate, notices: readonly Reason[]): Action {
  const d = differences(c, found)
  if (d.changes.length === 0) return keepAction(c, found, ["in_sync"], notices)
  if (!hasRoomForStamp(c.placement, found)) return refusalAction(c.placement, noRoom(found))
  return updateAction(c, "update", found, d, notices)
}

function adoptAction(c: Comparison, found: Candidate): Action {
  if (!hasRoomForStamp(c.placement, found)) return refusalAction(c.placement, noRoom(found))
  const d = differences(c, found)
  const reasons: Reason[] = ["adopt_requested", ...d.reasons.filter((r) => r !== "adopt_requested")]
  return updateAction(c, "adopt", found, { ...d, reasons }, [])
}

function noRoom(found: Candidate): Refused {
  return refuse("conflict", [found], { reasons: ["attribute_changed:description"] })
}

function awaitAction(c: Comparison, found: Candidate, reason: Reason): Action {
  const { ownership, image } = found
  const sameSpec = ownership.owner === "us" && ownership.stamp?.spec === c.spec
  const d = sameSpec ? differences(c, found) : { changes: [], update: {} }
  return digested({
    ...base(c.placement),
    action: "await",
    spec: c.spec,
    release: c.placement.release,
    reasons: [reason],
    notices: [],
    changes: d.changes,
    imageId: image.id,
    name: image.name,
    state: image.state,
    afterwards: d.update,
  })
}

function releaseAction(c: Comparison, found: Candidate | undefined): Action {
  if (found === undefined) return keepAction(c, undefined, ["released"], [])
  return updateAction(c, "update", found, releaseDifferences(found), [])
}

function updateAction(
  c: Comparison,
  verb: "update" | "adopt",
  found: Candidate,
  d: Differences,
  notices: readonly Reason[],
): Action {
  return digested({
    ...base(c.placement),
    action: verb,
    spec: c.spec,
    release: c.placement.release,
    reasons: d.reasons,
    notices,
    changes: d.changes,
    imageId: found.image.id,
    update: d.update,
  })
}

function keepAction(
  c: Comparison,
  found: Candidate | undefined,
  reasons: readonly Reason[],
  notices: readonly Reason[],
): Action {
  return digested({
    ...base(c.placement),
    action: "keep",
    reasons,
    notices,
    changes: [],
    ...(found === undefined ? {} : { imageId: found.image.id }),
  })
}

function base(p: DesiredPlacement): Placement & { readonly manifest: DesiredPlacement["at"] } {
  return { image: p.image, account: p.account, region: p.region, manifest: p.at }
}

function digested(action: Undigested<Action>): Action {
  return { ...action, digest: actionDigest(action) } as Action
}

function presentTags(tags: DesiredPlacement["tags"]): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter((e): e is [string, string] => e[1] !== null))
}
