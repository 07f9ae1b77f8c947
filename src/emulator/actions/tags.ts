import type { Action, Box, Call } from "../box.ts"
import { ApiFailure, refuse } from "../failure.ts"
import { findImage } from "../imports.ts"
import type { Fields } from "../parameters.ts"
import { knownRegions } from "../regions.ts"
import { checkTagKey, checkTagPair } from "../tag-rules.ts"
import { type ImageRecord, rememberTag } from "../world.ts"

interface Tag {
  TagKey: string
  TagValue: string
}

const manyTags = "LimitExceeded.TagNumPerRequest"
const manyResources = "LimitExceeded.ResourceNumPerRequest"
const tag: Fields = {
  TagKey: { type: "string", required: true },
  TagValue: { type: "string", required: true },
  Category: { type: "string" },
}

/** CreateTag, section 3.3: a pair that exists is ResourceInUse.TagDuplicate. */
export const createTag: Action = {
  name: "CreateTag",
  product: "tag",
  region: "optional",
  fields: { TagKey: { type: "string" }, TagValue: { type: "string" } },
  run(box, call) {
    const { TagKey = "", TagValue = "" } = call.parameters as Partial<Tag>
    create(box, call, [{ TagKey, TagValue }])
    return { response: {}, written: { imageIds: [] } }
  },
}

/** CreateTags: up to 10 pairs, all or none. */
export const createTags: Action = {
  name: "CreateTags",
  product: "tag",
  region: "optional",
  fields: { Tags: { type: "list", max: 10, code: manyTags, of: { type: "object", fields: tag } } },
  run(box, call) {
    const { Tags = [] } = call.parameters as { Tags?: Tag[] }
    if (Tags.length === 0) refuse("MissingParameter", "The parameter `Tags` is empty.")
    create(box, call, Tags)
    return { response: {}, written: { imageIds: [] } }
  },
}

function create(box: Box, call: Call, tags: readonly Tag[]): void {
  const account = call.account.uin
  for (const { TagKey, TagValue } of tags) {
    checkTagPair(TagKey, TagValue, "tag")
    if (box.world.tags.get(account)?.get(TagKey)?.has(TagValue)) {
      refuse("ResourceInUse.TagDuplicate", `The tag \`${TagKey}:${TagValue}\` exists already.`)
    }
  }
  if (new Set(tags.map((pair) => `${pair.TagKey}\0${pair.TagValue}`)).size < tags.length) {
    refuse("InvalidParameterValue.TagKeyDuplicate", "A tag is given twice.")
  }
  for (const pair of tags) make(box, account, pair)
}

/** Makes a tag exist within the account's limits. */
function make(box: Box, account: string, { TagKey: key, TagValue: value }: Tag): void {
  const keys = box.world.tags.get(account)
  const values = keys?.get(key)
  if (values === undefined && (keys?.size ?? 0) >= box.behaviour.maxTagKeys) {
    refuse("LimitExceeded.TagKey", "The account has too many tag keys.")
  }
  if (!values?.has(value) && (values?.size ?? 0) >= box.behaviour.maxTagValues) {
    refuse("LimitExceeded.TagValue", "The tag key has too many values.")
  }
  rememberTag(box.world, account, key, value)
}

/** TagResources: makes missing tags, overwrites values; what fails for a resource stands in FailedResources. */
export const tagResources: Action = {
  name: "TagResources",
  product: "tag",
  region: "optional",
  fields: {
    ResourceList: { type: "list", of: { type: "string" }, required: true, max: 10, code: manyResources },
    Tags: { type: "list", required: true, max: 10, code: manyTags, of: { type: "object", fields: tag } },
  },
  run(box, call) {
    const { ResourceList, Tags } = call.parameters as { ResourceList: string[]; Tags: Tag[] }
    if (ResourceList.length === 0 || Tags.length === 0) refuse("MissingParameter", "A list is empty.")
    checkTags(Tags)
    return eachResource(box, call, ResourceList, (image) => attach(box, call.account.uin, image, Tags))
  },
}

/** UnTagResources: takes keys away from resources. */
export const unTagResources: Action = {
  name: "UnTagResources",
  product: "tag",
  region: "optional",
  fields: {
    ResourceList: { type: "list", of: { type: "string" }, required: true, max: 10, code: manyResources },
    TagKeys: { type: "list", of: { type: "string" }, required: true, max: 10, code: manyTags },
  },
  run(box, call) {
    const { ResourceList, TagKeys } = call.parameters as { ResourceList: string[]; TagKeys: string[] }
    if (ResourceList.length === 0 || TagKeys.length === 0) refuse("MissingParameter", "A list is empty.")
    for (const key of TagKeys) checkTagKey(key, "tag")
    return eachResource(box, call, ResourceList, (image) => detach(box, image, TagKeys))
  },
}

