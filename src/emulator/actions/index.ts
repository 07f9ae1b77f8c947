import type { Action } from "../box.ts"
import {
  describeImageFromFamily,
  describeImageQuota,
  describeImages,
  describeImportImageOs,
  describeRegions,
} from "./describe.ts"
import { importImage } from "./import.ts"

const all: readonly Action[] = [
  describeImages,
  describeImportImageOs,
  describeImageQuota,
  describeImageFromFamily,
  describeRegions,
  importImage,
]

const versions: ReadonlyMap<string, readonly Action["product"][]> = new Map([
  ["2017-03-12", ["cvm"]],
  ["2018-08-13", ["tag", "sts"]],
])

/** Finds an action by version and name: the product follows from the two, as no host is looked at. */
export function findAction(version: string, name: string): Action | "version" | "action" {
  const products = versions.get(version)
  if (products === undefined) return "version"
  return all.find((action) => action.name === name && products.includes(action.product)) ?? "action"
}
