/** What only reads: listings, what imports may say, quotas, shares, and what carries the stack's tag. */
import { type ApiImage, taggedImages, toCloudImage } from "./convert.ts"
import { CloudError } from "./failure.ts"
import { listAll } from "./listing.ts"
import type { Cloud, Examiner } from "./port.ts"
import type { Calls } from "./tencent-calls.ts"
import {
  endless,
  familyOf,
  pageOf,
  rowsOf,
  sharesOf,
  systemsOf,
  text,
  totalOf,
  unreadable,
} from "./tencent-replies.ts"

const PAGE = 100
/** Parameters of DescribeResourcesByTags for a total of images and next to no rows. */
const COUNTED = { ServiceType: "cvm", ResourcePrefix: "image", Offset: 0, Limit: 1 }
/** GetResources gives 200 a page. */
const MAX_RESOURCES = 200
/** More images than any account has; a token that never ends is no listing. */
const MAX_PAGES = 500

type Reads = Pick<
  Cloud & Examiner,
  | "countOwned"
  | "listImages"
  | "listImportOs"
  | "imageQuota"
  | "familyImage"
  | "listShares"
  | "listOwned"
  | "callerIdentity"
>

export function readsOf(calls: Calls): Reads {
  return {
    async countOwned(account, stackId, o) {
      const reply = await calls.byStackTag("DescribeResourcesByTags", account, stackId, COUNTED, o)
      return totalOf(account, reply)
    },
    async listImages(scope, o) {
      const items = await listAll({
        pageSize: PAGE,
        scope: { account: scope.account, region: scope.region },
        id: (image: ApiImage) => image.ImageId ?? "",
        page: async (offset) => {
          const params = {
            Filters: [{ Name: "image-type", Values: ["PRIVATE_IMAGE"] }],
            Offset: offset,
            Limit: PAGE,
          }
          return pageOf(scope, await calls.read(scope, "DescribeImages", params, o))
        },
      })
      return items
        .filter((image) => image.ImageType === "PRIVATE_IMAGE")
        .flatMap((image) => toCloudImage(image) ?? [])
    },
    async listImportOs(scope, o) {
      return systemsOf(scope, await calls.read(scope, "DescribeImportImageOs", {}, o))
    },
    async imageQuota(scope, o) {
      const { ImageNumQuota } = await calls.read<{ ImageNumQuota?: unknown }>(
        scope,
        "DescribeImageQuota",
        {},
        o,
      )
      if (typeof ImageNumQuota !== "number") throw unreadable(scope, "DescribeImageQuota", "ImageNumQuota")
      return ImageNumQuota
    },
    async familyImage(scope, family, o) {
      const params = { ImageFamily: family }
      return familyOf(scope, await calls.read(scope, "DescribeImageFromFamily", params, o))
    },
    async listShares(scope, imageId, o) {
      const params = { ImageId: imageId }
      return sharesOf(scope, await calls.read(scope, "DescribeImageSharePermission", params, o))
    },
    async listOwned(account, stackId, o) {
      const owned: { readonly region: string; readonly imageId: string }[] = []
      const ask = (action: string, params: object): Promise<Record<string, unknown>> =>
        calls.byStackTag(action, account, stackId, params, o)
      let token = ""
      for (let page = 1; ; page += 1) {
        const reply = await ask("GetResources", {
          MaxResults: MAX_RESOURCES,
          ...(token === "" ? {} : { PaginationToken: token }),
        })
        owned.push(...taggedImages(rowsOf(account, reply)))
        const next = text(reply.PaginationToken)
        if (next === "") return owned
        if (next === token || page === MAX_PAGES) throw endless(account)
        token = next
        if (page === 1 && o?.enough !== undefined) {
          // No more than a short cut: without the right to it, or in words that we do not know, page after page is read.
          const { TotalCount } = await ask("DescribeResourcesByTags", COUNTED).catch(unlessAborted(o.signal))
          if (typeof TotalCount === "number" && (await o.enough(TotalCount))) return owned
        }
      }
    },
    async callerIdentity(account, o) {
      const reply = await calls.caller(account, o)
      return { accountId: text(reply.AccountId), userId: text(reply.UserId), arn: text(reply.Arn) }
    },
  }
}

/** A failed call is as good as an empty reply, except where it is the signal's doing. */
function unlessAborted(signal: AbortSignal | undefined): (error: unknown) => Record<string, unknown> {
  return (error) => {
    signal?.throwIfAborted()
    if (error instanceof CloudError) return {}
    throw error
  }
}
