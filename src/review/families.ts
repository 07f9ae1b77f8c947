/** Family manifests, and what consumers of a family will boot as far as manifests can tell it. */
import type { Desired, DesiredFamily, DesiredPlacement } from "../model/desired.ts"
import { compareText, scopeKey } from "../model/placement.ts"
import type { FieldValue } from "../model/plan.ts"
import {
  type ReviewChange,
  type ReviewedFamily,
  type ReviewedMove,
  type RiskCode,
  riskOf,
} from "../model/review.ts"
import { specHash } from "../plan/fingerprint.ts"
import { memberName } from "../plan/names.ts"

/** Families whose manifest differs, by name. */
export function reviewFamilies(
  before: readonly DesiredFamily[],
  after: readonly DesiredFamily[],
): ReviewedFamily[] {
  const [olds, nows] = [before, after].map((list) => new Map(list.map((f) => [f.name, f])))
  const names = new Set([...(olds?.keys() ?? []), ...(nows?.keys() ?? [])])
  return Array.from(names)
    .sort(compareText)
    .flatMap((name): ReviewedFamily[] => {
      const [old, now] = [olds?.get(name), nows?.get(name)]
      const changes = changesOf(old, now)
      const manifest = (now ?? old)?.at
      if (changes.length === 0 || manifest === undefined) return []
      const risks = Array.from(new Set(changes.flatMap((c) => c.risks)))
      const fate = old === undefined ? "added" : now === undefined ? "removed" : "changed"
      return [{ family: name, fate, risk: riskOf(risks), risks, changes, manifest }]
    })
}

function changesOf(old: DesiredFamily | undefined, now: DesiredFamily | undefined): ReviewChange[] {
  const found: ReviewChange[] = []
  const put = (field: string, before: FieldValue, after: FieldValue, risks: readonly RiskCode[]): void => {
    if (before === after) return
    found.push({
      field,
      before,
      after,
      impact: "policy",
      risks,
      scopes: [],
      ...(now === undefined ? {} : { at: now.at }),
    })
  }
  const last = [old?.retain.last, now?.retain.last] as const
  const within = [old?.retain.withinMs, now?.retain.withinMs] as const
  put("retain.last", last[0] ?? null, last[1] ?? null, retainRisk(old, now, ...last))
  put("retain.within", hours(within[0]), hours(within[1]), retainRisk(old, now, ...within))
  const deletes: readonly RiskCode[] = now?.beyond === "delete" ? ["retention_delete"] : ["setting_relaxed"]
  put("beyond", old?.beyond ?? null, now?.beyond ?? null, deletes)
  return found
}

/** What is kept is kept by either rule: one that goes or shrinks keeps less. */
function retainRisk(
  old: DesiredFamily | undefined,
  now: DesiredFamily | undefined,
  before: number | undefined,
  after: number | undefined,
): readonly RiskCode[] {
  if (now === undefined) return ["setting_relaxed"]
  if (old === undefined) return ["retention_added"]
  return (after ?? 0) < (before ?? 0) ? ["retention_shortened"] : ["setting_relaxed"]
}

function hours(ms: number | undefined): string | null {
  return ms === undefined ? null : `${ms / 3_600_000}h`
}

/** A placement that comes, goes or changes in a way that its families see. */
export interface Shift {
  readonly before?: DesiredPlacement
  readonly after?: DesiredPlacement
  /** A new image is imported for it. */
  readonly imported: boolean
}

interface Membership {
  readonly before: Set<string>
  readonly after: Set<string>
  readonly arriving: Set<string>
  readonly images: Set<string>
  readonly account: string
  readonly region: string
  readonly family: string
}

/** The families that the shifts move, folded over accounts and regions, by name. */
export function familyMoves(
  shifts: readonly Shift[],
  base: Desired | undefined,
  head: Desired | undefined,
): ReviewedMove[] {
  const memberships = new Map<string, Membership>()
  for (const { before, after, imported } of shifts) {
    for (const p of [before, after]) {
      const found = p === undefined ? undefined : membershipOf(memberships, p)
      if (p === undefined || found === undefined) continue
      found.images.add(p.image)
      if (p === after && imported) found.arriving.add(nameOf(p))
    }
  }
  if (memberships.size === 0) return []
  for (const p of base?.placements ?? []) if (isUsable(p)) memberships.get(keyOf(p))?.before.add(nameOf(p))
  for (const p of head?.placements ?? []) if (isUsable(p)) memberships.get(keyOf(p))?.after.add(nameOf(p))
  return folded(memberships.values())
}

function folded(memberships: Iterable<Membership>): ReviewedMove[] {
  const moves = new Map<string, ReviewedMove & { readonly scopes: { account: string; region: string }[] }>()
  for (const { before, after, arriving, images, account, region, family } of memberships) {
    const imported = arriving.size > 0
    const [old, now] = [sorted(before), sorted(imported ? arriving : after)]
    if (!imported && old.join("\n") === now.join("\n")) continue
    const key = JSON.stringify([family, old, now, imported])
    const known = moves.get(key) ?? {
      family,
      before: old,
      after: now,
      imported,
      scopes: [],
      images: sorted(images),
    }
    known.scopes.push({ account, region })
    moves.set(key, known)
  }
  return Array.from(moves.values()).sort((a, b) => compareText(a.family, b.family))
}

function membershipOf(all: Map<string, Membership>, p: DesiredPlacement): Membership | undefined {
  if (!isUsable(p) || p.family === undefined) return undefined
  const key = keyOf(p)
  let found = all.get(key)
  if (found === undefined) {
    const { account, region, family } = p
    const none = (): Set<string> => new Set()
    found = { before: none(), after: none(), arriving: none(), images: none(), account, region, family }
    all.set(key, found)
  }
  return found
}

function isUsable(p: DesiredPlacement): boolean {
  return p.family !== undefined && p.family !== "" && p.deprecated !== true && p.lifecycle.state === "managed"
}

function keyOf(p: DesiredPlacement): string {
  return `${scopeKey(p)}\u0000${p.family}`
}

/** As the image is called in the cloud. */
function nameOf(p: DesiredPlacement): string {
  return p.match === "family" ? memberName(p.image, specHash(p)) : p.image
}

function sorted(names: Iterable<string>): string[] {
  return Array.from(new Set(names)).sort(compareText)
}
