/** What of an update is still to be done, so that the rest of an action that was stopped writes nothing twice. */
import type { CloudImage } from "../model/observed.ts"
import type { Scope } from "../model/placement.ts"
import type { InPlaceUpdate } from "../model/request.ts"
import type { Run } from "./run.ts"
import { ownSignal } from "./stop.ts"

/** The update without what the image has already. Rejects as the port does. */
export async function remaining(
  run: Run,
  scope: Scope,
  image: CloudImage,
  wanted: InPlaceUpdate,
): Promise<InPlaceUpdate> {
  const attributes = differing(image, wanted.attributes)
  const tags = tagsLeft(image, wanted.tags)
  const shares = await sharesLeft(run, scope, image.id, wanted.shares)
  return {
    ...(attributes === undefined ? {} : { attributes }),
    ...(tags === undefined ? {} : { tags }),
    ...(shares === undefined ? {} : { shares }),
  }
}

function differing(image: CloudImage, wanted: InPlaceUpdate["attributes"] = {}): InPlaceUpdate["attributes"] {
  const left = Object.entries(wanted).filter(([key, value]) => image[key as keyof typeof wanted] !== value)
  return left.length === 0 ? undefined : Object.fromEntries(left)
}

function tagsLeft(image: CloudImage, wanted: InPlaceUpdate["tags"]): InPlaceUpdate["tags"] {
  if (wanted === undefined) return undefined
  const set = Object.entries(wanted.set).filter(([key, value]) => image.tags[key] !== value)
  const remove = wanted.remove.filter((key) => Object.hasOwn(image.tags, key))
  return set.length + remove.length === 0 ? undefined : { set: Object.fromEntries(set), remove }
}

/** Sharing with who has it already is an error, and so is ending a share that there is not. */
async function sharesLeft(
  run: Run,
  scope: Scope,
  imageId: string,
  wanted: InPlaceUpdate["shares"],
): Promise<InPlaceUpdate["shares"]> {
  if (wanted === undefined || wanted.add.length + wanted.remove.length === 0) return undefined
  const place = run.region(scope).scope
  const shares = new Set(await run.cloud.listShares(place, imageId, { signal: ownSignal(run.stop) }))
  const add = wanted.add.filter((account) => !shares.has(account))
  const remove = wanted.remove.filter((account) => shares.has(account))
  return add.length + remove.length === 0 ? undefined : { add, remove }
}
