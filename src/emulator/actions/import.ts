import type { Action, Answer, Box, Call } from "../box.ts"
import { refuse } from "../failure.ts"
import { nameHolders, quotaOf } from "../imports.ts"
import { parseCosUrl } from "../objects.ts"
import { osProblem } from "../os-table.ts"
import { type Probe, probe, schedule, visit } from "../probe.ts"
import { knownRegions } from "../regions.ts"
import { checkTagPair } from "../tag-rules.ts"
import { type ImageRecord, insertImage, newId } from "../world.ts"
import { osTableOf } from "./describe.ts"

/** ImportImage's parameters, already of the declared types. */
interface Input {
  Architecture: string
  OsType: string
  OsVersion: string
  ImageUrl: string
  ImageName: string
  ImageDescription?: string
  DryRun?: boolean
  Force?: boolean
  TagSpecification?: { ResourceType: string; Tags: { Key: string; Value: string }[] }[]
  LicenseType?: string
  BootMode?: string
  ImageFamily?: string
  ImportImageDataDiskList?: { ImageUrl: string }[]
}

const tooLarge = "InvalidParameterValue.TooLarge"

/** ImportImage, section 1. */
export const importImage: Action = {
  name: "ImportImage",
  product: "cvm",
  region: "required",
  fields: {
    Architecture: { type: "string", required: true },
    OsType: { type: "string", required: true },
    OsVersion: { type: "string", required: true },
    ImageUrl: { type: "string", required: true },
    ImageName: { type: "string", required: true, max: 60, code: tooLarge },
    ImageDescription: { type: "string", max: 256, code: tooLarge },
    DryRun: { type: "boolean" },
    Force: { type: "boolean" },
    TagSpecification: {
      type: "list",
      of: {
        type: "object",
        fields: {
          ResourceType: { type: "string", required: true },
          Tags: {
            type: "list",
            required: true,
            of: {
              type: "object",
              fields: { Key: { type: "string", required: true }, Value: { type: "string", required: true } },
            },
          },
        },
      },
    },
    LicenseType: { type: "string" },
    BootMode: { type: "string" },
    ImageFamily: { type: "string" },
    ImportImageDataDiskList: {
      type: "list",
      site: "cn",
      of: { type: "object", fields: { ImageUrl: { type: "string", required: true } } },
    },
  },
  run: runImport,
}

function runImport(box: Box, call: Call): Answer {
  const input = call.parameters as unknown as Input
  const dryRun = input.DryRun ?? false
  checkAccount(box, call)
  checkSystem(box, input)
  const urls = [input.ImageUrl, ...(input.ImportImageDataDiskList ?? []).map((disk) => disk.ImageUrl)]
  if (urls.length - 1 > box.behaviour.maxDataDisks) refuse(tooLarge, "There are too many data disks.")
  for (const url of urls) checkUrl(box, call, url, input.Force ?? false)
  const tags = checkTags(box, call, input)
  const { used, quota } = quotaOf(box, call.account.uin, call.region)
  if (used >= quota) refuse("ImageQuotaLimitExceeded", "The image quota has been exceeded.")
  const fence = box.behaviour.duplicateNames
  if (fence === "submit+dryRun" || (fence === "submit" && !dryRun)) checkNewName(box, call, input.ImageName)
  const checks = box.behaviour.urlCheck
  const looks = checks === "submit+dryRun" || (checks === "submit" && !dryRun)
  const disks = looks || !dryRun ? urls.map((url) => probe(box, url, input.Force ?? false)) : []
  if (looks && disks.some((disk) => "reason" in disk && disk.reason === "InvalidUrl")) {
    refuse("InvalidParameter.InvalidParameterUrlError", "The object of the image URL cannot be read.")
  }
  if (dryRun) {
    if (box.behaviour.dryRunAnswer === "plain") return { response: {} }
    return refuse("DryRunOperation", "The request would have succeeded, but the DryRun parameter was passed.")
  }
  const image = accept(box, call, input, tags, disks)
  const { importReturnsImageId: answers } = box.behaviour
  const tellsId = answers === "always" || (answers === "site" && box.site === "cn")
  return { response: tellsId ? { ImageId: image.id } : {}, written: { imageIds: [image.id] } }
}

