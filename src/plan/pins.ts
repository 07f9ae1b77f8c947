/**
 * What of the source objects is part of an approval: an URL alone does not say which bytes are imported. A checksum of
 * the manifest does, and the checks compare it; every other object is pinned by what COS told of it when the plan was
 * made.
 */
import type { SourceDifference } from "../model/approval.ts"
import type { DesiredPlacement } from "../model/desired.ts"
import type { Observed, SourceSeen } from "../model/observed.ts"
import { compareText, placementKey } from "../model/placement.ts"
import type { Action, Plan } from "../model/plan.ts"
import { withoutQuery } from "./fingerprint.ts"

type Sources = Readonly<Record<string, SourceSeen>>

export interface Pinned {
  /** The plan, with a notice for each import of an object that nothing pins. */
  readonly plan: Plan
  /** By URL without query, sorted. */
  readonly sources: Sources
}

/** Pins the objects of a plan that is about to be saved. `seen`: what COS told of them; none: nobody looked. */
export function pinSources(
  plan: Plan,
  placements: readonly DesiredPlacement[],
  seen: Observed["sources"] = {},
): Pinned {
  const placementOf = new Map(placements.map((p) => [placementKey(p), p]))
  const pins = new Map<string, SourceSeen>()
  const actions = plan.actions.map((action): Action => {
    const placement = placementOf.get(placementKey(action))
    let free = false
    for (const [index, url] of importedUrls(action).entries()) {
      const found = entry(seen, url)
      const checksum = index === 0 && placement?.source.crc64 !== undefined
      if (found === undefined || !isTold(found)) free ||= !checksum
      else if (!checksum || found.crc64 === undefined) pins.set(url, found)
    }
    return free ? { ...action, notices: [...action.notices, "source_not_pinned"] } : action
  })
  return {
    plan: { ...plan, actions },
    sources: Object.fromEntries([...pins].sort(([a], [b]) => compareText(a, b))),
  }
}

/** Objects that an action would import and that are not what `pins` say, the image's own first. */
export function sourceDifferences(
  action: Action,
  pins: Sources | undefined,
  seen: Observed["sources"] = {},
): SourceDifference[] {
  return importedUrls(action).flatMap((url): SourceDifference[] => {
    const approved = entry(pins, url)
    const now = entry(seen, url)
    if (approved === undefined || (now !== undefined && isSame(approved, now))) return []
    return [{ url, approved, ...(now === undefined ? {} : { now }) }]
  })
}

/** The image's own object and its data disks; none where nothing is imported any more. */
function importedUrls(action: Action): string[] {
  const imports =
    action.action === "import" ||
    action.action === "retry" ||
    (action.action === "replace" && action.staged === undefined)
  return imports ? [action.request.url, ...action.request.dataDiskUrls].map(withoutQuery) : []
}

/**
 * Of one object at two times. A CRC-64 says all; without it a length or an ETag that differs is another object, since
 * COS gives a new ETag only to what was uploaded anew.
 */
function isSame(a: SourceSeen, b: SourceSeen): boolean {
  if (a.crc64 !== undefined && b.crc64 !== undefined) return a.crc64 === b.crc64
  return a.size === b.size && a.etag === b.etag
}

/** Whether anything tells the object from another one. */
function isTold({ crc64, etag }: SourceSeen): boolean {
  return crc64 !== undefined || etag !== undefined
}

/** Keys are of a file or of a manifest, and may be named like a member of every object. */
function entry(sources: Sources | undefined, url: string): SourceSeen | undefined {
  return sources !== undefined && Object.hasOwn(sources, url) ? sources[url] : undefined
}
