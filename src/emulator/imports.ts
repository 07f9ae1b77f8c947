/**
 * The life of an image. The world has no timers: every read first settles what the clock has made due. An import
 * passes through: accepted (hidden, but it holds its name and its place in the quota) -> visible as IMPORTING ->
 * NORMAL or IMPORTFAILED, by the bytes of its object as they are at the end. A copy: SYNCING -> NORMAL.
 */
import type { Behaviour, FailureReason } from "./behaviour.ts"
import type { Box } from "./box.ts"
import { probe } from "./probe.ts"
import {
  type ImageRecord,
  isVisible,
  newId,
  type Partition,
  partitionOf,
  removeImage,
  renameImage,
} from "./world.ts"

const gibibyte = 1024 ** 3

/** Brings the images of an account in a region up to the present. */
export function settle(box: Box, owner: string, region: string): Partition {
  const partition = partitionOf(box.world, owner, region)
  if (partition.pending.size === 0) return partition
  const now = box.clock.now()
  for (const image of partition.pending) settleImage(box, partition, image, now)
  return partition
}

function settleImage(box: Box, partition: Partition, image: ImageRecord, now: number): void {
  if (image.goneAt !== undefined && now >= image.goneAt) {
    removeImage(box.world, image)
    return
  }
  if (image.fate?.events !== undefined && undergo(box, image, image.fate.events, now)) return
  if (isDue(image, now)) finishImport(box, image)
  if (image.copy !== undefined && now >= image.copy.finishAt) {
    delete image.copy
    image.state = "NORMAL"
    image.snapshots = [{ id: newId(box.world, "snap"), usage: "SYSTEM_DISK", sizeGiB: image.sizeGiB }]
  }
  const waits = image.state !== "NORMAL" && box.behaviour.tagsAttachAfter === "normal"
  if (image.lateTags !== undefined && now >= image.lateTags.at && !waits) {
    image.tags = { ...image.lateTags.tags, ...image.tags }
    delete image.lateTags
  }
  const open =
    image.state === "IMPORTING" ||
    image.copy ||
    image.lateTags ||
    image.goneAt !== undefined ||
    image.fate?.events !== undefined
  if (!open) partition.pending.delete(image)
}

function isDue({ state, job }: ImageRecord, now: number): boolean {
  return state === "IMPORTING" && job !== undefined && now >= job.finishAt
}

/** Lets happen what a fault decreed and is due. True: the image is gone. */
function undergo(
  box: Box,
  image: ImageRecord,
  events: NonNullable<NonNullable<ImageRecord["fate"]>["events"]>,
  now: number,
): boolean {
  for (let event = events[0]; event !== undefined && event.at <= now; event = events[0]) {
    events.shift()
    if (isDue(image, event.at)) finishImport(box, image)
    if (event.removed) {
      removeImage(box.world, image)
      return true
    }
    if (event.name !== undefined) renameImage(box.world, image, event.name)
    if (event.state !== undefined) image.state = event.state
  }
  if (events.length === 0) delete image.fate?.events
  return false
}

function finishImport(box: Box, image: ImageRecord): void {
  const job = image.job
  if (job === undefined) return
  const outcome = image.fate?.outcome ?? plannedOutcome(box.behaviour, job.url, image.name)
  if (outcome === "never") return
  const disks = [job.url, ...job.dataDisks].map((url) => probe(box, url, job.force, true))
  const failed = disks.find((disk) => "reason" in disk)
  const reason =
    outcome ?? job.early ?? (failed !== undefined && "reason" in failed ? failed.reason : undefined)
  if (reason !== undefined) {
    image.state = "IMPORTFAILED"
    image.reason = reason
    if (box.behaviour.tagsAttachAfter === "normal") delete image.lateTags
    return
  }
  image.state = "NORMAL"
  image.snapshots = disks.map((disk, index) => ({
    id: newId(box.world, "snap"),
    usage: index === 0 ? ("SYSTEM_DISK" as const) : ("DATA_DISK" as const),
    sizeGiB: gib("virtualBytes" in disk ? disk.virtualBytes : gibibyte),
  }))
  image.sizeGiB = image.snapshots[0]?.sizeGiB ?? 1
  image.cloudInit = !job.force && image.platform !== "Windows"
}