function checkAccount(box: Box, call: Call): void {
  if (call.account.restricted) {
    refuse("OperationDenied.InnerUserProhibitAction", "Operation denied: This is a restricted account.")
  }
  if (box.behaviour.regionsWithoutImport.includes(call.region)) {
    refuse("RegionAbilityLimit.UnsupportedToImportImage", "This region does not support importing images.")
  }
  checkAppid(call)
}

/** Refuses calls of an account whose appid is not valid. */
export function checkAppid(call: Call): void {
  if (call.account.invalidAppid) refuse("InvalidParameterValue.InvalidAppIdFormat", "Invalid AppID.")
}

function checkSystem(box: Box, input: Input): void {
  const architectures = box.site === "cn" ? ["x86_64", "i386", "arm_64"] : ["x86_64", "i386"]
  if (!architectures.includes(input.Architecture)) {
    refuse("InvalidParameterValue", `The architecture is one of ${architectures.join(", ")}.`)
  }
  const problem = osProblem(osTableOf(box), input.OsType, input.OsVersion, input.Architecture)
  if (problem === "type") {
    refuse(
      "InvalidImageOsType.Unsupported",
      `The operating system type \`${input.OsType}\` is not supported.`,
    )
  }
  if (problem === "version") {
    const system = `${input.OsType} ${input.OsVersion}`
    refuse(
      "InvalidImageOsVersion.Unsupported",
      `The operating system version \`${system}\` is not supported.`,
    )
  }
  const boot = input.BootMode ?? "Legacy BIOS"
  if (!["Legacy BIOS", "UEFI"].includes(boot) || (boot === "UEFI" && input.Architecture === "i386")) {
    refuse("InvalidParameterValue.InvalidBootMode", "Unsupported boot mode.")
  }
  if (input.LicenseType !== undefined && !["TencentCloud", "BYOL"].includes(input.LicenseType)) {
    refuse("InvalidParameterValue.InvalidLicenseType", "Invalid license type.")
  }
  checkFamily(box, input.ImageFamily)
}

/** Refuses a family name that does not have the expected form; the empty one means no family. */
export function checkFamily(box: Box, family: string | undefined): void {
  if (family === undefined || family === "") return
  if (!new RegExp(box.behaviour.familyPattern, "u").test(family)) {
    refuse("InvalidParameterValue.InvalidImageFamily", "Invalid format of image family name.")
  }
}

/** Refuses a name that an image of the account and region holds, other than `except`. */
export function checkNewName(
  box: Box,
  call: Call,
  name: string,
  region: string = call.region,
  except?: ImageRecord,
): void {
  if (nameHolders(box, call.account.uin, region, name).some((image) => image !== except)) {
    refuse("InvalidImageName.Duplicate", `The specified image name \`${name}\` already exists.`)
  }
}

function checkUrl(box: Box, call: Call, url: string, force: boolean): void {
  const address = parseCosUrl(url)
  if (address === "appid") {
    refuse("InvalidParameterValue.InvalidAppIdFormat", "The bucket of the image URL has no valid AppID.")
  }
  if (address === "url")
    refuse("InvalidParameter.InvalidParameterUrlError", "The image URL is no address on COS.")
  if (!importableFrom(box, call.region, address.region)) {
    refuse(
      "InvalidParameter.InvalidParameterUrlError",
      `Images in ${address.region} cannot be imported into ${call.region}.`,
    )
  }
  if (address.key.toLowerCase().endsWith(".iso") && !force) {
    refuse("InvalidParameterValue.ISOMustImportByForce", "ISO files must be imported by force.")
  }
}

/** Whether a region imports from a bucket in another: within mainland China, finance regions apart (section 6.1). */
function importableFrom(box: Box, into: string, from: string): boolean {
  const rule = box.behaviour.crossRegionUrls
  if (into === from || rule === "any") return true
  const [target, source] = [knownRegions.get(into), knownRegions.get(from)]
  const open = (region: typeof target): boolean => region?.mainland === true && !region.finance
  return rule === "mainland" && open(target) && open(source)
}

