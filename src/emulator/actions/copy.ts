import type { Action, Box, Call } from "../box.ts"
import { refuse } from "../failure.ts"
import { quotaOf, type Sighting } from "../imports.ts"
import { knownRegions } from "../regions.ts"
import { type ImageRecord, insertImage, newId } from "../world.ts"
import { namedImage } from "./describe.ts"
import { checkNewName } from "./import.ts"

interface Input {
  ImageIds: string[]
  DestinationRegions: string[]
  DryRun?: boolean
  ImageName?: string
  ImageSetRequired?: boolean
  Encrypt?: boolean
  KmsKeyId?: string
}

/** SyncImages, section 2.7: one image per call, into all destinations or none. */
export const syncImages: Action = {
  name: "SyncImages",
  product: "cvm",
  region: "required",
  fields: {
    ImageIds: { type: "list", of: { type: "string" }, required: true, max: 1 },
    DestinationRegions: { type: "list", of: { type: "string" }, required: true, max: 20 },
    DryRun: { type: "boolean" },
    ImageName: { type: "string", max: 60 },
    ImageSetRequired: { type: "boolean" },
    Encrypt: { type: "boolean" },
    KmsKeyId: { type: "string" },
  },
  run(box, call) {
    const input = call.parameters as unknown as Input
    const id = input.ImageIds[0]
    if (id === undefined) refuse("MissingParameter", "The parameter `ImageIds` is empty.")
    const source = namedImage(box, call, id)
    checkSource(source, input)
    checkDestinations(box, call, source, input)
    const name = input.ImageName ?? source.image.name
    for (const region of input.DestinationRegions) {
      const { used, quota } = quotaOf(box, call.account.uin, region)
      if (used >= quota) refuse("ImageQuotaLimitExceeded", `The image quota of ${region} has been exceeded.`)
      if (box.behaviour.duplicateNames !== "never") checkNewName(box, call, name, region)
    }
    if (input.DryRun) return { response: { ImageSet: [] } }
    const copies = input.DestinationRegions.map((region) => {
      const copy = copyOf(box, call, source.image, region, name, input.Encrypt ?? false)
      insertImage(box.world, copy)
      return { ImageId: copy.id, Region: region }
    })
    return {
      response: { ImageSet: input.ImageSetRequired ? copies : [] },
      written: { imageIds: copies.map((copy) => copy.ImageId) },
    }
  },
}

function checkSource({ image, type }: Sighting, input: Input): void {
  if (type === "PUBLIC_IMAGE")
    refuse("InvalidParameterValue.InvalidImageId", "A public image cannot be copied.")
  if (image.state !== "NORMAL") {
    refuse("InvalidImageId.IncorrectState", `The image is ${image.state} and cannot be copied.`)
  }
  if (image.encrypted) {
    refuse("UnsupportedOperation.EncryptedImagesNotSupported", "An encrypted image cannot be copied.")
  }
  if (image.snapshots.some((disk) => disk.usage === "DATA_DISK")) {
    refuse("InvalidParameter.InstanceImageNotSupport", "An image with data disks cannot be copied.")
  }
  if (input.KmsKeyId !== undefined && !input.Encrypt) {
    refuse("InvalidParameter.InvalidKmsKeyId", "`KmsKeyId` needs `Encrypt`.")
  }
}

function checkDestinations(box: Box, call: Call, { type }: Sighting, input: Input): void {
  const regions = input.DestinationRegions
  if (regions.length === 0) refuse("MissingParameter", "The parameter `DestinationRegions` is empty.")
  const wrong = (text: string): never => refuse("InvalidParameterValue.InvalidRegion", text)
  if (new Set(regions).size < regions.length) wrong("A destination is given twice.")
  for (const region of regions) {
    const target = knownRegions.get(region)
    if (target === undefined) refuse("InvalidRegion.NotFound", `The region \`${region}\` is not found.`)
    const stays = region === call.region
    if ((type === "SHARED_IMAGE" || input.Encrypt) && !stays)
      wrong("The destination must be the source region.")
    if (type === "PRIVATE_IMAGE" && !input.Encrypt && stays) wrong("The destination is the source region.")
    const source = knownRegions.get(call.region)
    const crosses = source?.mainland !== target.mainland && !box.behaviour.crossBorderSync
    if (source?.finance !== target.finance || crosses) {
      refuse("UnsupportedOperation.Region", `Copying from ${call.region} to ${region} is not supported.`)
    }
  }
}

function copyOf(
  box: Box,
  call: Call,
  image: ImageRecord,
  region: string,
  name: string,
  encrypted: boolean,
): ImageRecord {
  const now = box.clock.now()
  const { syncMs, syncCopiesDescription, syncCopiesFamily, syncCopiesTags } = box.behaviour
  const id = newId(box.world, "img")
  const copy: ImageRecord = {
    ...structuredClone(image),
    id,
    owner: call.account.uin,
    region,
    sequence: box.world.sequence,
    name,
    state: "SYNCING",
    description: syncCopiesDescription ? image.description : "",
    family: syncCopiesFamily ? image.family : "",
    tags: syncCopiesTags ? { ...image.tags } : {},
    deprecated: false,
    creator: call.account.uin,
    snapshots: [],
    shares: [],
    encrypted,
    createdAt: now,
    visibleAt: now,
    copy: { startAt: now, finishAt: now + syncMs },
  }
  delete copy.job
  delete copy.lateTags
  return copy
}
