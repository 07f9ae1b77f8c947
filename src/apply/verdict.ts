/**
 * What a listing says about an import that is waited for. Pure.
 *
 * By id where the id is known, else by the exact name and our stamp. NORMAL is the only success, and only with the
 * exact name and our mark; IMPORTFAILED and CREATEFAILED are final; every other state, known or not, is waited for.
 * Replicas lag: an image that was seen is gone only after several complete listings in a row without it.
 */
import type { Failure } from "../model/failure.ts"
import type { CloudImage } from "../model/observed.ts"
import type { Listing } from "./region-images.ts"

/** What is waited for, and until when (monotonic). */
export interface Target {
  readonly name: string
  readonly id?: string
  /** The image carries our mark for this import. */
  readonly ours: (image: CloudImage) => boolean
  /** The service refused the name, so that any image of the name that is not ours ends the wait. */
  readonly refused: boolean
  /** When the import was accepted, or sent without a readable reply. */
  readonly since: number
  readonly invisibleUntil: number
  readonly until: number
}

/** What was seen of it so far. */
export interface Sighting {
  image?: CloudImage
  /** Monotonic, of the last listing with the image. */
  at?: number
  /** Complete listings in a row without the image. */
  missed: number
}

export type Verdict =
  | { readonly kind: "normal"; readonly image: CloudImage }
  /** IMPORTFAILED or CREATEFAILED. */
  | { readonly kind: "failed"; readonly image: CloudImage }
  /** NORMAL, but not with our name and mark. */
  | { readonly kind: "altered"; readonly image: CloudImage }
  /** NORMAL, and the same import stands there again. */
  | { readonly kind: "doubled"; readonly image: CloudImage; readonly ids: readonly string[] }
  /** Somebody else has the name. */
  | { readonly kind: "taken"; readonly image: CloudImage }
  /** Seen, and then no more. */
  | { readonly kind: "gone"; readonly image: CloudImage }
  /** Not seen within the window. */
  | { readonly kind: "invisible" }
  /** Not finished within the limit. */
  | { readonly kind: "late"; readonly image?: CloudImage }
  /** The region can no longer be read. */
  | { readonly kind: "blind"; readonly image?: CloudImage; readonly failure: Failure }
  /** The run was stopped. */
  | { readonly kind: "stopped"; readonly image?: CloudImage }

/** Complete listings without an image that was seen before, until it counts as gone; and so long at least. */
const GONE_AFTER = 3
const GONE_MS = 60_000

/** Takes a complete listing into the sighting, and says what it decides, if anything. */
export function judge(target: Target, seen: Sighting, listing: Listing, now: number): Verdict | undefined {
  const image = find(target, seen, listing)
  if (image === undefined) return missing(target, seen, listing, now)
  seen.image = image
  seen.at = now
  seen.missed = 0
  if (isFailed(image)) return { kind: "failed", image }
  if (image.state !== "NORMAL") return expired(target, seen, now)
  if (image.name !== target.name || !target.ours(image)) return { kind: "altered", image }
  const ids = living(target, listing).map((i) => i.id)
  return ids.length > 1 ? { kind: "doubled", image, ids } : { kind: "normal", image }
}

/** The limit alone. */
function expired(target: Target, seen: Sighting, now: number): Verdict | undefined {
  return now < target.until ? undefined : { kind: "late", ...withImage(seen) }
}

/** The image as far as it was seen. */
export function withImage(seen: Sighting): { readonly image?: CloudImage } {
  return seen.image === undefined ? {} : { image: seen.image }
}

function missing(target: Target, seen: Sighting, listing: Listing, now: number): Verdict | undefined {
  if (seen.image !== undefined) {
    seen.missed += 1
    const gone = seen.missed >= GONE_AFTER && now - (seen.at ?? now) >= GONE_MS
    return gone ? { kind: "gone", image: seen.image } : expired(target, seen, now)
  }
  const holder = target.refused ? listing.byName.get(target.name)?.[0] : undefined
  if (holder !== undefined) return { kind: "taken", image: holder }
  return now >= target.invisibleUntil ? { kind: "invisible" } : expired(target, seen, now)
}

function find(target: Target, seen: Sighting, listing: Listing): CloudImage | undefined {
  const id = target.id ?? seen.image?.id
  if (id !== undefined) return listing.byId.get(id)
  const [first] = living(target, listing)
  return first ?? listing.byName.get(target.name)?.find((image) => target.ours(image))
}

/** Images of the name with our mark that did not fail, in an order that is always the same. */
function living(target: Target, listing: Listing): readonly CloudImage[] {
  const named = listing.byName.get(target.name) ?? []
  const alive = named.filter((image) => target.ours(image) && !isFailed(image))
  return alive.sort((a, b) => (a.id < b.id ? -1 : 1))
}

function isFailed(image: CloudImage): boolean {
  return image.state === "IMPORTFAILED" || image.state === "CREATEFAILED"
}
