import { productOf } from "../actions/index.ts"
import type { Box } from "../box.ts"
import { nameHolders, settle } from "../imports.ts"
import { digits, type ImageRecord, insertImage, newId, removeImage, renameImage } from "../world.ts"
import { fits } from "./glob.ts"
import type { Effect } from "./spec.ts"
import type { Subject } from "./subject.ts"

/**
 * What somebody else does just before a call is looked at: to images behind the API's back, or to the caller's key
 * and rights. Answers whether something changed; what can be taken back goes into `undo`.
 */
export function interfere(box: Box, subject: Subject, effect: Effect, undo: (() => void)[]): boolean {
  switch (effect.kind) {
    case "expire-token":
    case "disable-key":
    case "revoke":
      return changeKey(box, subject, effect, undo)
    case "someone-creates": {
      const name = effect.name ?? subject.imageName
      if (name === undefined || subject.account === "" || subject.region === "") return false
      const held = nameHolders(box, subject.account, subject.region, name).length > 0
      if (held && box.behaviour.duplicateNames !== "never") return false
      foreign(box, subject, name, newId(box.world, "img"), effect.state)
      return true
    }
    case "someone-deletes":
      return touch(box, subject, effect.name, (image) => removeImage(box.world, image))
    case "someone-untags":
      return touch(box, subject, effect.name, (image) => {
        image.tags = {}
        delete image.lateTags
      })
    case "someone-renames":
      return touch(box, subject, effect.name, (image) =>
        renameImage(box.world, image, effect.to ?? `${image.name.slice(0, 52)}-renamed`),
      )
    default:
      return false
  }
}

/** Moves the pages of a listing: inserts in front, or deletes the first that fits. Answers whether it did. */
export function shiftPages(box: Box, subject: Subject, effect: Effect): boolean {
  if (subject.account === "" || subject.region === "") return false
  if (effect.kind === "shift-insert") {
    box.world.sequence += 1
    const id = `img-00${digits(`${box.world.seed}/shift/${box.world.sequence}`).slice(2)}`
    foreign(box, subject, `someone-${id.slice(4)}`, id)
    return true
  }
  if (effect.kind !== "shift-delete") return false
  const now = box.clock.now()
  const images = [...settle(box, subject.account, subject.region).images.values()]
  const first = images
    .filter((image) => image.visibleAt <= now && fits(effect.name ?? "*", image.name))
    .sort((a, b) => (a.id < b.id ? -1 : 1))[0]
  if (first === undefined) return false
  removeImage(box.world, first)
  return true
}

function touch(box: Box, subject: Subject, name: string, change: (image: ImageRecord) => void): boolean {
  const found = [...settle(box, subject.account, subject.region).images.values()].filter((image) =>
    fits(name, image.name),
  )
  found.forEach(change)
  return found.length > 0
}

/** An image of the same account that nobody here asked for: no import, no tags, no description. */
function foreign(box: Box, subject: Subject, name: string, id: string, state: string = "NORMAL"): void {
  const now = box.clock.now()
  box.world.sequence += 1
  insertImage(box.world, {
    id,
    owner: subject.account,
    region: subject.region,
    sequence: box.world.sequence,
    name,
    description: "",
    state,
    source: "CREATE_IMAGE",
    architecture: "x86_64",
    osName: "Ubuntu 22 64bit",
    platform: "Ubuntu",
    sizeGiB: 10,
    license: "TencentCloud",
    family: "",
    deprecated: false,
    creator: subject.account,
    cloudInit: true,
    snapshots: [{ id: newId(box.world, "snap"), usage: "SYSTEM_DISK", sizeGiB: 10 }],
    tags: {},
    shares: [],
    encrypted: false,
    createdAt: now,
    visibleAt: now,
  })
}

function changeKey(
  box: Box,
  subject: Subject,
  effect: Extract<Effect, { kind: "expire-token" | "disable-key" | "revoke" }>,
  undo: (() => void)[],
): boolean {
  const owner = box.accounts.bySecretId(subject.secretId)
  if (owner === undefined) return false
  const { account, key } = owner
  if (effect.kind === "disable-key") {
    if (key.disabled) return false
    key.disabled = true
    undo.push(() => delete key.disabled)
    return true
  }
  if (effect.kind === "expire-token") {
    const former = key.expiresAt
    const now = box.wall.now()
    if (former !== undefined && former <= now) return false
    key.expiresAt = now
    undo.push(() => {
      if (former === undefined) delete key.expiresAt
      else key.expiresAt = former
    })
    return true
  }
  const denial = effect.rights ?? `${productOf(subject.action) ?? "cvm"}:${subject.action}`
  if (account.denied.includes(denial)) return false
  account.denied = [...account.denied, denial]
  undo.push(() => {
    account.denied = account.denied.filter((one) => one !== denial)
  })
  return true
}