/** What the behaviour decides about an import by its URL or name, before the bytes do; taken back, the bytes decide. */
function plannedOutcome(
  behaviour: Behaviour,
  url: string,
  name: string,
): FailureReason | "never" | undefined {
  for (const [pattern, outcome] of Object.entries(behaviour.importOutcomes)) {
    if (pattern === name || url.includes(pattern)) return outcome
  }
  return undefined
}

function gib(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / gibibyte))
}

/** An image that a caller may name: his own, one shared with him, or a public one. */
export interface Sighting {
  image: ImageRecord
  type: "PRIVATE_IMAGE" | "SHARED_IMAGE" | "PUBLIC_IMAGE"
}

/** Finds a visible image of a region by id, as an account sees it. */
export function findImage(box: Box, account: string, region: string, id: string): Sighting | undefined {
  const own = settle(box, account, region).images.get(id)
  if (own !== undefined) {
    return isVisible(own, box.clock.now()) ? { image: own, type: "PRIVATE_IMAGE" } : undefined
  }
  const open = partitionOf(box.world, "", region).images.get(id)
  if (open !== undefined) return { image: open, type: "PUBLIC_IMAGE" }
  for (const image of box.world.received.get(`${account}/${region}`) ?? []) {
    if (image.id === id) return { image, type: "SHARED_IMAGE" }
  }
  return undefined
}

/** Every visible image of a region that an account sees, in the order of the listing. */
export function listImages(box: Box, account: string, region: string): Sighting[] {
  const now = box.clock.now()
  const result: Sighting[] = []
  for (const image of sorted(box, partitionOf(box.world, "", region)))
    result.push({ image, type: "PUBLIC_IMAGE" })
  const received = box.world.received.get(`${account}/${region}`)
  for (const image of received ?? []) settle(box, image.owner, region)
  for (const image of [...(received ?? [])].sort(order(box.behaviour)))
    result.push({ image, type: "SHARED_IMAGE" })
  for (const image of sorted(box, settle(box, account, region))) {
    if (isVisible(image, now)) result.push({ image, type: "PRIVATE_IMAGE" })
  }
  return result
}

function sorted(box: Box, partition: Partition): ImageRecord[] {
  partition.listing ??= [...partition.images.values()].sort(order(box.behaviour))
  return partition.listing
}

function order(behaviour: Behaviour): (a: ImageRecord, b: ImageRecord) => number {
  if (behaviour.listOrder === "oldest") return (a, b) => a.sequence - b.sequence
  if (behaviour.listOrder === "newest") return (a, b) => b.sequence - a.sequence
  return (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** The images that hold a name in an account and region, visible or not. */
export function nameHolders(box: Box, account: string, region: string, name: string): ImageRecord[] {
  const partition = settle(box, account, region)
  const { namesIgnoreCase, failedHoldsName } = box.behaviour
  return [...(partition.names.get(name.toLowerCase()) ?? [])].filter(
    (image) =>
      (namesIgnoreCase || image.name === name) && (failedHoldsName || !image.state.endsWith("FAILED")),
  )
}

/** How many images of the quota an account has used in a region, and how many it may have. */
export function quotaOf(box: Box, account: string, region: string): { used: number; quota: number } {
  const partition = settle(box, account, region)
  let used = partition.images.size
  if (!box.behaviour.failedCountsQuota) {
    for (const image of partition.images.values()) if (image.state.endsWith("FAILED")) used -= 1
  }
  const own = box.accounts.byUin(account)?.quota
  const quota = typeof own === "object" ? own[region] : own
  return { used, quota: quota ?? box.behaviour.quota }
}
