import type { AccountOptions } from "./accounts.ts"
import type { FailureReason } from "./behaviour.ts"
import type { Box } from "./box.ts"
import { settle } from "./imports.ts"
import { knownRegions } from "./regions.ts"
import {
  digits,
  type ImageRecord,
  type ImageState,
  insertImage,
  newId,
  partitionOf,
  rememberTag,
  removeImage,
} from "./world.ts"

/** An image to put into a world. What is left out is that of an ordinary NORMAL imported image. */
export interface SeedImage {
  region: string
  name: string
  id?: string
  /** Root account of the owner; by default the first account. Ignored for PUBLIC_IMAGE. */
  account?: string
  type?: "PRIVATE_IMAGE" | "PUBLIC_IMAGE"
  /** Any text: unknown states are possible. IMPORTING without end unless `finishInMs` is given. */
  state?: ImageState
  finishInMs?: number
  description?: string
  family?: string
  deprecated?: boolean
  architecture?: string
  osName?: string
  platform?: string
  source?: string
  sizeGiB?: number
  license?: string
  creator?: string | null
  cloudInit?: boolean | null
  encrypted?: boolean
  tags?: Record<string, string>
  /** Accounts that see it as SHARED_IMAGE. */
  sharedWith?: readonly string[]
  /** Milliseconds of the world; by default now. */
  createdAt?: number
  visibleAt?: number
  /** Source URL, for an imported image. */
  url?: string
  reason?: FailureReason
}

/** The world from outside: to seed it and to look at what the API does not show. */
export interface EmulatorWorld {
  /** Puts an image in and answers its id. Its tags then exist in the account. */
  addImage(seed: SeedImage): string
  /** Changes fields of an image behind the API's back. Answers false when there is no such image. */
  changeImage(id: string, change: Partial<Omit<SeedImage, "id" | "region" | "account" | "type">>): boolean
  /** Removes an image behind the API's back. Answers false when there is no such image. */
  removeImage(id: string): boolean
  /** Copies of the images of an account (default: all) in a region (default: all), hidden ones included. */
  images(account?: string, region?: string): ImageRecord[]
  image(id: string): ImageRecord | undefined
  createTag(key: string, value: string, account?: string): void
  /** Ids of snapshots whose image was deleted without them. */
  leftSnapshots(): string[]
  tags(account?: string): { key: string; value: string }[]
  /** Adds an account or replaces it, keys and all; images stay. */
  setAccount(options: AccountOptions): void
  /** World time in milliseconds since the epoch. */
  now(): number
  /** Moves the world ahead; false when its clock cannot be moved. */
  advance(milliseconds: number): boolean
}

export function worldHandle(box: Box): EmulatorWorld {
  const first = (): string => box.accounts.list[0]?.uin ?? ""
  const everyone = function* (account?: string, region?: string): Generator<ImageRecord> {
    for (const key of box.world.partitions.keys()) {
      const [owner = "", place = ""] = key.split("/")
      if (owner === "" || (account ?? owner) !== owner || (region ?? place) !== place) continue
      yield* settle(box, owner, place).images.values()
    }
  }
  const find = (id: string): ImageRecord | undefined => {
    for (const image of everyone()) if (image.id === id) return image
    return undefined
  }
  return {
    addImage: (seed) => addImage(box, seed, first()),
    changeImage(id, change) {
      const image = find(id)
      if (image === undefined) return false
      removeImage(box.world, image)
      const { sharedWith, finishInMs, url, ...fields } = change
      Object.assign(image, fields)
      const now = box.clock.now()
      if (sharedWith !== undefined) image.shares = sharedWith.map((accountId) => ({ accountId, at: now }))
      if (image.job !== undefined && finishInMs !== undefined) image.job.finishAt = now + finishInMs
      if (image.job !== undefined && url !== undefined) image.job.url = url
      insertImage(box.world, image)
      return true
    },
    removeImage(id) {
      const image = find(id)
      if (image !== undefined) removeImage(box.world, image)
      return image !== undefined
    },
    images: (account, region) => [...everyone(account, region)].map((image) => structuredClone(image)),
    image: (id) => structuredClone(find(id)),
    leftSnapshots: () => [...box.world.leftSnapshots],
    createTag: (key, value, account) => rememberTag(box.world, account ?? first(), key, value),
    tags(account) {
      const keys = [...(box.world.tags.get(account ?? first()) ?? [])]
      return keys.flatMap(([key, values]) => [...values].map((value) => ({ key, value })))
    },
    setAccount: (options) => box.accounts.set(options),
    now: () => box.clock.now(),
    advance(milliseconds) {
      box.clock.advance?.(milliseconds)
      return box.clock.advance !== undefined
    },
  }
}

