import { createHash, randomBytes } from "node:crypto"
import type { FailureReason } from "./behaviour.ts"

export type ImageState =
  | "CREATING"
  | "NORMAL"
  | "CREATEFAILED"
  | "SYNCING"
  | "IMPORTING"
  | "IMPORTFAILED"
  | (string & {})

/** An import as it was accepted. Times are milliseconds of the world. */
interface ImportJob {
  url: string
  dataDisks: string[]
  osType: string
  osVersion: string
  bootMode: string
  force: boolean
  acceptedAt: number
  finishAt: number
  /** What was wrong with the object when the import was accepted. */
  early: FailureReason | null
}

/** What a fault decreed about the life of an import. Times are milliseconds of the world. */
export interface Fate {
  outcome?: FailureReason | "never"
  /** When it cannot be seen although it is visible. */
  hidden?: [from: number, to: number][]
  /** What somebody does to it, in the order of time. */
  events?: { at: number; state?: string; name?: string; removed?: true }[]
}

/** One image of one region, as the server knows it. Everything is JSON. */
export interface ImageRecord {
  id: string
  /** The root account that owns it; empty for a public image. */
  owner: string
  region: string
  /** Order of creation in the world. */
  sequence: number
  name: string
  description: string
  state: ImageState
  source: string
  architecture: string
  osName: string
  platform: string
  sizeGiB: number
  license: string
  family: string
  deprecated: boolean
  creator: string | null
  cloudInit: boolean | null
  snapshots: { id: string; usage: "SYSTEM_DISK" | "DATA_DISK"; sizeGiB: number }[]
  tags: Record<string, string>
  shares: { accountId: string; at: number }[]
  encrypted: boolean
  createdAt: number
  /** Before this moment no reading call shows the image. */
  visibleAt: number
  /** Set while it is imported, kept afterwards. */
  job?: ImportJob
  /** Set while it is copied from another region. */
  copy?: { startAt: number; finishAt: number }
  /** Tags still to be attached. */
  lateTags?: { at: number; tags: Record<string, string> }
  /** From this moment the image is gone. */
  goneAt?: number
  /** Why it failed; the API does not tell. */
  reason?: FailureReason
  fate?: Fate
}

/** The images of one account in one region; account "" holds the public ones. */
export interface Partition {
  images: Map<string, ImageRecord>
  /** By name in lower case. */
  names: Map<string, Set<ImageRecord>>
  /** Images with something still to happen. */
  pending: Set<ImageRecord>
  /** Every image in the order of the listing; null: to be sorted again. */
  listing: ImageRecord[] | null
}

/** Everything that exists. */
export interface World {
  partitions: Map<string, Partition>
  /** Images shared with an account, by `account/region`. */
  received: Map<string, Set<ImageRecord>>
  /** Tags that exist: account, key, values. */
  tags: Map<string, Map<string, Set<string>>>
  /** Snapshots that stayed when their image was deleted without DeleteBindedSnap. */
  leftSnapshots: string[]
  sequence: number
  seed: string
}

export function createWorld(seed?: string): World {
  return {
    partitions: new Map(),
    received: new Map(),
    tags: new Map(),
    leftSnapshots: [],
    sequence: 0,
    seed: seed ?? randomBytes(8).toString("hex"),
  }
}

export function partitionOf(world: World, owner: string, region: string): Partition {
  const key = `${owner}/${region}`
  let partition = world.partitions.get(key)
  if (partition === undefined) {
    partition = { images: new Map(), names: new Map(), pending: new Set(), listing: null }
    world.partitions.set(key, partition)
  }
  return partition
}

/** Puts an image into the world, with its indexes. */
export function insertImage(world: World, image: ImageRecord): void {
  const partition = partitionOf(world, image.owner, image.region)
  partition.images.set(image.id, image)
  partition.listing = null
  indexName(partition, image)
  if (image.job?.finishAt !== undefined || image.copy || image.lateTags || image.goneAt || image.fate?.events)
    partition.pending.add(image)
  for (const share of image.shares) addReceived(world, share.accountId, image)
}

/** Whether reading calls show an image at a moment of the world. */
export function isVisible({ visibleAt, fate }: ImageRecord, now: number): boolean {
  return visibleAt <= now && !fate?.hidden?.some(([from, to]) => now >= from && now < to)
}

/** Takes an image out of the world. */
export function removeImage(world: World, image: ImageRecord): void {
  const partition = partitionOf(world, image.owner, image.region)
  partition.images.delete(image.id)
  partition.pending.delete(image)
  partition.listing = null
  partition.names.get(image.name.toLowerCase())?.delete(image)
  for (const share of image.shares) world.received.get(`${share.accountId}/${image.region}`)?.delete(image)
}

/** Renames an image and keeps the index of names right. */
export function renameImage(world: World, image: ImageRecord, name: string): void {
  const partition = partitionOf(world, image.owner, image.region)
  partition.names.get(image.name.toLowerCase())?.delete(image)
  image.name = name
  indexName(partition, image)
}

function indexName(partition: Partition, image: ImageRecord): void {
  const key = image.name.toLowerCase()
  const named = partition.names.get(key)
  if (named === undefined) partition.names.set(key, new Set([image]))
  else named.add(image)
}

export function addReceived(world: World, accountId: string, image: ImageRecord): void {
  const key = `${accountId}/${image.region}`
  const received = world.received.get(key)
  if (received === undefined) world.received.set(key, new Set([image]))
  else received.add(image)
}

/** A new id of the form `img-xxxxxxxx` (or another prefix): from the world's seed, so that a run can be repeated. */
export function newId(world: World, prefix: "img" | "snap"): string {
  world.sequence += 1
  return `${prefix}-${digits(`${world.seed}/${prefix}/${world.sequence}`)}`
}

/** Eight characters of [0-9a-z] out of a text. */
export function digits(text: string): string {
  const bytes = createHash("sha256").update(text).digest()
  let result = ""
  for (let index = 0; index < 8; index += 1) result += ((bytes[index] ?? 0) % 36).toString(36)
  return result
}

/** Remembers that a tag exists in an account. */
export function rememberTag(world: World, account: string, key: string, value: string): void {
  let keys = world.tags.get(account)
  if (keys === undefined) {
    keys = new Map()
    world.tags.set(account, keys)
  }
  const values = keys.get(key)
  if (values === undefined) keys.set(key, new Set([value]))
  else values.add(value)
}
