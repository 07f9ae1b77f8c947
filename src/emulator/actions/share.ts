import type { Action, Box, Call } from "../box.ts"
import { apiTime } from "../clock.ts"
import { refuse } from "../failure.ts"
import { addReceived, type ImageRecord } from "../world.ts"
import { namedImage } from "./describe.ts"
import { checkAppid } from "./import.ts"

/** ModifyImageSharePermission, section 2.8: adds or takes away, for all accounts given or for none. */
export const modifyImageSharePermission: Action = {
  name: "ModifyImageSharePermission",
  product: "cvm",
  region: "required",
  fields: {
    ImageId: { type: "string", required: true },
    AccountIds: { type: "list", of: { type: "string" }, required: true, max: 500 },
    Permission: { type: "string", required: true },
  },
  run(box, call) {
    const input = call.parameters as { ImageId: string; AccountIds: string[]; Permission: string }
    checkAppid(call)
    if (!["SHARE", "CANCEL"].includes(input.Permission)) {
      refuse("InvalidParameterValue", "The parameter `Permission` is SHARE or CANCEL.")
    }
    const image = ownImage(box, call, input.ImageId)
    const accounts = [...new Set(input.AccountIds)]
    if (accounts.length === 0) refuse("MissingParameter", "The parameter `AccountIds` is empty.")
    for (const id of accounts) {
      if (id === call.account.uin)
        refuse("FailedOperation.AccountIsYourSelf", "You cannot share with yourself.")
      const known = box.behaviour.shareTargets === "any" || box.accounts.byUin(id) !== undefined
      if (!/^\d{5,20}$/.test(id) || !known) {
        refuse("InvalidAccountId.NotFound", `The account \`${id}\` does not exist.`)
      }
    }
    if (input.Permission === "SHARE") share(box, image, accounts)
    else cancel(box, image, accounts)
    return { response: {}, written: { imageIds: [image.id] } }
  },
}

function share(box: Box, image: ImageRecord, accounts: readonly string[]): void {
  if (image.state !== "NORMAL") {
    refuse("InvalidParameterValue.InvalidImageState", `The image is ${image.state} and cannot be shared.`)
  }
  if (image.license === "BYOL") {
    refuse("FailedOperation.BYOLImageShareFailed", "An image with a license of your own cannot be shared.")
  }
  if (image.encrypted) {
    refuse("UnsupportedOperation.EncryptedImagesNotSupported", "An encrypted image cannot be shared.")
  }
  const present = new Set(image.shares.map((entry) => entry.accountId))
  for (const id of accounts) {
    if (present.has(id))
      refuse("FailedOperation.AccountAlreadyExists", `The account \`${id}\` has it already.`)
  }
  if (present.size + accounts.length > box.behaviour.maxShares) {
    refuse("OverQuota", `An image is shared with at most ${box.behaviour.maxShares} accounts.`)
  }
  for (const accountId of accounts) {
    image.shares.push({ accountId, at: box.clock.now() })
    addReceived(box.world, accountId, image)
  }
}

function cancel(box: Box, image: ImageRecord, accounts: readonly string[]): void {
  const present = new Set(image.shares.map((entry) => entry.accountId))
  const missing = accounts.find((id) => !present.has(id))
  if (missing !== undefined && box.behaviour.cancelMissingShare === "error") {
    refuse("InvalidAccountId.NotFound", `The image is not shared with \`${missing}\`.`)
  }
  const gone = new Set(accounts)
  image.shares = image.shares.filter((entry) => !gone.has(entry.accountId))
  for (const id of accounts) box.world.received.get(`${id}/${image.region}`)?.delete(image)
}

/** DescribeImageSharePermission, section 2.8: no paging. */
export const describeImageSharePermission: Action = {
  name: "DescribeImageSharePermission",
  product: "cvm",
  region: "required",
  fields: { ImageId: { type: "string", required: true } },
  run(box, call) {
    checkAppid(call)
    const image = ownImage(box, call, (call.parameters as { ImageId: string }).ImageId)
    const set = image.shares.map((entry) => ({
      CreatedTime: apiTime(entry.at, box.behaviour.timeForm),
      AccountId: entry.accountId,
    }))
    return { response: { SharePermissionSet: set } }
  },
}

function ownImage(box: Box, call: Call, id: string): ImageRecord {
  const { image, type } = namedImage(box, call, id)
  if (type !== "PRIVATE_IMAGE") {
    refuse("UnauthorizedOperation.ImageNotBelongToAccount", `The image \`${id}\` does not belong to you.`)
  }
  return image
}
