/** The images of both sides against each other, placement by placement. */
import type { DesiredPlacement } from "../model/desired.ts"
import { compareText, type Scope, scopeKey } from "../model/placement.ts"
import type { Position } from "../model/position.ts"
import {
  type ImageFate,
  type ReviewChange,
  type ReviewedImage,
  type ReviewSide,
  type RiskCode,
  riskOf,
} from "../model/review.ts"
import { specHash } from "../plan/fingerprint.ts"
import { Causes } from "./causes.ts"
import type { Shift } from "./families.ts"
import { type Difference, differences, firstValues } from "./fields.ts"
import { Fold } from "./fold.ts"
import type { Ripples } from "./ripples.ts"
import { risksOf, risksOfNew } from "./risks.ts"

/** Placements by image, in the order of both. */
export type Images = ReadonlyMap<string, readonly DesiredPlacement[]>

export interface ComparedImages {
  readonly images: readonly ReviewedImage[]
  readonly shifts: readonly Shift[]
  /** Placements that differ, those that follow from the Stack included. */
  readonly placements: { added: number; removed: number; replaced: number; updated: number }
}

export class ImageComparison {
  readonly #base: Images
  readonly #head: Images
  readonly #causes: Causes
  readonly #ripples: Ripples
  readonly #pruned: boolean
  readonly #images: ReviewedImage[] = []
  readonly #shifts: Shift[] = []
  readonly #placements = { added: 0, removed: 0, replaced: 0, updated: 0 }

  /** `pruned`: the head's Stack deprecates or deletes orphans. */
  constructor(
    base: Images,
    head: Images,
    sides: [ReviewSide, ReviewSide],
    ripples: Ripples,
    pruned: boolean,
  ) {
    this.#base = base
    this.#head = head
    this.#causes = new Causes(...sides)
    this.#ripples = ripples
    this.#pruned = pruned
  }

  compare(): ComparedImages {
    const formerOf = this.#renames()
    const renamed = new Set(formerOf.values())
    const left: [string, readonly DesiredPlacement[]][] = []
    for (const [name, placements] of this.#base) {
      if (!this.#head.has(name) && !renamed.has(name)) left.push([name, placements])
    }
    const specs = specsOf(left)
    for (const [name, after] of this.#head) {
      const former = formerOf.get(name)
      const before = this.#base.get(former ?? name)
      if (before === undefined) this.#added(name, after, specs)
      else this.#both(name, former, before, after)
    }
    for (const [name, placements] of left) this.#removed(name, placements)
    this.#images.sort((a, b) => compareText(a.image, b.image))
    return { images: this.#images, shifts: this.#shifts, placements: this.#placements }
  }

  /** Images of the head that were called otherwise, and how. */
  #renames(): Map<string, string> {
    const found = new Map<string, string>()
    const taken = new Set<string>()
    for (const [name, [first]] of this.#head) {
      if (first === undefined || this.#base.has(name)) continue
      const former = first.formerNames.find((f) => this.#base.has(f) && !this.#head.has(f) && !taken.has(f))
      if (former === undefined) continue
      taken.add(former)
      found.set(name, former)
    }
    return found
  }

  #added(name: string, after: readonly DesiredPlacement[], left: ReadonlyMap<string, string>): void {
    const [first] = after
    if (first === undefined) return
    const risks = new Set<RiskCode>(after.flatMap(risksOfNew))
    if (after.some((p) => left.has(specHash(p)))) risks.add("rename_without_former")
    for (const p of after) this.#shifts.push({ after: p, imported: true })
    this.#placements.added += after.length
    const fold = new Fold()
    for (const p of after) for (const d of firstValues(p)) fold.add(d, p, [], p.origins[d.field])
    this.#put(name, "added", first.at, { risks, changes: fold.changes(), added: after.map(scopeOf) })
  }

  #removed(name: string, before: readonly DesiredPlacement[]): void {
    const [first] = before
    if (first === undefined) return
    for (const p of before) this.#shifts.push({ before: p, imported: false })
    this.#placements.removed += before.length
    const risks: RiskCode[] = [this.#pruned ? "removed_prune" : "removed_keep"]
    this.#put(name, "removed", first.at, { risks, removed: before.map(scopeOf) })
  }

  #both(
    name: string,
    former: string | undefined,
    before: readonly DesiredPlacement[],
    after: readonly DesiredPlacement[],
  ): void {
    const [was, is] = [before[0], after[0]]
    if (was === undefined || is === undefined) return
    if (before.length === after.length && before.every((p, i) => p === after[i])) return
    const olds = new Map(before.map((p) => [scopeKey(p), p]))
    const fold = new Fold()
    const replaced: Scope[] = []
    const updated: Scope[] = []
    for (const p of after) {
      const old = olds.get(scopeKey(p))
      if (old === undefined) continue
      olds.delete(scopeKey(p))
      const verdict = this.#placement(old, p, former !== undefined, fold)
      if (verdict === "replaced") replaced.push(scopeOf(p))
      if (verdict === "updated") updated.push(scopeOf(p))
    }
    const scopes = this.#scopes(before, after)
    const risks = new Set(fold.changes().flatMap((c) => c.risks))
    if (scopes.added.length > 0) risks.add("new_placements")
    if (scopes.removed.length > 0) risks.add(this.#pruned ? "removed_prune" : "removed_keep")
    if (former !== undefined) risks.add("image_renamed")
    const changes = [...scopes.changes, ...fold.changes()]
    const movedFrom = was.at.file === is.at.file ? {} : { movedFrom: was.at.file }
    const fate = former !== undefined ? "renamed" : changes.length > 0 ? "changed" : "moved"
    if (fate === "moved" && was.at.file === is.at.file) return
    const { added, removed } = scopes
    this.#put(name, fate, is.at, { risks, changes, added, removed, replaced, updated, ...movedFrom }, former)
  }

  /** What becomes of one placement by its own manifest; what follows from the Stack goes to the ripples. */
  #placement(
    old: DesiredPlacement,
    now: DesiredPlacement,
    renamed: boolean,
    fold: Fold,
  ): "replaced" | "updated" | undefined {
    if (old === now) return undefined
    let own = 0
    let all = renamed && now.match === "name" ? 1 : 0
    let moves = false
    for (const d of differences(old, now)) {
      const weight = d.impact === "replacement" ? 2 : d.impact === "in_place" ? 1 : 0
      all = Math.max(all, weight)
      if (d.field === "family" || d.field === "deprecated" || d.field === "lifecycle.state") moves = true
      if (!this.#follows(d, old, now)) {
        own = Math.max(own, weight)
        fold.add(d, now, risksOf(d, old, now), now.origins[d.field])
      }
    }
    if (all === 2 || moves) this.#shifts.push({ before: old, after: now, imported: all === 2 })
    if (all > 0) this.#placements[all === 2 ? "replaced" : "updated"]++
    return own === 2 ? "replaced" : own === 1 ? "updated" : undefined
  }

  /** Whether a difference follows from the Stack; it is then told there. */
  #follows(d: Difference, old: DesiredPlacement, now: DesiredPlacement): boolean {
    if (d.field.startsWith("labels.") || d.field === "formerNames") return false
    const key = d.field
    const cause = d.filled === true ? "variables" : this.#causes.of(key, old, now)
    if (cause === "image") return false
    if (cause === "variables") return this.#ripples.variables(d, now, risksOf(d, old, now))
    this.#ripples.defaults(d, now, risksOf(d, old, now), now.origins[key])
    return true
  }

