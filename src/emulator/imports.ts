/**
 * The life of an image. The world has no timers: every read first settles what the clock has made due. An import
 * passes through: accepted (hidden, but it holds its name and its place in the quota) -> visible as IMPORTING ->
 * NORMAL or IMPORTFAILED, by the bytes of its object as they are at the end. A copy: SYNCING -> NORMAL.
 */
import type { Behaviour, FailureReason } from "./behaviour.ts"
import type { Box } from "./box.ts"
import { maxDataBytes, sniff } from "./formats.ts"
import { accessTo, type CosAddress, parseCosUrl, type StoredObject } from "./objects.ts"
import { digits, type ImageRecord, newId, type Partition, partitionOf, removeImage } from "./world.ts"

/** What the importer found under a URL: sizes in bytes, or why it cannot be imported. */
export type Probe = { bytes: number; virtualBytes: number } | { bytes: number; reason: FailureReason }

const gibibyte = 1024 ** 3

/**
 * Looks at the object behind a URL as the importer would. At the end of an import (`fetched`) only the bytes count:
 * its signature was looked at when it was accepted.
 */
export function probe(box: Box, url: string, force: boolean, fetched: boolean = false): Probe {
  const address = parseCosUrl(url)
  if (typeof address === "string") return { bytes: 0, reason: "InvalidUrl" }
  const object = box.objects.find(address.bucket, address.key)
  if (typeof object === "string") return { bytes: 0, reason: "InvalidUrl" }
  if (!fetched && !opens(box, address, object)) return { bytes: object.size, reason: "InvalidUrl" }
  try {
    const verdict = sniff(object.size, object.read, force)
    if (verdict.format === undefined) return { bytes: object.size, reason: verdict.reason }
    return { bytes: object.size, virtualBytes: verdict.virtualBytes }
  } catch {
    return { bytes: object.size, reason: "InvalidUrl" }
  }
}

/** Whether the importer may read an object: it is public, or the URL carries a good signature not yet used. */
function opens(box: Box, address: CosAddress, object: StoredObject): boolean {
  const { host, key, query, appid } = address
  const request = { method: "GET", paths: [`/${key}`], hosts: [host], headers: {}, query, appid }
  const access = accessTo(object, request, box.accounts, box.wall.now())
  const signature = query.get("q-signature")
  const used = box.behaviour.signedUrlOnce && signature !== null && box.visited.has(signature)
  return (access === "public" || access === "valid") && !used
}

/** Remembers that a signed URL was visited. */
export function visit(box: Box, query: URLSearchParams): void {
  const signature = query.get("q-signature")
  if (signature === null) return
  if (box.visited.size > 100_000) box.visited.clear()
  box.visited.add(signature)
}

/** When an import accepted at `now` becomes visible and when it ends, in milliseconds of the world. */
export function schedule(
  behaviour: Behaviour,
  found: Probe,
  now: number,
  id: string,
): { visibleAt: number; finishAt: number } {
  const delay = behaviour.visibilityDelayMs
  const visibleAt = now + (typeof delay === "number" ? delay : delay[0] + share(id) * (delay[1] - delay[0]))
  if ("reason" in found) return { visibleAt, finishAt: visibleAt + behaviour.failAfterMs }
  const size = (Math.min(found.bytes, maxDataBytes) / gibibyte) * behaviour.importMsPerGiB
  return { visibleAt, finishAt: visibleAt + behaviour.importMs + size }
}

/** A number from 0 to 1 that belongs to an id. */
function share(id: string): number {
  return Number.parseInt(digits(id).slice(0, 4), 36) / 36 ** 4
}

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
  if (image.state === "IMPORTING" && image.job !== undefined && now >= image.job.finishAt)
    finishImport(box, image)
  if (image.copy !== undefined && now >= image.copy.finishAt) {
    delete image.copy
    image.state = "NORMAL"
    image.snapshots = [{ id: newId(box.world, "snap"), usage: "SYSTEM_DISK", sizeGiB: image.sizeGiB }]
  }
  const waits = image.state === "IMPORTING" && box.behaviour.tagsAttachAfter === "normal"
  if (image.lateTags !== undefined && now >= image.lateTags.at && !waits) {
    image.tags = { ...image.lateTags.tags, ...image.tags }
    delete image.lateTags
  }
  const open = image.state === "IMPORTING" || image.copy || image.lateTags || image.goneAt !== undefined
  if (!open) partition.pending.delete(image)
}

function finishImport(box: Box, image: ImageRecord): void {
  const job = image.job
  if (job === undefined) return
  const outcome = plannedOutcome(box.behaviour, job.url, image.name)
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
    return own.visibleAt <= box.clock.now() ? { image: own, type: "PRIVATE_IMAGE" } : undefined
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
    if (image.visibleAt <= now) result.push({ image, type: "PRIVATE_IMAGE" })
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
