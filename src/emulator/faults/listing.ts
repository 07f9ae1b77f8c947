import { fits } from "./glob.ts"
import type { Effect } from "./spec.ts"

/** What a reply of DescribeImages holds, as far as it is falsified. */
interface Listing {
  TotalCount: number
  ImageSet: { ImageName: string; ImageState: string; Tags: unknown; [field: string]: unknown }[]
}

/** Falsifies a listing in place. Answers whether anything changed. */
export function falsify(response: Record<string, unknown>, effect: Effect): boolean {
  const listing = response as unknown as Listing
  const { ImageSet: page, TotalCount: total } = listing
  switch (effect.kind) {
    case "total":
      listing.TotalCount = effect.says
      return effect.says !== total
    case "total-off":
      listing.TotalCount = Math.max(0, total + effect.by)
      return listing.TotalCount !== total
    case "short":
      listing.ImageSet = page.slice(0, effect.most)
      return page.length > effect.most
    case "repeat": {
      const [first] = page
      if (first === undefined || page.length < 2) return false
      listing.ImageSet = [...page.slice(0, -1), first]
      return true
    }
    case "show-state":
      for (const image of own(page)) image.ImageState = effect.state
      return own(page).length > 0
    case "hide": {
      listing.ImageSet = page.filter(
        (image) => image.ImageType !== "PRIVATE_IMAGE" || !fits(effect.name, image.ImageName),
      )
      const hidden = page.length - listing.ImageSet.length
      listing.TotalCount = total - hidden
      return hidden > 0
    }
    case "hide-tags":
      for (const image of own(page)) if (image.Tags !== null) image.Tags = []
      return own(page).length > 0
    default:
      return false
  }
}

function own(page: Listing["ImageSet"]): Listing["ImageSet"] {
  return page.filter((image) => image.ImageType === "PRIVATE_IMAGE")
}
