import type { Action, Box, Call } from "../box.ts"
import { refuse } from "../failure.ts"
import { findImage, listImages, quotaOf, type Sighting, settle } from "../imports.ts"
import { defaultOsTable, type OsTable } from "../os-table.ts"
import { knownRegions } from "../regions.ts"
import { imageView } from "../view.ts"
import { isVisible } from "../world.ts"

interface Filter {
  Name: string
  Values: string[]
}

type Test = (sighting: Sighting) => boolean

const idPattern = /^img-[0-9a-z]{8}$/

/** Refuses an id that is not of the form `img-xxxxxxxx`. */
function checkImageId(id: string): void {
  if (!idPattern.test(id)) refuse("InvalidImageId.Malformed", `The image ID \`${id}\` is malformed.`)
}

/** DescribeImages, section 2.1. */
export const describeImages: Action = {
  name: "DescribeImages",
  product: "cvm",
  region: "required",
  fields: {
    ImageIds: { type: "list", of: { type: "string" }, max: 100 },
    Filters: {
      type: "list",
      max: 10,
      of: {
        type: "object",
        fields: {
          Name: { type: "string", required: true },
          Values: {
            type: "list",
            of: { type: "string" },
            max: 5,
            required: true,
            code: "InvalidFilterValue.LimitExceeded",
          },
        },
      },
    },
    Offset: { type: "integer" },
    Limit: { type: "integer" },
    InstanceType: { type: "string" },
  },
  run(box, call) {
    const input = call.parameters as {
      ImageIds?: string[]
      Filters?: Filter[]
      Offset?: number
      Limit?: number
      InstanceType?: string
    }
    const { ImageIds: ids, Filters: filters, Offset: offset = 0, Limit: limit = 20 } = input
    if (ids !== undefined && filters !== undefined) {
      refuse(
        "InvalidParameter.InvalidParameterCoexistImageIdsFilters",
        "The parameters `ImageIds` and `Filters` cannot be specified at the same time.",
      )
    }
    if (limit < 1 || limit > 100) {
      refuse(
        "InvalidParameterValue.InvalidParameterValueLimit",
        "The parameter `Limit` is between 1 and 100.",
      )
    }
    if (offset < 0) refuse("InvalidParameterValue", "The parameter `Offset` is not negative.")
    if (input.InstanceType !== undefined && !/^[A-Z0-9a-z]+\.[A-Z0-9]+$/.test(input.InstanceType)) {
      refuse("InvalidInstanceType.Malformed", "The instance type is malformed.")
    }
    for (const id of ids ?? []) checkImageId(id)
    const all = listImages(box, call.account.uin, call.region)
    const wanted = new Set(ids)
    const tests = (filters ?? []).map((filter) => filterTest(box, call, filter))
    const matching =
      ids === undefined || ids.length === 0
        ? all.filter((sighting) => tests.every((test) => test(sighting)))
        : all.filter(({ image }) => wanted.has(image.id))
    const page = matching.slice(offset, offset + limit)
    return {
      response: { ImageSet: page.map((sighting) => imageView(box, sighting)), TotalCount: matching.length },
    }
  },
}

