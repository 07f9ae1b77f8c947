/** From the table's verdict to the action that is shown, approved and carried out. */
import type { DesiredPlacement } from "../model/desired.ts"
import { compareText } from "../model/placement.ts"
import type { Action, Reason } from "../model/plan.ts"
import { importAction, replaceAction, restoreAction } from "./act-import.ts"
import { adviceFor } from "./advice.ts"
import {
  type Comparison,
  type Differences,
  differences,
  hasRoomForStamp,
  releaseDifferences,
} from "./differences.ts"
import { type Candidate, isFailed, stampOf } from "./own.ts"
import { digested, placed } from "./refs.ts"
import { type Question, type Refused, refuse, type Verdict } from "./verdict.ts"

/** Turns a verdict into the placement's action. */
export function act(c: Comparison, q: Question, verdict: Verdict): Action {
  switch (verdict.row) {
    case "import":
      return digested(importAction(c, q, verdict))
    case "replace":
      return digested(replaceAction(c, q, verdict))
    case "restore":
      return digested(restoreAction(c, q, verdict))
    case "manage":
      return manageAction(c, verdict.found, verdict.notices)
    case "adopt":
      return adoptAction(c, verdict.found)
    case "unmanaged":
      return keepAction(c, verdict.found, ["unmanaged"], ["unmanaged"])
    case "await":
      return awaitAction(c, verdict.found, verdict.reasons)
    case "release":
      return releaseAction(c, verdict.found, verdict.notices)
    case "refuse":
      return refusalAction(c.placement, verdict)
  }
}

/** A refusal as an action. */
export function refusalAction(p: DesiredPlacement, verdict: Refused): Action {
  const { failure } = verdict
  const [first] = verdict.images
  return digested({
    ...placed(p),
    action: "refuse",
    refusal: verdict.refusal,
    reasons: verdict.reasons,
    changes: [],
    notices: [],
    imageIds: verdict.images.map((i) => i.image.id).sort(compareText),
    advice: adviceFor(verdict),
    ...(verdict.wanted === undefined ? {} : { wanted: verdict.wanted }),
    ...(first === undefined || verdict.images.length > 1 ? {} : { imageId: first.image.id }),
    ...(failure === undefined ? {} : { failure }),
  })
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

function awaitAction(c: Comparison, found: Candidate, reasons: readonly Reason[]): Action {
  const { image } = found
  const d =
    c.placement.lifecycle.state === "released"
      ? releaseDifferences(found)
      : stampOf(found)?.spec === c.spec
        ? differences(c, found)
        : { changes: [], update: {} }
  return digested({
    ...placed(c.placement),
    action: "await",
    spec: c.spec,
    release: c.placement.release,
    reasons,
    notices: [],
    changes: d.changes,
    imageId: image.id,
    name: image.name,
    state: image.state,
    afterwards: d.update,
  })
}

function releaseAction(c: Comparison, found: Candidate | undefined, notices: readonly Reason[]): Action {
  if (found === undefined || isFailed(found.image)) return keepAction(c, found, ["released"], notices)
  return updateAction(c, "update", found, releaseDifferences(found), notices)
}

function updateAction(
  c: Comparison,
  verb: "update" | "adopt",
  found: Candidate,
  d: Differences,
  notices: readonly Reason[],
): Action {
  return digested({
    ...placed(c.placement),
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
  const { image, account, region, at: manifest } = c.placement
  const changes: never[] = []
  // Most actions of a large plan: to spread parts into one takes three times as long.
  return digested(
    found === undefined
      ? { image, account, region, manifest, action: "keep", reasons, notices, changes }
      : {
          image,
          account,
          region,
          manifest,
          action: "keep",
          reasons,
          notices,
          changes,
          imageId: found.image.id,
        },
  )
}
