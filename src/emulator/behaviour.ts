import type { OsTable } from "./os-table.ts"

/** Why an import failed: the message codes of the vendor's guide (section 6.5). The API never shows them. */
export type FailureReason =
  | "InvalidUrl"
  | "InvalidFormatSize"
  | "VirtioNotInstall"
  | "CloudInitNotInstalled"
  | "PartitionNotPresent"
  | "RootPartitionNotFound"
  | "InternalError"

/**
 * Every switch. What the documentation leaves open has one here; README.md names the source and the choice of each.
 * Times are milliseconds of the world's clock.
 */
export interface Behaviour {
  // ImportImage
  /** Whether its reply carries ImageId. `site`: on cn only. */
  importReturnsImageId: "site" | "always" | "never"
  dryRunAnswer: "plain" | "DryRunOperation"
  /** When a used name is InvalidImageName.Duplicate. */
  duplicateNames: "never" | "submit" | "submit+dryRun"
  /** `A` and `a` are the same name. */
  namesIgnoreCase: boolean
  /** When a missing or private object is noticed: as an API error, or only as IMPORTFAILED. */
  urlCheck: "async" | "submit" | "submit+dryRun"
  /** Which buckets of another region may be imported from. */
  crossRegionUrls: "never" | "mainland" | "any"
  /** A signed URL that was visited once, by an import or by a GET, opens nothing for another import. */
  signedUrlOnce: boolean
  tagCheck: "pair" | "key" | "off"
  familyPattern: string
  regionsWithoutImport: string[]
  maxDataDisks: number
  /** What DescribeImportImageOs answers; null: the built-in table of the site. */
  osTable: OsTable | null

  // The life of an import
  /** From acceptance until the record can be seen; a range is drawn from per image, the same each time. */
  visibilityDelayMs: number | [number, number]
  importMs: number
  importMsPerGiB: number
  /** From visible until IMPORTFAILED when the object was bad from the start. */
  failAfterMs: number
  /** Outcomes by a part of the URL or the exact image name: a reason, or `never` for an import without end. */
  importOutcomes: Record<string, FailureReason | "never">
  /** Tags of TagSpecification attach so long after the image is visible, or after it is NORMAL. */
  tagsAttachAfter: "visible" | "normal"
  tagDelayMs: number
  failedHoldsName: boolean
  failedCountsQuota: boolean
  quota: number

  // Reading
  nameFilter: "substring" | "exact"
  /** A tag filter whose key does not exist: TagKeyNotFound, or nothing found. */
  unknownTagFilter: "error" | "empty"
  /** The undocumented filter image-state. */
  stateFilter: boolean
  listOrder: "id" | "oldest" | "newest"
  /** Empty SnapshotSet and Tags. `site`: null on intl. */
  emptyLists: "site" | "null" | "array"
  /** Leaves out ImageFamily when empty, ImageDeprecated when false. */
  omitEmptyFields: boolean
  timeForm: "Z" | "offset"

  // Changing
  emptyStringClears: boolean
  modifyStates: string[]
  /** Whether the owner of an image that is shared out may change its attributes. */
  modifySharedOut: boolean
  /** The image stays listed as DELETING for so long. */
  deleteMs: number
  syncMs: number
  syncCopiesDescription: boolean
  syncCopiesFamily: boolean
  syncCopiesTags: boolean
  crossBorderSync: boolean
  /** Accounts that may be shared with: any well-formed root account, or only those of this emulator. */
  shareTargets: "any" | "known"
  cancelMissingShare: "error" | "ignore"
  maxShares: number
  untagMissingKey: "error" | "ignore"
  maxTagKeys: number
  maxTagValues: number

  // The common layer
  unknownRegionCode: "UnsupportedRegion" | "InvalidRegion.NotFound"
  enforceRates: boolean
  /** Requests a second by action, over the documented ones. */
  rates: Record<string, number>
  rateScope: "account+region" | "account"
  /** Whether a refused request uses up a place in the window too. */
  ratesCountRefused: boolean
}