function filterTest(box: Box, call: Call, filter: Filter): Test {
  const { Name: name, Values: values } = filter
  if (values.length === 0) refuse("InvalidFilter", `The filter \`${name}\` has no values.`)
  const exact = new Set(values)
  const lower = values.map((value) => value.toLowerCase())
  const fuzzy = (text: string): boolean => lower.some((value) => text.toLowerCase().includes(value))
  const knownTags = box.world.tags.get(call.account.uin)
  const checkKey = (key: string): void => {
    if (box.behaviour.unknownTagFilter === "empty" || knownTags?.has(key)) return
    refuse("InvalidParameterValue.TagKeyNotFound", `The specified tag key \`${key}\` does not exist.`)
  }
  const tags = ({ image, type }: Sighting): Record<string, string> =>
    type === "PRIVATE_IMAGE" ? image.tags : {}
  if (name.startsWith("tag:") && name.length > 4) {
    const key = name.slice(4)
    checkKey(key)
    return (sighting) => {
      const owned = tags(sighting)
      return Object.hasOwn(owned, key) && exact.has(owned[key] ?? "")
    }
  }
  switch (name) {
    case "image-id":
      for (const value of values) checkImageId(value)
      return ({ image }) => exact.has(image.id)
    case "image-type":
      if (values.some((value) => !/^(PRIVATE|PUBLIC|SHARED)_IMAGE$/.test(value))) {
        refuse("InvalidFilter", "The filter `image-type` takes PRIVATE_IMAGE, PUBLIC_IMAGE and SHARED_IMAGE.")
      }
      return ({ type }) => exact.has(type)
    case "image-name":
      if (box.behaviour.nameFilter === "exact") return ({ image }) => exact.has(image.name)
      return ({ image }) => fuzzy(image.name)
    case "platform":
      return ({ image }) => fuzzy(image.platform)
    case "tag-key":
      values.forEach(checkKey)
      return (sighting) => values.some((value) => Object.hasOwn(tags(sighting), value))
    case "tag-value":
      return (sighting) => Object.values(tags(sighting)).some((value) => exact.has(value))
    case "image-state":
      if (box.behaviour.stateFilter) return ({ image }) => exact.has(image.state)
      break
    case "dedicated-cluster-id":
    case "cdc-cache-status":
      if (box.site === "cn") return () => false
  }
  return refuse("InvalidFilter", `The specified filter \`${name}\` is not supported.`)
}

/** The table of systems that can be imported here. */
export function osTableOf(box: Box): OsTable {
  return box.behaviour.osTable ?? defaultOsTable(box.site === "cn")
}

/** DescribeImportImageOs, section 2.3. */
export const describeImportImageOs: Action = {
  name: "DescribeImportImageOs",
  product: "cvm",
  region: "required",
  fields: {},
  run(box) {
    const table = osTableOf(box)
    return {
      response: {
        ImportImageOsListSupported: { Windows: table.windows, Linux: table.linux },
        ImportImageOsVersionSet: table.versions,
      },
    }
  },
}

/** DescribeImageQuota, section 2.4: the ceiling of the region, not what is left. */
export const describeImageQuota: Action = {
  name: "DescribeImageQuota",
  product: "cvm",
  region: "required",
  fields: {},
  run: (box, call) => ({ response: { ImageNumQuota: quotaOf(box, call.account.uin, call.region).quota } }),
}

/** DescribeImageFromFamily, section 2.2: the newest NORMAL private member that is not deprecated, or null. */
export const describeImageFromFamily: Action = {
  name: "DescribeImageFromFamily",
  product: "cvm",
  region: "required",
  fields: { ImageFamily: { type: "string" } },
  run(box, call) {
    const { ImageFamily: family = "" } = call.parameters as { ImageFamily?: string }
    const now = box.clock.now()
    let newest: Sighting | undefined
    if (family !== "") {
      for (const image of settle(box, call.account.uin, call.region).images.values()) {
        const usable = image.state === "NORMAL" && !image.deprecated && isVisible(image, now)
        if (image.family !== family || !usable) continue
        const newer =
          newest === undefined ||
          image.createdAt > newest.image.createdAt ||
          (image.createdAt === newest.image.createdAt && image.sequence > newest.image.sequence)
        if (newer) newest = { image, type: "PRIVATE_IMAGE" }
      }
    }
    return { response: { Image: newest === undefined ? null : imageView(box, newest) } }
  },
}

/** DescribeRegions of cvm, section 2.11. */
export const describeRegions: Action = {
  name: "DescribeRegions",
  product: "cvm",
  region: "optional",
  fields: {},
  run() {
    const set = [...knownRegions.values()].map((region) => ({
      Region: region.id,
      RegionName: region.name,
      RegionState: "AVAILABLE",
    }))
    return { response: { TotalCount: set.length, RegionSet: set } }
  },
}

/** An image by id for a write: malformed and unknown ids are refused. */
export function namedImage(box: Box, call: Call, id: string): Sighting {
  checkImageId(id)
  const sighting = findImage(box, call.account.uin, call.region, id)
  if (sighting === undefined) refuse("InvalidImageId.NotFound", `The image \`${id}\` does not exist.`)
  return sighting
}