/** ModifyResourceTags: replaces and deletes the named keys of one resource and leaves the others alone. */
export const modifyResourceTags: Action = {
  name: "ModifyResourceTags",
  product: "tag",
  region: "optional",
  fields: {
    Resource: { type: "string", required: true },
    ReplaceTags: { type: "list", max: 10, code: manyTags, of: { type: "object", fields: tag } },
    DeleteTags: {
      type: "list",
      max: 10,
      code: manyTags,
      of: { type: "object", fields: { TagKey: { type: "string", required: true } } },
    },
  },
  run(box, call) {
    const input = call.parameters as {
      Resource: string
      ReplaceTags?: Tag[]
      DeleteTags?: { TagKey: string }[]
    }
    const { ReplaceTags: replaced, DeleteTags: deleted } = input
    if (replaced === undefined && deleted === undefined) {
      refuse("MissingParameter", "`ReplaceTags` or `DeleteTags` is required.")
    }
    if (replaced?.length === 0) refuse("InvalidParameter.Tag", "`ReplaceTags` cannot be an empty list.")
    if (deleted?.length === 0) {
      refuse("InvalidParameterValue.DeleteTagsParamError", "`DeleteTags` cannot be an empty list.")
    }
    checkTags(replaced ?? [])
    const keys = (deleted ?? []).map((entry) => entry.TagKey)
    for (const key of keys) checkTagKey(key, "tag")
    if (
      new Set([...keys, ...(replaced ?? []).map((pair) => pair.TagKey)]).size <
      keys.length + (replaced ?? []).length
    ) {
      refuse("InvalidParameterValue.TagKeyDuplicate", "A tag key is given twice.")
    }
    const image = resourceImage(box, call, parseResource(input.Resource))
    if (keys.length > 0) detach(box, image, keys)
    if (replaced !== undefined) attach(box, call.account.uin, image, replaced)
    return { response: {}, written: { imageIds: [image.id] } }
  },
}

function checkTags(tags: readonly Tag[]): void {
  for (const { TagKey, TagValue } of tags) checkTagPair(TagKey, TagValue, "tag")
  if (new Set(tags.map((pair) => pair.TagKey)).size < tags.length) {
    refuse("InvalidParameterValue.TagKeyDuplicate", "A tag key is given twice.")
  }
}

function attach(box: Box, account: string, image: ImageRecord, tags: readonly Tag[]): void {
  const merged = { ...image.tags }
  for (const { TagKey, TagValue } of tags) merged[TagKey] = TagValue
  if (Object.keys(merged).length > 50) {
    refuse("LimitExceeded.ResourceAttachedTags", "A resource has at most 50 tags.")
  }
  for (const pair of tags) make(box, account, pair)
  image.tags = merged
}

function detach(box: Box, image: ImageRecord, keys: readonly string[]): void {
  const missing = keys.find((key) => !Object.hasOwn(image.tags, key))
  if (missing !== undefined && box.behaviour.untagMissingKey === "error") {
    refuse("ResourceNotFound.AttachedTagKeyNotFound", `The tag key \`${missing}\` is not attached.`)
  }
  const gone = new Set(keys)
  image.tags = Object.fromEntries(Object.entries(image.tags).filter(([key]) => !gone.has(key)))
}

function eachResource(
  box: Box,
  call: Call,
  names: readonly string[],
  change: (image: ImageRecord) => void,
): { response: Record<string, unknown>; written?: { imageIds: string[] } } {
  const resources = names.map((name) => ({ name, resource: parseResource(name) }))
  const failed: { Resource: string; Code: string; Message: string }[] = []
  const imageIds: string[] = []
  for (const { name, resource } of resources) {
    try {
      const image = resourceImage(box, call, resource)
      change(image)
      imageIds.push(image.id)
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      failed.push({ Resource: name, Code: error.code, Message: error.message })
    }
  }
  const response = { FailedResources: failed }
  return imageIds.length === 0 ? { response } : { response, written: { imageIds } }
}

/** A resource in six segments, `qcs::cvm:<region>:uin/<uin or empty>:image/<id>`. */
export interface Resource {
  region: string
  uin: string
  prefix: string
  id: string
}

/** Takes a resource name apart. Throws ResourceDescriptionError, or UnsupportedService for other products. */
export function parseResource(text: string): Resource {
  const match = /^qcs::([a-z0-9_-]+):([a-z0-9-]*):(?:uin\/(\d*))?:([A-Za-z]+)\/([^/:]+)$/.exec(text)
  if (match === null) {
    refuse(
      "InvalidParameterValue.ResourceDescriptionError",
      `The resource \`${text}\` is not well described.`,
    )
  }
  const [, service, region = "", uin = "", prefix = "", id = ""] = match
  if (service !== "cvm")
    refuse("InvalidParameter.UnsupportedService", `The service \`${service}\` is not known here.`)
  if (!knownRegions.has(region)) {
    refuse("InvalidParameterValue.ResourceDescriptionError", `The region of \`${text}\` does not exist.`)
  }
  return { region, uin, prefix, id }
}

function resourceImage(box: Box, call: Call, resource: Resource): ImageRecord {
  if (resource.uin !== "" && resource.uin !== call.account.uin) {
    refuse("AuthFailure.UnauthorizedOperation", "The resource belongs to another account.")
  }
  const sighting =
    resource.prefix === "image" ? findImage(box, call.account.uin, resource.region, resource.id) : undefined
  if (sighting?.type !== "PRIVATE_IMAGE") refuse("ResourceNotFound", `\`${resource.id}\` does not exist.`)
  return sighting.image
}