  /** Accounts and regions that come and go, by the image's own manifest or with the Stack. */
  #scopes(
    before: readonly DesiredPlacement[],
    after: readonly DesiredPlacement[],
  ): { added: Scope[]; removed: Scope[]; changes: ReviewChange[] } {
    const [olds, nows] = [before, after].map((list) => new Set(list.map(scopeKey)))
    const come = after.filter((p) => olds?.has(scopeKey(p)) === false)
    const gone = before.filter((p) => nows?.has(scopeKey(p)) === false)
    const [was, is] = [before[0], after[0]]
    if (was === undefined || is === undefined || come.length + gone.length === 0) {
      return { added: [], removed: [], changes: [] }
    }
    for (const p of come) this.#shifts.push({ after: p, imported: true })
    for (const p of gone) this.#shifts.push({ before: p, imported: false })
    this.#placements.added += come.length
    this.#placements.removed += gone.length
    const regions = [before, after].map((list) =>
      Array.from(new Set(list.map((p) => p.region))).sort(compareText),
    )
    const untouched = this.#causes.isUntouched(was, is)
    const told = (p: DesiredPlacement, comes: boolean): boolean => {
      const risks: RiskCode[] = comes ? ["new_placements"] : [this.#pruned ? "removed_prune" : "removed_keep"]
      if (this.#ripples.account(p, risks)) return true
      const follows = this.#causes.of("regions", was, is) === "defaults" || untouched
      if (follows) this.#ripples.regions(p, regions, risks, is.origins.regions)
      return follows
    }
    const added = come.filter((p) => !told(p, true))
    const removed = gone.filter((p) => !told(p, false))
    const changes: ReviewChange[] = []
    const put = (field: string, key: "region" | "account"): void => {
      const values = [before, after].map((list) =>
        Array.from(new Set(list.map((p) => p[key]))).sort(compareText),
      )
      const [old = [], now = []] = values
      if (added.length + removed.length === 0 || old.join("\n") === now.join("\n")) return
      const at: Position | undefined = is.origins[field]
      const scopes = [...added, ...removed].map(scopeOf)
      changes.push({ field, before: old, after: now, impact: "policy", risks: [], scopes, ...(at && { at }) })
    }
    put("accounts", "account")
    put("regions", "region")
    return { added: added.map(scopeOf), removed: removed.map(scopeOf), changes }
  }

  #put(
    image: string,
    fate: ImageFate,
    manifest: Position,
    more: Partial<Omit<ReviewedImage, "risks">> & { readonly risks: Iterable<RiskCode> },
    formerName?: string,
  ): void {
    const risks = Array.from(new Set(more.risks)).sort(compareText)
    this.#images.push({
      changes: [],
      added: [],
      removed: [],
      replaced: [],
      updated: [],
      ...more,
      image,
      fate,
      manifest,
      risks,
      risk: riskOf(risks),
      ...(formerName === undefined ? {} : { formerName }),
    })
  }
}

/** Spec hashes of images that have left, with their names. */
function specsOf(left: readonly (readonly [string, readonly DesiredPlacement[]])[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, [first]] of left) if (first !== undefined) found.set(specHash(first), name)
  return found
}

function scopeOf({ account, region }: Scope): Scope {
  return { account, region }
}