function checkTags(box: Box, call: Call, input: Input): Record<string, string> {
  const tags: Record<string, string> = Object.create(null)
  const known = box.world.tags.get(call.account.uin)
  for (const specification of input.TagSpecification ?? []) {
    if (specification.ResourceType !== "image") {
      refuse("InvalidParameterValue", "The resource type of a tag specification is `image`.")
    }
    for (const { Key: key, Value: value } of specification.Tags) {
      checkTagPair(key, value, "cvm")
      if (key in tags) refuse("InvalidParameterValue.DuplicateTags", `The tag key \`${key}\` is given twice.`)
      const values = known?.get(key)
      const exists = box.behaviour.tagCheck === "pair" ? values?.has(value) : values !== undefined
      if (box.behaviour.tagCheck !== "off" && !exists) {
        refuse(
          "InvalidParameterValue.TagKeyNotFound",
          `The specified tag \`${key}:${value}\` does not exist.`,
        )
      }
      tags[key] = value
    }
  }
  if (Object.keys(tags).length > 50) {
    refuse("InvalidParameterValue.TagQuotaLimitExceeded", "An image has at most 50 tags.")
  }
  return { ...tags }
}

function accept(
  box: Box,
  call: Call,
  input: Input,
  tags: Record<string, string>,
  disks: readonly Probe[],
): ImageRecord {
  const now = box.clock.now()
  const id = newId(box.world, "img")
  const force = input.Force ?? false
  const dataDisks = (input.ImportImageDataDiskList ?? []).map((disk) => disk.ImageUrl)
  const worst = disks.find((disk) => "reason" in disk) ?? disks[0] ?? { bytes: 0, virtualBytes: 1 }
  const { visibleAt, finishAt } = schedule(box.behaviour, worst, now, id)
  const { tagsAttachAfter, tagDelayMs } = box.behaviour
  const tagsAt = (tagsAttachAfter === "normal" ? finishAt : visibleAt) + tagDelayMs
  const image: ImageRecord = {
    id,
    owner: call.account.uin,
    region: call.region,
    sequence: box.world.sequence,
    name: input.ImageName,
    description: input.ImageDescription ?? "",
    state: "IMPORTING",
    source: "EXTERNAL_IMPORT",
    architecture: input.Architecture === "arm_64" ? "arm" : input.Architecture,
    osName: osName(box, input),
    platform: input.OsType.startsWith("Windows") ? "Windows" : input.OsType,
    sizeGiB: "virtualBytes" in worst ? Math.max(1, Math.ceil(worst.virtualBytes / 1024 ** 3)) : 0,
    license: input.LicenseType ?? "TencentCloud",
    family: input.ImageFamily ?? "",
    deprecated: false,
    creator: call.account.uin,
    cloudInit: box.site === "intl" ? null : false,
    snapshots: [],
    tags: {},
    shares: [],
    encrypted: false,
    createdAt: now,
    visibleAt,
    job: {
      url: input.ImageUrl,
      dataDisks,
      osType: input.OsType,
      osVersion: input.OsVersion,
      bootMode: input.BootMode ?? "Legacy BIOS",
      force,
      acceptedAt: now,
      finishAt,
      early: "reason" in worst ? worst.reason : null,
    },
  }
  if (Object.keys(tags).length > 0) image.lateTags = { at: tagsAt, tags }
  for (const url of [input.ImageUrl, ...dataDisks]) {
    const address = parseCosUrl(url)
    if (typeof address === "object") visit(box, address.query)
  }
  insertImage(box.world, image)
  return image
}

/** The server's own rendering of a system, such as `CentOS 7 64bit`; never what was sent. */
function osName(box: Box, input: Input): string {
  const bits = input.Architecture === "i386" ? "32" : "64"
  const version = input.OsVersion === "-" ? "" : ` ${input.OsVersion}`
  return `${input.OsType}${version} ${bits}${box.site === "cn" ? "位" : "bit"}`
}
