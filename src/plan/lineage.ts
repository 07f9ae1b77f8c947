/**
 * Names that one image has and had (`metadata.formerNames`). What bears the mark of a former name is the image's own:
 * the one to rename, and what earlier replacements left behind. A rename writes tags and stamp in two calls; stopped
 * between them, it leaves marks of two names, which are the marks of one image if its manifest knows both.
 */
import type { DesiredPlacement } from "../model/desired.ts"
import { scopeKey } from "../model/placement.ts"
import { imageHash } from "./fingerprint.ts"

type Named = Pick<DesiredPlacement, "image" | "formerNames">

/** Hashes of names; today's is the first. */
export type Lineage = readonly [string, ...string[]]

/** The lineages of one account and region that have a name, by its hash. */
export type Lineages = ReadonlyMap<string, readonly Lineage[]>

export function lineageOf(p: Named): Lineage {
  return [imageHash(p.image), ...p.formerNames.map(imageHash)]
}

/** The lineages of the placements of one account and region; images that never were renamed have none. */
export function lineagesOf(placements: readonly Named[]): Lineages {
  const found = new Map<string, Lineage[]>()
  for (const p of placements) {
    if (p.formerNames.length === 0) continue
    const names = lineageOf(p)
    for (const name of names) found.set(name, [...(found.get(name) ?? []), names])
  }
  // What another image is called today is its own, whoever was called so before.
  if (found.size > 0)
    for (const p of placements) if (p.formerNames.length === 0) found.delete(imageHash(p.image))
  return found
}

/** The lineages of each account and region, by its key. */
export function lineagesByScope(placements: readonly DesiredPlacement[]): ReadonlyMap<string, Lineages> {
  const renamed = new Set(placements.filter((p) => p.formerNames.length > 0).map(scopeKey))
  if (renamed.size === 0) return new Map()
  const scopes = new Map<string, DesiredPlacement[]>()
  for (const p of placements) {
    const key = scopeKey(p)
    if (!renamed.has(key)) continue
    const known = scopes.get(key)
    if (known === undefined) scopes.set(key, [p])
    else known.push(p)
  }
  return new Map([...scopes].map(([key, own]) => [key, lineagesOf(own)]))
}

/** The hash of what an image is called today; the hash itself where no manifest tells of another name, or two do. */
export function nameToday(hash: string, lineages: Lineages): string {
  const [only, ...others] = lineages.get(hash) ?? []
  return only === undefined || others.length > 0 ? hash : only[0]
}

/** The image that both hashes are names of, by the hash of today's name; undefined if there is none, or two. */
export function commonImage(a: string, b: string, lineages: Lineages): string | undefined {
  const [only, ...others] = (lineages.get(a) ?? []).filter((names) => names.includes(b))
  return others.length === 0 ? only?.[0] : undefined
}
