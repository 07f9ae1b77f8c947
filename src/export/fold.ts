/** Placements that say the same become one manifest: their regions one list, and accounts with the same list one too. */
import { compareText, scopeKey } from "../model/placement.ts"
import type { Row } from "./survey.ts"

/** One manifest to be written. */
export interface Group<T> {
  readonly accounts: readonly string[]
  readonly regions: readonly string[]
  /** Sorted by account and region. */
  readonly rows: readonly Row[]
  /** What all of them say. */
  readonly says: T
}

/** `says`: what the manifest of one image alone would say. Sorted by name, then by the first account and region. */
export function fold<T extends object>(rows: readonly Row[], says: (row: Row) => T): Group<T>[] {
  const alike = new Map<string, { says: T; rows: Row[] }>()
  for (const row of rows) {
    const said = says(row)
    const key = JSON.stringify([row.name, row.match, row.image.name, said])
    const group = alike.get(key) ?? { says: said, rows: [] }
    group.rows.push(row)
    alike.set(key, group)
  }
  const groups = [...alike.values()].flatMap((group) =>
    rectangles(group.rows).map((part): Group<T> => ({ ...part, says: group.says })),
  )
  return groups.sort((a, b) => compareText(orderOf(a), orderOf(b)))
}

/** Accounts with one and the same list of regions, together. */
function rectangles(rows: readonly Row[]): Omit<Group<object>, "says">[] {
  const byAccount = new Map<string, Row[]>()
  for (const row of rows) {
    const own = byAccount.get(row.account)
    if (own === undefined) byAccount.set(row.account, [row])
    else own.push(row)
  }
  const byRegions = new Map<string, { accounts: string[]; regions: string[]; rows: Row[] }>()
  for (const [account, own] of byAccount) {
    const regions = own.map((row) => row.region).sort(compareText)
    const key = regions.join(" ")
    const part = byRegions.get(key) ?? { accounts: [], regions, rows: [] }
    part.accounts.push(account)
    part.rows.push(...own)
    byRegions.set(key, part)
  }
  return [...byRegions.values()].map((part) => ({
    accounts: part.accounts.sort(compareText),
    regions: part.regions,
    rows: part.rows.sort((a, b) => compareText(scopeKey(a), scopeKey(b))),
  }))
}

function orderOf({ rows }: Group<object>): string {
  const [first] = rows
  return first === undefined ? "" : `${first.name}\u0000${scopeKey(first)}`
}
