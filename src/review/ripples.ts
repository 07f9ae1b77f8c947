/** What follows from a change of the Stack: told once, with how many images and placements it reaches. */
import type { DesiredPlacement } from "../model/desired.ts"
import { compareText, scopeKey } from "../model/placement.ts"
import type { FieldValue } from "../model/plan.ts"
import type { Position } from "../model/position.ts"
import { type ReviewImpact, type RiskCode, riskOf, type StackChange } from "../model/review.ts"
import type { Difference } from "./fields.ts"
import { worseImpact } from "./fold.ts"
import type { Setting } from "./stack.ts"

interface Ripple {
  readonly field: string
  readonly before: FieldValue
  readonly after: FieldValue
  readonly at: Position | undefined
  impact: ReviewImpact
  readonly risks: Set<RiskCode>
  readonly images: Set<string>
  /** Keys of account and region, each with how often. */
  readonly scopes: Map<string, { readonly account: string; readonly region: string }>
  placements: number
}

export class Ripples {
  readonly #ripples = new Map<string, Ripple>()
  readonly #settings: readonly Setting[]

  /** `origins`: where the head's Stack writes its values, by path. */
  constructor(settings: readonly Setting[], origins: Readonly<Record<string, Position>>, stackAt: Position) {
    this.#settings = settings
    for (const { field, before, after, impact, risks } of settings) {
      this.#open(
        field,
        before,
        after,
        origins[field] ?? (after === null ? undefined : near(field, origins, stackAt)),
        impact,
        risks,
      )
    }
  }

  /** A value that comes from the defaults. */
  defaults(d: Difference, p: DesiredPlacement, risks: readonly RiskCode[], at: Position | undefined): void {
    const path = `spec.defaults.${d.field}`
    const key = `${path}\u0000${JSON.stringify([d.before, d.after])}`
    // Texts with placeholders differ from placement to placement: they are one change all the same.
    const text = typeof d.after === "string" && typeof d.before === "string"
    const ripple = this.#open(path, d.before, d.after, at, d.impact, risks, text ? path : key)
    reach(ripple, p, d.impact, risks)
  }

  /** A value that is filled from variables of its account; false where none of those differs. */
  variables(d: Difference, p: DesiredPlacement, risks: readonly RiskCode[]): boolean {
    const prefix = `spec.accounts.${p.account}.vars.`
    const all = this.#settings.filter(({ field }) => field.startsWith(prefix))
    const named = all.filter(({ field }) => p.source.template.includes(`{var.${field.slice(prefix.length)}}`))
    const those = d.field === "source.url" && named.length > 0 ? named : all
    for (const { field } of those) {
      const ripple = this.#ripples.get(field)
      if (ripple !== undefined) reach(ripple, p, d.impact, risks)
    }
    return those.length > 0
  }

  /** A placement that comes or goes with its account; false where the account is on both sides. */
  account(p: DesiredPlacement, risks: readonly RiskCode[]): boolean {
    const ripple = this.#ripples.get(`spec.accounts.${p.account}`)
    if (ripple !== undefined) reach(ripple, p, "policy", risks)
    return ripple !== undefined
  }

  /** A placement that comes or goes with the regions of its account or of the defaults. */
  regions(
    p: DesiredPlacement,
    [before = [], after = []]: readonly (readonly string[])[],
    risks: readonly RiskCode[],
    at: Position | undefined,
  ): void {
    const ofAccount = this.#ripples.get(`spec.accounts.${p.account}.regions`)
    const ripple = ofAccount ?? this.#open("spec.defaults.regions", before, after, at, "policy", [])
    reach(ripple, p, "policy", risks)
  }

  list(): StackChange[] {
    return Array.from(this.#ripples.values(), (r) => ({
      field: r.field,
      before: r.before,
      after: r.after,
      impact: r.impact,
      risks: Array.from(r.risks).sort(compareText),
      risk: riskOf(r.risks),
      scopes: Array.from(r.scopes.values()),
      images: Array.from(r.images).sort(compareText),
      placements: r.placements,
      ...(r.at === undefined ? {} : { at: r.at }),
    })).sort((a, b) => compareText(a.field, b.field))
  }

  #open(
    field: string,
    before: FieldValue,
    after: FieldValue,
    at: Position | undefined,
    impact: ReviewImpact,
    risks: readonly RiskCode[],
    key = field,
  ): Ripple {
    let ripple = this.#ripples.get(key)
    if (ripple === undefined) {
      ripple = {
        field,
        before,
        after,
        at,
        impact,
        risks: new Set(risks),
        images: new Set(),
        scopes: new Map(),
        placements: 0,
      }
      this.#ripples.set(key, ripple)
    }
    return ripple
  }
}

function reach(ripple: Ripple, p: DesiredPlacement, impact: ReviewImpact, risks: readonly RiskCode[]): void {
  ripple.impact = worseImpact(ripple.impact, impact)
  for (const risk of risks) ripple.risks.add(risk)
  ripple.images.add(p.image)
  ripple.placements++
  const key = scopeKey(p)
  if (!ripple.scopes.has(key)) ripple.scopes.set(key, { account: p.account, region: p.region })
}

/** The place of a map is that of the first value in it; where nothing of it is written, that of the Stack. */
function near(field: string, origins: Readonly<Record<string, Position>>, stackAt: Position): Position {
  const inside = Object.keys(origins).find((path) => path.startsWith(`${field}.`))
  return (inside === undefined ? undefined : origins[inside]) ?? stackAt
}
