/**
 * Every image of a listing that is paged and may change while it is read.
 *
 * The first page tells how many there are; the others follow side by side. The listing counts as complete when each
 * page has the size that it must have, all pages tell the same total, and as many distinct ids came as that total
 * says. Otherwise something came, went or moved between pages, or the service errs: listed again, at most 3 times. The
 * same contradiction twice in a row is not churn, and ends it at once. An incomplete listing is never returned,
 * because what is missing from it would be imported a second time.
 */
import { CloudError, failureOf } from "./failure.ts"

export interface Page<T> {
  readonly total: number
  readonly items: readonly T[]
}

export interface Listing<T> {
  readonly pageSize: number
  readonly page: (offset: number) => Promise<Page<T>>
  readonly id: (item: T) => string
  readonly scope: { readonly account: string; readonly region: string }
}

const RELISTS = 3
/** More images than a region can hold: a total that cannot be true. */
const MAX_TOTAL = 100_000
/** With more pages than this the last one is looked at before the others. */
const MANY_PAGES = 10

export async function listAll<T>(listing: Listing<T>): Promise<T[]> {
  let before = ""
  let problem = ""
  for (let round = 0; round <= RELISTS; round++) {
    const found = await listOnce(listing)
    if ("items" in found) return found.items
    problem = found.problem
    if (found.evidence === before) break
    before = found.evidence
  }
  throw new CloudError(
    failureOf("ClientError.ListingUnstable", {
      message: `The listing of images contradicts itself: ${problem}.`,
      service: "cvm",
      action: "DescribeImages",
      ...listing.scope,
    }),
  )
}

type Found<T> = { readonly items: T[] } | { readonly problem: string; readonly evidence: string }

async function listOnce<T>(listing: Listing<T>): Promise<Found<T>> {
  const { pageSize } = listing
  const first = await listing.page(0)
  const total = first.total
  const short = (page: Page<T>, offset: number): boolean =>
    page.items.length !== Math.max(0, Math.min(pageSize, total - offset))
  const fault = (problem: string, pages: readonly Page<T>[]): Found<T> => ({
    problem,
    evidence: JSON.stringify(pages.map((page) => [page.total, page.items.map(listing.id)])),
  })
  if (total > MAX_TOTAL) return fault(`it claims ${total} images`, [first])
  if (short(first, 0)) return fault(`a page has ${first.items.length} images of ${total}`, [first])
  const offsets: number[] = []
  for (let offset = pageSize; offset < total; offset += pageSize) offsets.push(offset)
  // A total that lies would cost a call for each page that is not there.
  const last = offsets.length > MANY_PAGES ? await listing.page(offsets.at(-1) ?? 0) : undefined
  if (last !== undefined && short(last, offsets.at(-1) ?? 0))
    return fault(`the last page has ${last.items.length} images`, [first, last])
  const rest = await Promise.all(
    offsets.map((offset, i) =>
      last !== undefined && i === offsets.length - 1 ? Promise.resolve(last) : listing.page(offset),
    ),
  )
  const pages = [first, ...rest]
  const moved = pages.find((page) => page.total !== total)
  if (moved !== undefined) return fault(`${total} images became ${moved.total}`, pages)
  const odd = rest.findIndex((page, i) => short(page, offsets[i] ?? 0))
  if (odd >= 0) return fault(`a page has ${rest[odd]?.items.length ?? 0} images`, pages)
  const items = pages.flatMap((page) => page.items)
  const distinct = new Set(items.map(listing.id)).size
  if (distinct !== total) return fault(`${distinct} distinct images of ${total}`, pages)
  return { items }
}
