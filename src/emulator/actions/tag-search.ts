/** Which resources carry a tag, section 3.3. Images are the only ones here. */
import type { Action, Box, Call } from "../box.ts"
import { refuse } from "../failure.ts"
import { settle } from "../imports.ts"
import { type ImageRecord, isVisible } from "../world.ts"
import { parseResource } from "./tags.ts"

interface TagFilter {
  TagKey: string
  TagValue?: string[]
}

const tagFilters = {
  type: "list",
  max: 6,
  of: {
    type: "object",
    fields: {
      TagKey: { type: "string", required: true },
      TagValue: { type: "list", of: { type: "string" }, max: 10 },
    },
  },
} as const

/** GetResources: by names, by filters (AND between them, OR between values), or everything tagged. */
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
    TagFilters: tagFilters,
    PaginationToken: { type: "string" },
    MaxResults: { type: "integer" },
  },
  run(box, call) {
    const input = call.parameters as {
      ResourceList?: string[]
      TagFilters?: TagFilter[]
      PaginationToken?: string
      MaxResults?: number
    }
    const fits = fitting(input.TagFilters)
    if (input.ResourceList !== undefined && input.ResourceList.length > 0) {
      const named = input.ResourceList.flatMap((name) => {
        const { region, id } = parseResource(name)
        const image = settle(box, call.account.uin, region).images.get(id)
        return image !== undefined && isVisible(image, box.clock.now()) && fits(image) ? [image] : []
      })
      return { response: { PaginationToken: "", ResourceTagMappingList: named.map(mapping) } }
    }
    const found = tagged(box, call, fits)
    const { page, token } = paged(found, input.PaginationToken, input.MaxResults ?? 50, 200)
    return { response: { PaginationToken: token, ResourceTagMappingList: page.map(mapping) } }
  },
}

/** DescribeResourcesByTags: the same question with a total and an offset, also of one region or one resource. */
export const describeResourcesByTags: Action = {
  name: "DescribeResourcesByTags",
  product: "tag",
  region: "optional",
  fields: {
    TagFilters: { ...tagFilters, required: true },
    CreateUin: { type: "integer" },
    Offset: { type: "integer" },
    Limit: { type: "integer" },
    ResourcePrefix: { type: "string" },
    ResourceId: { type: "string" },
    ResourceRegion: { type: "string" },
    ServiceType: { type: "string" },
  },
  run(box, call) {
    const input = call.parameters as {
      TagFilters: TagFilter[]
      Offset?: number
      Limit?: number
      ResourcePrefix?: string
      ResourceId?: string
      ResourceRegion?: string
      ServiceType?: string
    }
    const { Offset: offset = 0, Limit: limit = 15 } = input
    if (limit < 1 || offset < 0 || offset % limit !== 0) {
      refuse("InvalidParameterValue", "`Offset` is a multiple of `Limit`.")
    }
    const has = fitting(input.TagFilters)
    const images = (input.ServiceType ?? "cvm") === "cvm" && (input.ResourcePrefix ?? "image") === "image"
    const found = tagged(
      box,
      call,
      (image) =>
        images &&
        (input.ResourceRegion ?? image.region) === image.region &&
        (input.ResourceId ?? image.id) === image.id &&
        has(image),
    )
    const Rows = found.slice(offset, offset + limit).map((image) => ({
      ResourceRegion: image.region,
      ServiceType: "cvm",
      ResourcePrefix: "image",
      ResourceId: image.id,
      Tags: tagsOf(image),
    }))
    return { response: { TotalCount: found.length, Offset: offset, Limit: limit, Rows } }
  },
}

/** Whether an image has a tag and fits all filters. */
function fitting(filters: readonly TagFilter[] = []): (image: ImageRecord) => boolean {
  const wanted = filters.map(({ TagKey, TagValue = [] }) => ({
    key: TagKey,
    values: TagValue.length === 0 ? undefined : new Set(TagValue),
  }))
  return (image) =>
    Object.keys(image.tags).length > 0 &&
    wanted.every(({ key, values }) => {
      const value = Object.hasOwn(image.tags, key) ? image.tags[key] : undefined
      return value !== undefined && (values === undefined || values.has(value))
    })
}

/** Visible images of the account that fit, in the order of their resource names, whatever their number. */
function tagged(box: Box, call: Call, fits: (image: ImageRecord) => boolean): ImageRecord[] {
  const now = box.clock.now()
  const regions: string[] = []
  for (const key of box.world.partitions.keys()) {
    const [owner, region = ""] = key.split("/")
    if (owner === call.account.uin) regions.push(region)
  }
  // A region is followed by a colon in the name, which comes after a hyphen.
  regions.sort((a, b) => (`${a}:` < `${b}:` ? -1 : 1))
  return regions.flatMap((region) => {
    const found: ImageRecord[] = []
    for (const image of settle(box, call.account.uin, region).images.values()) {
      if (isVisible(image, now) && fits(image)) found.push(image)
    }
    return found.sort((a, b) => (a.id < b.id ? -1 : 1))
  })
}

function mapping(image: ImageRecord): { Resource: string; Tags: unknown[] } {
  return {
    Resource: `qcs::cvm:${image.region}:uin/${image.owner}:image/${image.id}`,
    Tags: tagsOf(image),
  }
}

function tagsOf(image: ImageRecord): { TagKey: string; TagValue: string; Category: string }[] {
  return Object.entries(image.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue, Category: "Custom" }))
}

/** One page of rows, and the token of the next; empty: there is none. */
export function paged<Row>(
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
