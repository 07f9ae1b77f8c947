/** What keeps an image from being taken out of use, read at the last moment before. Pure. */
import type { CloudImage } from "../model/observed.ts"
import { ASSERTED_SOURCE, PROTECT_TAG, splitDescription } from "../model/provenance.ts"
import { ownerOf } from "./ownership.ts"
import type { Listing } from "./region-images.ts"

/** States in which the service deletes an image. */
const DELETABLE = new Set(["NORMAL", "IMPORTFAILED", "CREATEFAILED"])

const ADOPTED = "it was adopted and not imported"

const STAGED = /\.next-[0-9a-f]{8}$/

/** Why an image must not be deprecated or deleted; undefined: it may. Its shares are asked for apart. */
export function retirementBarrier(
  image: CloudImage,
  how: "deprecate" | "delete",
  listing: Listing,
  stackId: string,
): string | undefined {
  if (ownerOf(image, stackId) !== "us") return "it does not carry the mark of this stack"
  if (isProtected(image)) return `it has the tag ${PROTECT_TAG}`
  if (isNewestUsable(image, listing)) return `it is the newest usable image of the family ${image.family}`
  if (how === "deprecate") return undefined
  if (!DELETABLE.has(image.state)) return `its state is ${image.state}`
  return wasAdopted(image) ? ADOPTED : undefined
}

/** Why what an earlier attempt left behind must not be removed: only what nobody can boot from may. */
export function leftoverBarrier(image: CloudImage, stackId: string): string | undefined {
  if (ownerOf(image, stackId) !== "us") return "it does not carry the mark of this stack"
  if (isProtected(image)) return `it has the tag ${PROTECT_TAG}`
  if (image.state === "IMPORTFAILED" || image.state === "CREATEFAILED") return undefined
  if (image.state !== "NORMAL") return `its state is ${image.state}`
  if (!STAGED.test(image.name)) return `it is NORMAL and its name is ${image.name}`
  if (wasAdopted(image)) return ADOPTED
  return image.family === "" ? undefined : `it is in the family ${image.family}`
}

function wasAdopted({ description }: CloudImage): boolean {
  return splitDescription(description).stamp?.source === ASSERTED_SOURCE
}

/** People keep it. */
export function isProtected({ tags }: CloudImage): boolean {
  return Object.hasOwn(tags, PROTECT_TAG)
}

function isNewestUsable(image: CloudImage, listing: Listing): boolean {
  if (image.family === "" || !isUsable(image)) return false
  for (const other of listing.byId.values()) {
    if (other.family === image.family && isUsable(other) && isNewer(other, image)) return false
  }
  return true
}

function isUsable({ state, deprecated }: CloudImage): boolean {
  return state === "NORMAL" && !deprecated
}

/** The order in which families resolve: by time, then, so that it is always the same, by id. */
function isNewer(a: CloudImage, b: CloudImage): boolean {
  const [at, bt] = [a.createdAt ?? 0, b.createdAt ?? 0]
  return at === bt ? a.id > b.id : at > bt
}
