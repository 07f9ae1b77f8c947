/** Open imports of earlier runs, held against what was read of the cloud. Pure. */
import type { OpenIntent } from "../model/intent.ts"
import type { CloudImage, Observed } from "../model/observed.ts"
import { scopeKey } from "../model/placement.ts"

/** An open import and its image. */
export interface Found {
  readonly intent: OpenIntent
  readonly image: CloudImage
}

/** Which open imports a listing shows. */
export function foundOf(open: readonly OpenIntent[], observed: Pick<Observed, "scopes">): readonly Found[] {
  if (open.length === 0) return []
  const images = new Map(observed.scopes.map((s) => [scopeKey(s), "images" in s ? s.images : []]))
  return open.flatMap((intent): Found[] => {
    const image = images.get(scopeKey(intent))?.find((i) => isImageOf(intent, i))
    return image === undefined ? [] : [{ intent, image }]
  })
}

/** Those that no listing shows. */
export function stillOpen(
  open: readonly OpenIntent[],
  observed: Pick<Observed, "scopes">,
): readonly OpenIntent[] {
  const found = new Set(foundOf(open, observed).map(({ intent }) => intent))
  return open.filter((intent) => !found.has(intent))
}

/**
 * Whether the image is the one that the import brought: by its id where a listing showed it, else by its mark and a
 * name that it may have had since. The end of the mark changes with what is managed, and does not count.
 */
export function isImageOf(intent: OpenIntent, image: CloudImage): boolean {
  if (intent.imageId !== undefined) return image.id === intent.imageId
  const { image: title, name, others, stamp } = intent
  const [mark] = stamp.split(/ [0-9a-f]{8}\]$/)
  if (stamp === "" || mark === undefined || others.includes(image.id)) return false
  const named = image.name === name || image.name === title || image.name.startsWith(`${title}.prev-`)
  return named && image.description.includes(mark)
}
