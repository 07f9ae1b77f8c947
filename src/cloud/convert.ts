/** Our words to the API's and back. Pure; nothing of the SDK but its models' shapes. */
import type { CloudImage } from "../model/observed.ts"
import { compareText } from "../model/placement.ts"
import type { ImportRequest } from "../model/request.ts"
import type { ImportOs } from "./port.ts"

/** The parameters of ImportImage that cvmimg uses, as they travel. */
export interface ImportImageParameters {
  readonly Architecture: string
  readonly OsType: string
  readonly OsVersion: string
  readonly ImageUrl: string
  readonly ImageName: string
  readonly ImageDescription?: string
  readonly DryRun?: true
  readonly Force?: true
  readonly TagSpecification?: { ResourceType: string; Tags: { Key: string; Value: string }[] }[]
  readonly LicenseType?: string
  readonly BootMode?: string
  readonly ImageFamily?: string
  readonly ImportImageDataDiskList?: { ImageUrl: string }[]
}

/**
 * ImportImage's parameters. What the request does not hold is not sent, so that the API's defaults stay the API's and
 * site intl never sees a parameter of site cn. `url` gives each address as it is to be sent, signed where asked for.
 */
export function importParameters(
  request: ImportRequest,
  rehearsal: boolean,
  url: (plain: string) => string = (plain) => plain,
): ImportImageParameters {
  const tags = Object.entries(request.tags)
    .sort(([a], [b]) => compareText(a, b))
    .map(([Key, Value]) => ({ Key, Value }))
  return {
    Architecture: request.architecture,
    OsType: request.osType,
    OsVersion: request.osVersion,
    ImageUrl: url(request.url),
    ImageName: request.name,
    ...(request.description === "" ? {} : { ImageDescription: request.description }),
    ...(rehearsal ? { DryRun: true as const } : {}),
    ...(request.force ? { Force: true as const } : {}),
    ...(tags.length === 0 ? {} : { TagSpecification: [{ ResourceType: "image", Tags: tags }] }),
    ...(request.licenseType === undefined ? {} : { LicenseType: request.licenseType }),
    ...(request.bootMode === undefined ? {} : { BootMode: request.bootMode }),
    ...(request.family === undefined || request.family === "" ? {} : { ImageFamily: request.family }),
    ...(request.dataDiskUrls.length === 0
      ? {}
      : { ImportImageDataDiskList: request.dataDiskUrls.map((disk) => ({ ImageUrl: url(disk) })) }),
  }
}

/** An Image of DescribeImages, as loosely as it may come: every field absent or null. */
export interface ApiImage {
  readonly ImageId?: string | null
  readonly ImageType?: string | null
  readonly ImageName?: string | null
  readonly ImageDescription?: string | null
  readonly ImageFamily?: string | null
  readonly ImageDeprecated?: boolean | null
  readonly ImageState?: string | null
  readonly Architecture?: string | null
  readonly LicenseType?: string | null
  readonly Tags?: readonly { readonly Key?: string | null; readonly Value?: string | null }[] | null
  readonly CreatedTime?: string | null
  readonly ImageSize?: number | null
  readonly SyncPercent?: number | null
  readonly OsName?: string | null
  readonly Platform?: string | null
  readonly SnapshotSet?: readonly { readonly SnapshotId?: string | null }[] | null
}

type Building = { -readonly [K in keyof CloudImage]: CloudImage[K] }

/**
 * The image in our words, or null where the API's reply names no id. Done for each image of each listing: assignments,
 * because spreads and Object.fromEntries take five times as long.
 */
export function toCloudImage(image: ApiImage): CloudImage | null {
  if (typeof image.ImageId !== "string" || image.ImageId === "") return null
  const tags: Record<string, string> = {}
  for (const { Key, Value } of image.Tags ?? []) if (typeof Key === "string") put(tags, Key, Value ?? "")
  const snapshotIds: string[] = []
  for (const { SnapshotId } of image.SnapshotSet ?? []) if (SnapshotId) snapshotIds.push(SnapshotId)
  const made: Building = {
    id: image.ImageId,
    name: image.ImageName ?? "",
    description: image.ImageDescription ?? "",
    family: image.ImageFamily ?? "",
    deprecated: image.ImageDeprecated === true,
    state: image.ImageState ?? "",
    architecture: image.Architecture ?? "",
    tags,
    snapshotIds,
  }
  const createdAt = Date.parse(image.CreatedTime ?? "")
  if (image.LicenseType) made.licenseType = image.LicenseType
  if (!Number.isNaN(createdAt)) made.createdAt = createdAt
  if (typeof image.ImageSize === "number") made.sizeGiB = image.ImageSize
  if (typeof image.SyncPercent === "number") made.progress = image.SyncPercent
  if (image.OsName) made.osName = image.OsName
  if (image.Platform) made.platform = image.Platform
  return made
}

/** `__proto__` is a key like any other, and the only one that an assignment would not set. */
function put(tags: Record<string, string>, key: string, value: string): void {
  if (key === "__proto__")
    Object.defineProperty(tags, key, { value, enumerable: true, configurable: true, writable: true })
  else tags[key] = value
}

/** DescribeImportImageOs' two lists in one: the version set, and names that have none. Sorted by name. */
export interface ApiImportOs {
  readonly ImportImageOsListSupported?: {
    readonly Windows?: readonly string[] | null
    readonly Linux?: readonly string[] | null
  } | null
  readonly ImportImageOsVersionSet?:
    | readonly {
        readonly OsName?: string | null
        readonly OsVersions?: readonly string[] | null
        readonly Architecture?: readonly string[] | null
      }[]
    | null
}

/** Rows of one name (the service may list them per architecture) stay separate rows. */
export function toImportOs(reply: ApiImportOs): ImportOs[] {
  const windows = new Set(reply.ImportImageOsListSupported?.Windows ?? [])
  const linux = reply.ImportImageOsListSupported?.Linux ?? []
  const platform = (name: string): ImportOs["platform"] =>
    windows.has(name) || /^windows/i.test(name) ? "Windows" : "Linux"
  const rows: ImportOs[] = []
  for (const row of reply.ImportImageOsVersionSet ?? []) {
    if (typeof row.OsName !== "string") continue
    rows.push({
      type: row.OsName,
      versions: [...(row.OsVersions ?? [])],
      architectures: [...(row.Architecture ?? [])],
      platform: platform(row.OsName),
    })
  }
  const named = new Set(rows.map((row) => row.type))
  for (const type of [...linux, ...windows]) {
    if (!named.has(type)) rows.push({ type, versions: [], architectures: [], platform: platform(type) })
  }
  return rows.sort((a, b) => compareText(a.type, b.type))
}

/** The six-segment resource name of an image. The root account may stay empty: the service fills it in. */
export function imageResource(region: string, imageId: string): string {
  return `qcs::cvm:${region}:uin/:image/${imageId}`
}

/** The images among resources of the tag service: `qcs::cvm:<region>:uin/<uin>:image/<id>`. */
export function taggedImages(
  rows: readonly { readonly Resource?: string | null }[],
): { readonly region: string; readonly imageId: string }[] {
  return rows.flatMap(({ Resource }) => {
    const [, region, imageId] = /^qcs::cvm:([^:]+):[^:]*:image\/([^/:]+)$/.exec(Resource ?? "") ?? []
    return region === undefined || imageId === undefined ? [] : [{ region, imageId }]
  })
}

/** Slices of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  const out: T[][] = []
  for (let i = 0; i < items.length; i += size) out.push(items.slice(i, i + size))
  return out
}
