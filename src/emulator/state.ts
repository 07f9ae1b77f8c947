import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync } from "node:fs"
import { open, rename } from "node:fs/promises"
import { dirname } from "node:path"
import type { Epoch } from "./clock.ts"
import { createWorld, type ImageRecord, insertImage, rememberTag, type World } from "./world.ts"

/** What a state file holds. Public images are not part of it: they come with the emulator. */
interface State {
  formatVersion: 1
  epoch: Epoch | null
  sequence: number
  seed: string
  images: ImageRecord[]
  tags: [account: string, key: string, values: string[]][]
  leftSnapshots: string[]
}

/** Reads a state file; undefined when there is none. Throws when it cannot be read or is of another format. */
export function loadState(path: string): { world: World; epoch: Epoch | undefined } | undefined {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
  const state = parse(path, text)
  const world = createWorld(state.seed)
  for (const image of state.images) insertImage(world, image)
  for (const [account, key, values] of state.tags) {
    for (const value of values) rememberTag(world, account, key, value)
  }
  world.sequence = state.sequence
  world.leftSnapshots = state.leftSnapshots
  return { world, epoch: state.epoch ?? undefined }
}

/** Another file is no mistake of this program: the error has a code, as those of the file system have. */
function parse(path: string, text: string): State {
  try {
    const state: unknown = JSON.parse(text)
    if (isState(state)) return state
  } catch {
    // The parser's message would quote the file.
  }
  throw Object.assign(new Error(`${path}: not a state file of this emulator`), { code: "ENOSTATE" })
}

function isState(value: unknown): value is State {
  if (!isObject(value) || value.formatVersion !== 1) return false
  const { epoch, sequence, seed, images, tags, leftSnapshots } = value
  return (
    (epoch === null || (isObject(epoch) && areNumbers(epoch.wall, epoch.world, epoch.speed))) &&
    areNumbers(sequence) &&
    areTexts(seed) &&
    Array.isArray(images) &&
    images.every(isImage) &&
    Array.isArray(tags) &&
    tags.every(isTag) &&
    isListOfTexts(leftSnapshots)
  )
}

/** What every image has; the rest is written by this emulator, or not at all. */
function isImage(value: unknown): value is ImageRecord {
  if (!isObject(value)) return false
  const { id, owner, region, name, description, state, family, platform, osName, architecture, license } =
    value
  const { sequence, createdAt, visibleAt, sizeGiB, tags, shares, snapshots } = value
  return (
    areTexts(id, owner, region, name, description, state, family, platform, osName, architecture, license) &&
    areNumbers(sequence, createdAt, visibleAt, sizeGiB) &&
    areTimes(createdAt, visibleAt) &&
    isObject(tags) &&
    areTexts(...Object.values(tags)) &&
    Array.isArray(shares) &&
    shares.every((share) => isObject(share) && areTexts(share.accountId) && areTimes(share.at)) &&
    Array.isArray(snapshots) &&
    snapshots.every((disk) => isObject(disk) && areTexts(disk.id)) &&
    [value.job, value.copy, value.lateTags, value.fate].every((part) => part === undefined || isObject(part))
  )
}

function isTag(value: unknown): value is State["tags"][number] {
  return Array.isArray(value) && areTexts(value[0], value[1]) && isListOfTexts(value[2])
}

function isListOfTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((member) => typeof member === "string")
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string")
}

function areNumbers(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "number")
}

function areTimes(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "number" && !Number.isNaN(new Date(value).getTime()))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/**
 * Writes the world to a temporary file and renames it. Calls that come while one is being written share the next
 * one, so that a burst of writes costs two files and each is answered only when it is on disk.
 */
export function stateWriter(path: string, world: World, epoch: () => Epoch | undefined): () => Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const write = async (): Promise<void> => {
    const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`
    const file = await open(temporary, "w", 0o600)
    try {
      await file.writeFile(JSON.stringify(toState(world, epoch())))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  }
  const start = (): Promise<void> => {
    next = undefined
    running = write().finally(() => {
      running = undefined
    })
    return running
  }
  return () => {
    if (running === undefined) return start()
    next ??= running.then(start, start)
    return next
  }
}

function toState(world: World, epoch: Epoch | undefined): State {
  const images: ImageRecord[] = []
  for (const [key, partition] of world.partitions) {
    if (!key.startsWith("/")) images.push(...partition.images.values())
  }
  const tags: State["tags"] = []
  for (const [account, keys] of world.tags) {
    for (const [key, values] of keys) tags.push([account, key, [...values]])
  }
  const { sequence, seed, leftSnapshots } = world
  return { formatVersion: 1, epoch: epoch ?? null, sequence, seed, images, tags, leftSnapshots }
}
