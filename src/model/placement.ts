/** The cell in which one cloud image is desired: image x account x region. Rows of plans, results and drift. */
export interface Placement {
  /** `metadata.name` of the manifest. */
  readonly image: string
  /** Name of an account of the stack. */
  readonly account: string
  /** Region id of Tencent Cloud, such as `ap-singapore`. */
  readonly region: string
}

/** An account and region: the scope of listings, quotas, names and rate limits. */
export interface Scope {
  readonly account: string
  readonly region: string
}

/** A key for maps. The separator cannot occur in names, accounts or regions. */
export function placementKey(p: Placement): string {
  return `${p.image}\u0000${p.account}\u0000${p.region}`
}

/** A key for maps of scopes. */
export function scopeKey(s: Scope): string {
  return `${s.account}\u0000${s.region}`
}

/** Order by code units, so that it is the same on every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The order of every list of placements: image, account, region. */
export function comparePlacements(a: Placement, b: Placement): number {
  return compareText(a.image, b.image) || compareText(a.account, b.account) || compareText(a.region, b.region)
}
