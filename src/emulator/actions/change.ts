import type { Action, Box, Call } from "../box.ts"
import { refuse } from "../failure.ts"
import { removeImage, renameImage } from "../world.ts"
import { namedImage } from "./describe.ts"
import { checkAppid, checkFamily, checkNewName } from "./import.ts"

const tooLarge = "InvalidParameterValue.TooLarge"

/** ModifyImageAttribute, section 2.5. All of it is checked before anything changes. */
export const modifyImageAttribute: Action = {
  name: "ModifyImageAttribute",
  product: "cvm",
  region: "required",
  fields: {
    ImageId: { type: "string", required: true },
    ImageName: { type: "string", max: 60, code: tooLarge },
    ImageDescription: { type: "string", max: 256, code: tooLarge },
    ImageFamily: { type: "string" },
    ImageDeprecated: { type: "boolean" },
  },
  run(box, call) {
    const input = call.parameters as {
      ImageId: string
      ImageName?: string
      ImageDescription?: string
      ImageFamily?: string
      ImageDeprecated?: boolean
    }
    const { ImageName: name, ImageDescription: description, ImageFamily: family } = input
    checkAppid(call)
    const { image, type } = namedImage(box, call, input.ImageId)
    if (type === "SHARED_IMAGE" || (image.shares.length > 0 && !box.behaviour.modifySharedOut)) {
      refuse("UnsupportedOperation.SharedImageModifyUnsupported", "A shared image cannot be modified.")
    }
    if (type === "PUBLIC_IMAGE") refuse("InvalidImageId.NotFound", `\`${image.id}\` is no image of yours.`)
    if (Object.keys(input).length === 1) refuse("MissingParameter", "No attribute is given.")
    if (!box.behaviour.modifyStates.includes(image.state)) {
      refuse("InvalidImageId.IncorrectState", `The image is ${image.state} and cannot be modified.`)
    }
    checkFamily(box, family)
    const clears = box.behaviour.emptyStringClears
    if (name === "" && clears) refuse("InvalidParameterValue", "The image name cannot be empty.")
    const renamed = name !== undefined && name !== "" && name !== image.name
    if (renamed && box.behaviour.duplicateNames !== "never") checkNewName(box, call, name, call.region, image)
    if (renamed) renameImage(box.world, image, name)
    if (description !== undefined && (description !== "" || clears)) image.description = description
    if (family !== undefined && (family !== "" || clears)) image.family = family
    if (input.ImageDeprecated !== undefined) image.deprecated = input.ImageDeprecated
    return { response: {}, written: { imageIds: [image.id] } }
  },
}

/** DeleteImages, section 2.6: all of the given images or none. */
export const deleteImages: Action = {
  name: "DeleteImages",
  product: "cvm",
  region: "required",
  fields: {
    ImageIds: { type: "list", of: { type: "string" }, required: true, max: 100 },
    DeleteBindedSnap: { type: "boolean" },
    DryRun: { type: "boolean" },
  },
  run(box, call) {
    const input = call.parameters as { ImageIds: string[]; DeleteBindedSnap?: boolean; DryRun?: boolean }
    checkAppid(call)
    if (input.ImageIds.length === 0) refuse("MissingParameter", "The parameter `ImageIds` is empty.")
    const images = [...new Set(input.ImageIds)].map((id) => deletable(box, call, id))
    if (input.DryRun) return { response: {} }
    for (const image of images) {
      const left = input.DeleteBindedSnap ? [] : image.snapshots.map((disk) => disk.id)
      box.world.leftSnapshots.push(...left)
      if (box.behaviour.deleteMs > 0) {
        image.state = "DELETING"
        image.goneAt = box.clock.now() + box.behaviour.deleteMs
        box.world.partitions.get(`${image.owner}/${image.region}`)?.pending.add(image)
      } else {
        removeImage(box.world, image)
      }
    }
    return { response: {}, written: { imageIds: images.map((image) => image.id) } }
  },
}

function deletable(box: Box, call: Call, id: string): ReturnType<typeof namedImage>["image"] {
  const { image, type } = namedImage(box, call, id)
  if (type === "SHARED_IMAGE") {
    refuse("InvalidParameterValue.InvalidImageIdIsShared", `The image \`${id}\` was shared to you.`)
  }
  if (type === "PUBLIC_IMAGE") refuse("InvalidParameterValue.InvalidImageId", `\`${id}\` is a public image.`)
  if (image.state === "DELETING")
    refuse("MutexOperation.TaskRunning", `The image \`${id}\` is being deleted.`)
  if (["CREATING", "SYNCING", "IMPORTING", "USING"].includes(image.state)) {
    refuse("InvalidImageId.IncorrectState", `The image \`${id}\` is ${image.state} and cannot be deleted.`)
  }
  if (image.shares.length > 0) {
    refuse("InvalidImageId.InShared", `The image \`${id}\` is shared; cancel the sharing first.`)
  }
  return image
}
