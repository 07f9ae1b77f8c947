import { createHash } from "node:crypto"
import type { Action } from "../box.ts"
import { refuse } from "../failure.ts"
import { settle } from "../imports.ts"
import { knownRegions } from "../regions.ts"
import { isVisible } from "../world.ts"
import { paged } from "./tag-search.ts"

/** DescribeResourceTagsByResourceIds, section 3.3: images of one region; paged over single tags. */
export const describeResourceTagsByResourceIds: Action = {
  name: "DescribeResourceTagsByResourceIds",
  product: "tag",
  region: "optional",
  fields: {
    ServiceType: { type: "string", required: true },
    ResourcePrefix: { type: "string", required: true },
    ResourceIds: {
      type: "list",
      of: { type: "string" },
      required: true,
      max: 50,
      code: "LimitExceeded.ResourceNumPerRequest",
    },
    ResourceRegion: { type: "string", required: true },
    Offset: { type: "integer" },
    Limit: { type: "integer" },
    Category: { type: "string" },
  },
  run(box, call) {
    const input = call.parameters as {
      ServiceType: string
      ResourcePrefix: string
      ResourceIds: string[]
      ResourceRegion: string
      Offset?: number
      Limit?: number
    }
    const { Offset: offset = 0, Limit: limit = 15 } = input
    if (limit < 1 || offset < 0 || offset % limit !== 0) {
      refuse("InvalidParameterValue", "`Offset` is a multiple of `Limit`.")
    }
    if (input.ServiceType !== "cvm") {
      refuse("InvalidParameter.UnsupportedService", `The service \`${input.ServiceType}\` is not known here.`)
    }
    if (!knownRegions.has(input.ResourceRegion)) {
      refuse("InvalidParameterValue", `The region \`${input.ResourceRegion}\` does not exist.`)
    }
    const images = settle(box, call.account.uin, input.ResourceRegion).images
    const now = box.clock.now()
    const tags: Record<string, string>[] = []
    for (const id of input.ResourcePrefix === "image" ? new Set(input.ResourceIds) : []) {
      const image = images.get(id)
      if (image === undefined || !isVisible(image, now)) continue
      for (const [TagKey, TagValue] of Object.entries(image.tags)) {
        tags.push({
          TagKey,
          TagValue,
          ResourceId: id,
          TagKeyMd5: md5(TagKey),
          TagValueMd5: md5(TagValue),
          ServiceType: "cvm",
          Category: "Custom",
        })
      }
    }
    const page = tags.slice(offset, offset + limit)
    return { response: { TotalCount: tags.length, Offset: offset, Limit: limit, Tags: page } }
  },
}

/** GetTags, section 3.3: the tags that exist in the account, attached or not. */
export const getTags: Action = {
  name: "GetTags",
  product: "tag",
  region: "optional",
  fields: {
    PaginationToken: { type: "string" },
    MaxResults: { type: "integer" },
    TagKeys: { type: "list", of: { type: "string" }, max: 20 },
    Category: { type: "string" },
  },
  run(box, call) {
    const input = call.parameters as { PaginationToken?: string; MaxResults?: number; TagKeys?: string[] }
    const wanted =
      input.TagKeys === undefined || input.TagKeys.length === 0 ? undefined : new Set(input.TagKeys)
    const tags: { TagKey: string; TagValue: string; Category: string }[] = []
    for (const [TagKey, values] of box.world.tags.get(call.account.uin) ?? []) {
      if (wanted !== undefined && !wanted.has(TagKey)) continue
      for (const TagValue of values) tags.push({ TagKey, TagValue, Category: "Custom" })
    }
    const { page, token } = paged(tags, input.PaginationToken, input.MaxResults ?? 50, 1000)
    return { response: { PaginationToken: token, Tags: page } }
  },
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex")
}
