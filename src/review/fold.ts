/** Differences of many placements, folded: what is the same in several accounts and regions is told once. */
import type { Scope } from "../model/placement.ts"
import type { FieldValue } from "../model/plan.ts"
import type { Position } from "../model/position.ts"
import type { ReviewChange, ReviewImpact, RiskCode } from "../model/review.ts"
import type { Difference } from "./fields.ts"

interface Folded {
  readonly first: Difference
  readonly region: string
  readonly at: Position | undefined
  readonly scopes: Scope[]
  readonly risks: Set<RiskCode>
  impact: ReviewImpact
  /** Whether the values differ by their region alone. */
  varies: boolean
}

const IMPACTS: readonly ReviewImpact[] = ["none", "policy", "import", "in_place", "replacement"]

export function worseImpact(a: ReviewImpact, b: ReviewImpact): ReviewImpact {
  return IMPACTS.indexOf(a) >= IMPACTS.indexOf(b) ? a : b
}

export class Fold {
  readonly #groups = new Map<string, Folded>()

  /** `anyValue`: differences of one field and place are one, whatever their values are. */
  add(
    d: Difference,
    scope: Scope,
    risks: readonly RiskCode[],
    at: Position | undefined,
    anyValue = false,
  ): void {
    const { region } = scope
    const values = anyValue ? "" : JSON.stringify([inRegion(d.before, region), inRegion(d.after, region)])
    const key = `${d.field}\u0000${values}`
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = { first: d, region, at, scopes: [], risks: new Set(), impact: d.impact, varies: false }
      this.#groups.set(key, group)
    }
    group.scopes.push({ account: scope.account, region })
    for (const risk of risks) group.risks.add(risk)
    group.impact = worseImpact(group.impact, d.impact)
    if (region !== group.region && !group.varies) {
      group.varies = !same(group.first.before, d.before) || !same(group.first.after, d.after)
    }
  }

  changes(): ReviewChange[] {
    return Array.from(this.#groups.values(), ({ first, region, at, scopes, risks, impact, varies }) => ({
      field: first.field,
      before: varies ? inRegion(first.before, region) : first.before,
      after: varies ? inRegion(first.after, region) : first.after,
      impact,
      risks: Array.from(risks),
      scopes,
      ...(at === undefined ? {} : { at }),
    }))
  }
}

/** With the region as the placeholder of manifests. */
function inRegion(value: FieldValue, region: string): FieldValue {
  return typeof value === "string" && region !== "" ? value.replaceAll(region, "{region}") : value
}

function same(a: FieldValue, b: FieldValue): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
