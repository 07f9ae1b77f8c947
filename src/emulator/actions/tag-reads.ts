import { createHash } from "node:crypto"
import type { Action, Box, Call } from "../box.ts"
import { refuse } from "../failure.ts"
import { settle } from "../imports.ts"
import { knownRegions } from "../regions.ts"
import { type ImageRecord, isVisible } from "../world.ts"
import { parseResource } from "./tags.ts"

/** GetResources, section 3.3: by names, by filters (AND between them, OR between values), or everything tagged. */
export const getResources: Action = {
  name: "GetResources",
  product: "tag",
  region: "optional",
  fields: {
    ResourceList: {
      type: "list",
      of: { type: "string" },
      max: 10,
      code: "LimitExceeded.ResourceNumPerRequest",
    },
    TagFilters: {
      type: "list",
      max: 6,
      of: {
        type: "object",
        fields: {
          TagKey: { type: "string", required: true },
          TagValue: { type: "list", of: { type: "string" }, max: 10 },
        },
      },
    },
    PaginationToken: { type: "string" },
    MaxResults: { type: "integer" },
  },
  run(box, call) {
    const input = call.parameters as {
      ResourceList?: string[]
      TagFilters?: { TagKey: string; TagValue?: string[] }[]
      PaginationToken?: string
      MaxResults?: number
    }
    const filters = (input.TagFilters ?? []).map((filter) => ({
      key: filter.TagKey,
      values:
        filter.TagValue === undefined || filter.TagValue.length === 0 ? undefined : new Set(filter.TagValue),
    }))
    const fits = (image: ImageRecord): boolean =>
      filters.every(({ key, values }) => {
        const value = Object.hasOwn(image.tags, key) ? image.tags[key] : undefined
        return value !== undefined && (values === undefined || values.has(value))
      })
    const rows: { Resource: string; Tags: unknown[] }[] = []
    const row = (image: ImageRecord): void => {
      if (!fits(image) || Object.keys(image.tags).length === 0) return
      rows.push({
        Resource: `qcs::cvm:${image.region}:uin/${image.owner}:image/${image.id}`,
        Tags: Object.entries(image.tags).map(([TagKey, TagValue]) => ({
          TagKey,
          TagValue,
          Category: "Custom",
        })),
      })
    }
    if (input.ResourceList !== undefined && input.ResourceList.length > 0) {
      for (const name of input.ResourceList) {
        const { region, id } = parseResource(name)
        const image = settle(box, call.account.uin, region).images.get(id)
        if (image !== undefined && isVisible(image, box.clock.now())) row(image)
      }
      return { response: { PaginationToken: "", ResourceTagMappingList: rows } }
    }
    for (const image of ownImages(box, call)) row(image)
    rows.sort((a, b) => (a.Resource < b.Resource ? -1 : 1))
    const { page, token } = paged(rows, input.PaginationToken, input.MaxResults ?? 50, 200)
    return { response: { PaginationToken: token, ResourceTagMappingList: page } }
  },
}

function* ownImages(box: Box, call: Call): Generator<ImageRecord> {
  const now = box.clock.now()
  for (const key of box.world.partitions.keys()) {
    const [owner, region = ""] = key.split("/")
    if (owner !== call.account.uin) continue
    for (const image of settle(box, owner, region).images.values()) if (isVisible(image, now)) yield image
  }
}

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

function paged<Row>(
  rows: Row[],
  token: string | undefined,
  size: number,
  most: number,
): { page: Row[]; token: string } {
  if (size < 1 || size > most) refuse("InvalidParameterValue", `\`MaxResults\` is between 1 and ${most}.`)
  let start = 0
  if (token !== undefined && token !== "") {
    const match = /^page:(\d+)$/.exec(Buffer.from(token, "base64").toString("latin1"))
    if (match === null)
      refuse("InvalidParameter.PaginationTokenInvalid", "The pagination token is not valid.")
    start = Number(match[1])
  }
  const end = start + size
  const next = end < rows.length ? Buffer.from(`page:${end}`).toString("base64") : ""
  return { page: rows.slice(start, end), token: next }
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex")
}
