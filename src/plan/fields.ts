/**
 * Every field of `Image.spec`, once: what a change of it does to an image that exists, and how it is read.
 *
 * - `in_place`: the API changes it on the image; compared with what the API returns (differences.ts).
 * - `replacement`: it shapes the image and cannot be changed afterwards. The API returns little of it (architecture,
 *   licence), so it is compared through the spec hash, under the hash version that is stamped on the image.
 * - `import`: it steers the import and leaves no trace on the image: a change of it alone changes nothing.
 * - `policy`: it says what cvmimg does, not what the image is.
 */
import type { DesiredPlacement } from "../model/desired.ts"
import { compareText } from "../model/placement.ts"
import type { FieldValue } from "../model/plan.ts"

export type FieldEffect = "in_place" | "replacement" | "import" | "policy"

/** By path below `spec`. A test holds the table against the schema. */
export const FIELDS: Readonly<Record<string, FieldEffect>> = {
  description: "in_place",
  family: "in_place",
  deprecated: "in_place",
  tags: "in_place",
  sharedWith: "in_place",
  "source.url": "replacement",
  "source.crc64": "replacement",
  "source.sha256": "replacement",
  "os.type": "replacement",
  "os.version": "replacement",
  architecture: "replacement",
  bootMode: "replacement",
  licenseType: "replacement",
  dataDisks: "replacement",
  "source.format": "import",
  "source.sign": "import",
  "source.signAs": "import",
  force: "import",
  match: "policy",
  accounts: "policy",
  regions: "policy",
  release: "policy",
  "source.onChange": "policy",
  "lifecycle.state": "policy",
  "lifecycle.onChange": "policy",
  "lifecycle.retire": "policy",
  "lifecycle.keepPrevious": "policy",
  "lifecycle.deleteSnapshots": "policy",
  "lifecycle.protect": "policy",
  "lifecycle.adopt": "policy",
  "lifecycle.allowLostShares": "policy",
}

/** What a new image gets, in the order in which a reviewer reads it; absent and empty values are left out. */
export function importedFields(p: DesiredPlacement): [string, FieldValue][] {
  const fields: [string, FieldValue | undefined][] = [
    ["description", p.description],
    ["family", p.family === "" ? undefined : p.family],
    ["source.url", p.source.url],
    ["source.format", p.source.format],
    ["os.type", p.os.type],
    ["os.version", p.os.version],
    ["architecture", p.architecture],
    ["bootMode", p.bootMode],
    ["licenseType", p.licenseType],
    ["force", p.force ? true : undefined],
    ["dataDisks", p.dataDisks.length === 0 ? undefined : p.dataDisks.map((disk) => disk.url)],
    ["deprecated", p.deprecated === true ? true : undefined],
    ["sharedWith", p.sharedWith === undefined || p.sharedWith.length === 0 ? undefined : p.sharedWith],
    ...Object.entries(presentTags(p))
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, value]): [string, FieldValue] => [`tags.${key}`, value]),
  ]
  return fields.filter((field): field is [string, FieldValue] => field[1] !== undefined)
}

/** The tags that a manifest wants to be there; those that it wants absent are none of a new image. */
export function presentTags(p: DesiredPlacement): Record<string, string> {
  return Object.fromEntries(Object.entries(p.tags).filter((e): e is [string, string] => e[1] !== null))
}
