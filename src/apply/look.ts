/** Looking whether a change that got no readable reply was carried out. */

import type { CloudImage } from "../model/observed.ts"
import type { Scope } from "../model/placement.ts"
import type { InPlaceUpdate } from "../model/request.ts"
import type { Run } from "./run.ts"
import { ownSignal } from "./stop.ts"

/** Looks in all: the first may be too early for replicas that lag. */
const LOOKS = 3

/** True once the image is read as wanted; false if it is not, or cannot be read. */
export async function isAsWanted(
  run: Run,
  scope: Scope,
  imageId: string,
  wanted: InPlaceUpdate,
): Promise<boolean> {
  for (let look = 1; look <= LOOKS; look += 1) {
    try {
      if (await reads(run, scope, imageId, wanted)) return true
      if (look < LOOKS) await run.clock.sleep(run.poll.minMs * look, ownSignal(run.stop))
    } catch {
      return false
    }
  }
  return false
}

async function reads(run: Run, scope: Scope, imageId: string, wanted: InPlaceUpdate): Promise<boolean> {
  const region = run.region(scope)
  if (wanted.shares !== undefined) {
    const shares = new Set(await run.cloud.listShares(region.scope, imageId, { signal: ownSignal(run.stop) }))
    const { add, remove } = wanted.shares
    return add.every((id) => shares.has(id)) && !remove.some((id) => shares.has(id))
  }
  const image = (await region.images.fresh()).byId.get(imageId)
  return image !== undefined && hasAttributes(image, wanted.attributes) && hasTags(image, wanted.tags)
}

function hasAttributes(image: CloudImage, wanted: InPlaceUpdate["attributes"] = {}): boolean {
  const { name, description, family, deprecated } = wanted
  return (
    (name === undefined || image.name === name) &&
    (description === undefined || image.description === description) &&
    (family === undefined || image.family === family) &&
    (deprecated === undefined || image.deprecated === deprecated)
  )
}

function hasTags(image: CloudImage, wanted: InPlaceUpdate["tags"]): boolean {
  if (wanted === undefined) return true
  const set = Object.entries(wanted.set).every(([key, value]) => image.tags[key] === value)
  return set && !wanted.remove.some((key) => Object.hasOwn(image.tags, key))
}
