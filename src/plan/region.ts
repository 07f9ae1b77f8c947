/** The private images of one account and region, indexed once so that planning a placement never scans them all. */
import type { CloudImage } from "../model/observed.ts"
import type { Lineages } from "./lineage.ts"
import { type Candidate, candidate, isUsable, newestFirst } from "./own.ts"

export interface RegionIndex {
  readonly byId: ReadonlyMap<string, Candidate>
  readonly byName: ReadonlyMap<string, readonly Candidate[]>
  /** Ours, by the hash of the name that the image has today, newest first. */
  readonly byOwnedImage: ReadonlyMap<string, readonly Candidate[]>
  /** Ours, but by the hash of each name that marks which disagree name. */
  readonly inDoubt: ReadonlyMap<string, readonly Candidate[]>
  /** Ours, by family, newest first, whatever their state. */
  readonly ownedByFamily: ReadonlyMap<string, readonly Candidate[]>
  /** Usable members, newest first. */
  readonly usableByFamily: ReadonlyMap<string, readonly Candidate[]>
}

/** Indexes a complete listing. `lineages`: of the images that were renamed. */
export function indexRegion(
  images: readonly CloudImage[],
  stackId: string,
  lineages: Lineages = new Map(),
): RegionIndex {
  const byId = new Map<string, Candidate>()
  const byName = new Map<string, Candidate[]>()
  const byOwnedImage = new Map<string, Candidate[]>()
  const inDoubt = new Map<string, Candidate[]>()
  const ownedByFamily = new Map<string, Candidate[]>()
  const usableByFamily = new Map<string, Candidate[]>()
  const all = images.map((image) => candidate(image, stackId, lineages)).sort(newestFirst)
  for (const c of all) {
    byId.set(c.image.id, c)
    push(byName, c.image.name, c)
    if (c.ownership.owner === "us") {
      push(byOwnedImage, c.ownership.image, c)
      if (c.image.family !== "") push(ownedByFamily, c.image.family, c)
    }
    if (c.ownership.owner === "conflict") for (const name of c.ownership.images) push(inDoubt, name, c)
    if (c.image.family !== "" && isUsable(c.image)) push(usableByFamily, c.image.family, c)
  }
  return { byId, byName, byOwnedImage, inDoubt, ownedByFamily, usableByFamily }
}

function push<K>(map: Map<K, Candidate[]>, key: K, value: Candidate): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