export const defaultBehaviour: Readonly<Behaviour> = {
  importReturnsImageId: "site",
  dryRunAnswer: "plain",
  duplicateNames: "submit+dryRun",
  namesIgnoreCase: false,
  urlCheck: "async",
  crossRegionUrls: "mainland",
  signedUrlOnce: true,
  tagCheck: "pair",
  familyPattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$",
  regionsWithoutImport: ["ap-guangzhou-open"],
  maxDataDisks: 20,
  osTable: null,
  visibilityDelayMs: [0, 2_000],
  importMs: 120_000,
  importMsPerGiB: 10_000,
  failAfterMs: 20_000,
  importOutcomes: {},
  tagsAttachAfter: "normal",
  tagDelayMs: 2_000,
  failedHoldsName: true,
  failedCountsQuota: true,
  quota: 500,
  nameFilter: "substring",
  unknownTagFilter: "error",
  stateFilter: false,
  listOrder: "id",
  emptyLists: "site",
  omitEmptyFields: true,
  timeForm: "Z",
  emptyStringClears: true,
  modifyStates: ["NORMAL"],
  modifySharedOut: true,
  deleteMs: 0,
  syncMs: 600_000,
  syncCopiesDescription: true,
  syncCopiesFamily: false,
  syncCopiesTags: false,
  crossBorderSync: false,
  shareTargets: "any",
  cancelMissingShare: "error",
  maxShares: 500,
  untagMissingKey: "error",
  maxTagKeys: 1_000,
  maxTagValues: 1_000,
  unknownRegionCode: "UnsupportedRegion",
  enforceRates: true,
  rates: {},
  rateScope: "account+region",
  ratesCountRefused: false,
}

/** The values that a switch of text takes. */
const choices: Readonly<Record<string, readonly string[]>> = {
  importReturnsImageId: ["site", "always", "never"],
  dryRunAnswer: ["plain", "DryRunOperation"],
  duplicateNames: ["never", "submit", "submit+dryRun"],
  urlCheck: ["async", "submit", "submit+dryRun"],
  crossRegionUrls: ["never", "mainland", "any"],
  tagCheck: ["pair", "key", "off"],
  tagsAttachAfter: ["visible", "normal"],
  nameFilter: ["substring", "exact"],
  unknownTagFilter: ["error", "empty"],
  listOrder: ["id", "oldest", "newest"],
  emptyLists: ["site", "null", "array"],
  timeForm: ["Z", "offset"],
  shareTargets: ["any", "known"],
  cancelMissingShare: ["error", "ignore"],
  untagMissingKey: ["error", "ignore"],
  unknownRegionCode: ["UnsupportedRegion", "InvalidRegion.NotFound"],
  rateScope: ["account+region", "account"],
}

/** Says what is wrong with switches that came from outside, or undefined when they can be set. */
export function behaviourProblem(patch: unknown): string | undefined {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch))
    return "an object of switches is expected"
  for (const [name, value] of Object.entries(patch)) {
    if (!Object.hasOwn(defaultBehaviour, name)) return `there is no switch ${name}`
    const allowed = choices[name]
    if (allowed !== undefined && !allowed.includes(value as string)) {
      return `${name} is one of ${allowed.join(", ")}`
    }
    const standard = defaultBehaviour[name as keyof Behaviour]
    if (["number", "boolean"].includes(typeof standard) && typeof value !== typeof standard) {
      return `${name} is a ${typeof standard}`
    }
    const list = Array.isArray(standard)
    if (list && name !== "visibilityDelayMs" && !Array.isArray(value)) return `${name} is a list`
    if (name === "visibilityDelayMs" && !isDelay(value)) return `${name} is a number or a pair of numbers`
    if (name === "familyPattern" && !isPattern(value)) return `${name} is a regular expression`
    if (name === "osTable" && !isOsTable(value)) return "osTable is null or has windows, linux and versions"
    if ((name === "rates" || name === "importOutcomes") && (typeof value !== "object" || value === null)) {
      return `${name} is an object`
    }
  }
  return undefined
}

function isDelay(value: unknown): boolean {
  if (typeof value === "number") return true
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "number")
}

function isOsTable(value: unknown): boolean {
  if (value === null) return true
  const table = value as Partial<OsTable>
  return [table.windows, table.linux, table.versions].every(Array.isArray)
}

function isPattern(value: unknown): boolean {
  if (typeof value !== "string") return false
  try {
    new RegExp(value, "u").test("")
    return true
  } catch {
    return false
  }
}
