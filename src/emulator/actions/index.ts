import type { Action } from "../box.ts"
import { deleteImages, modifyImageAttribute } from "./change.ts"
import { syncImages } from "./copy.ts"
import {
  describeImageFromFamily,
  describeImageQuota,
  describeImages,
  describeImportImageOs,
  describeRegions,
} from "./describe.ts"
import { assumeRole, getCallerIdentity } from "./identity.ts"
import { importImage } from "./import.ts"
import { describeImageSharePermission, modifyImageSharePermission } from "./share.ts"
import { describeResourceTagsByResourceIds, getTags } from "./tag-reads.ts"
import { describeResourcesByTags, getResources } from "./tag-search.ts"
import { createTag, createTags, modifyResourceTags, tagResources, unTagResources } from "./tags.ts"

const all: readonly Action[] = [
  describeImages,
  describeImportImageOs,
  describeImageQuota,
  describeImageFromFamily,
  describeImageSharePermission,
  describeRegions,
  importImage,
  modifyImageAttribute,
  modifyImageSharePermission,
  deleteImages,
  syncImages,
  createTag,
  createTags,
  tagResources,
  unTagResources,
  modifyResourceTags,
  getResources,
  describeResourcesByTags,
  getTags,
  describeResourceTagsByResourceIds,
  getCallerIdentity,
  assumeRole,
]

/** The names of all actions. */
export const actionNames: readonly string[] = all.map((action) => action.name)

const versions: ReadonlyMap<string, readonly Action["product"][]> = new Map([
  ["2017-03-12", ["cvm"]],
  ["2018-08-13", ["tag", "sts"]],
])

/** The product of an action; undefined when there is none of that name. */
export function productOf(name: string): Action["product"] | undefined {
  return all.find((action) => action.name === name)?.product
}

/** Finds an action by version and name: the product follows from the two, as no host is looked at. */
export function findAction(version: string, name: string): Action | "version" | "action" {
  const products = versions.get(version)
  if (products === undefined) return "version"
  return all.find((action) => action.name === name && products.includes(action.product)) ?? "action"
}
