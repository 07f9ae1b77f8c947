/**
 * Names that one image has and had (`metadata.formerNames`). A rename writes tags and stamp in two calls; stopped
 * between them, it leaves marks of two names, which are the marks of one image if its manifest knows both.
 */
import type { DesiredPlacement } from "../model/desired.ts"
import { scopeKey } from "../model/placement.ts"
import { imageHash } from "./fingerprint.ts"

/** Hashes of names; today's is the first. */
export type Lineage = readonly [string, ...string[]]

export function lineageOf(p: Pick<DesiredPlacement, "image" | "formerNames">): Lineage {
  return [imageHash(p.image), ...p.formerNames.map(imageHash)]
}

/** The lineages of each account and region, by its key; images that never were renamed have none. */
export function lineagesByScope(placements: readonly DesiredPlacement[]): ReadonlyMap<string, Lineage[]> {
  const scopes = new Map<string, Lineage[]>()
  for (const p of placements) {
    if (p.formerNames.length === 0) continue
    const key = scopeKey(p)
    scopes.set(key, [...(scopes.get(key) ?? []), lineageOf(p)])
  }
  return scopes
}

/** The image that both hashes are names of, by the hash of today's name; undefined if there is none, or two. */
export function commonImage(a: string, b: string, lineages: readonly Lineage[]): string | undefined {
  const [only, ...others] = lineages.filter((names) => names.includes(a) && names.includes(b))
  return others.length === 0 ? only?.[0] : undefined
}