function addImage(box: Box, seed: SeedImage, firstAccount: string): string {
  const { world } = box
  const now = box.clock.now()
  const open = seed.type === "PUBLIC_IMAGE"
  const owner = open ? "" : (seed.account ?? firstAccount)
  const id = seed.id ?? newId(world, "img")
  world.sequence += 1
  const state = seed.state ?? "NORMAL"
  const sizeGiB = seed.sizeGiB ?? 10
  const importing = state === "IMPORTING"
  const image: ImageRecord = {
    id,
    owner,
    region: seed.region,
    sequence: world.sequence,
    name: seed.name,
    description: seed.description ?? "",
    state,
    source: seed.source ?? (open ? "OFFICIAL" : "EXTERNAL_IMPORT"),
    architecture: seed.architecture ?? "x86_64",
    osName: seed.osName ?? "Ubuntu 22 64bit",
    platform: seed.platform ?? "Ubuntu",
    sizeGiB,
    license: seed.license ?? "TencentCloud",
    family: seed.family ?? "",
    deprecated: seed.deprecated ?? false,
    creator: seed.creator === undefined ? (open ? "tencent" : owner) : seed.creator,
    cloudInit: seed.cloudInit === undefined ? true : seed.cloudInit,
    snapshots:
      state === "NORMAL" && !open ? [{ id: newId(world, "snap"), usage: "SYSTEM_DISK", sizeGiB }] : [],
    tags: { ...seed.tags },
    shares: (seed.sharedWith ?? []).map((accountId) => ({ accountId, at: now })),
    encrypted: seed.encrypted ?? false,
    createdAt: seed.createdAt ?? now,
    visibleAt: seed.visibleAt ?? 0,
  }
  if (seed.reason !== undefined) image.reason = seed.reason
  if (importing || seed.url !== undefined) {
    image.job = {
      url: seed.url ?? `https://seed-1250000000.cos.${seed.region}.myqcloud.com/seed.qcow2`,
      dataDisks: [],
      osType: image.platform,
      osVersion: "-",
      bootMode: "Legacy BIOS",
      force: false,
      acceptedAt: image.createdAt,
      finishAt: seed.finishInMs === undefined ? Number.MAX_SAFE_INTEGER : now + seed.finishInMs,
      early: null,
    }
  }
  for (const [key, value] of Object.entries(image.tags)) rememberTag(world, owner, key, value)
  insertImage(world, image)
  return id
}

const catalogue: readonly [
  name: string,
  platform: string,
  osName: string,
  architecture: string,
  sizeGiB: number,
][] = [
  ["TencentOS Server 3.1 (TK4)", "TencentOS", "TencentOS Server 3.1 (TK4) 64bit", "x86_64", 20],
  ["Ubuntu Server 22.04 LTS 64bit", "Ubuntu", "Ubuntu Server 22.04 LTS 64bit", "x86_64", 20],
  ["Ubuntu Server 24.04 LTS 64bit", "Ubuntu", "Ubuntu Server 24.04 LTS 64bit", "x86_64", 20],
  ["Debian 12.0 64bit", "Debian", "Debian 12.0 64bit", "x86_64", 20],
  ["CentOS 7.9 64bit", "CentOS", "CentOS 7.9 64bit", "x86_64", 20],
  ["Windows Server 2022 Datacenter 64bit", "Windows", "Windows Server 2022 Datacenter 64bit", "x86_64", 50],
]

/** Puts the public images of the service into every region: the same ids everywhere, as the service has them. */
export function addPublicImages(box: Box): void {
  for (const region of knownRegions.keys()) {
    for (const [name, platform, osName, architecture, sizeGiB] of catalogue) {
      const id = `img-${digits(`public/${name}`)}`
      const createdAt = Date.UTC(2024, 0, 1)
      if (partitionOf(box.world, "", region).images.has(id)) continue
      addImage(
        box,
        { region, name, id, type: "PUBLIC_IMAGE", platform, osName, architecture, sizeGiB, createdAt },
        "",
      )
    }
  }
}
