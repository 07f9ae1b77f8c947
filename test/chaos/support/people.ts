/** What stands in the cloud when the story begins, and what people do there while it goes on. */
import type { FailureReason } from "../../../src/emulator/behaviour.ts"
import type { SeedImage } from "../../../src/emulator/handle.ts"
import type { ImageRecord } from "../../../src/emulator/world.ts"
import type { Desired, DesiredPlacement } from "../../../src/model/desired.ts"
import { IMAGE_TAG, STACK_TAG, type Stamp, stampDescription } from "../../../src/model/provenance.ts"
import { attributesHash, imageHash, sourceFingerprint, specHash } from "../../../src/plan/index.ts"
import type { EventClock } from "./clock.ts"
import { type Manifests, placementOf } from "./manifests.ts"
import type { Random } from "./random.ts"
import { type Server, UINS } from "./server.ts"

const OTHER_STACK = "ffffffff"

/** Images of every kind that a placement may meet. */
export function populate(r: Random, server: Server, m: Manifests): void {
  for (const wish of m.wishes) {
    for (const account of wish.accounts) {
      for (const region of wish.regions) {
        const own = r.fork(`${account} ${region} ${wish.image}`)
        const count = own.weighted({ 0: 4, 1: 4, 2: 2, 3: 1 }) as unknown as number
        for (let i = 0; i < count; i += 1) {
          const version = own.chance(0.5) ? wish.version : 1 + own.int(3)
          put(own, server, placementOf({ ...wish, version }, account, region), m)
        }
      }
    }
  }
}

function put(
  r: Random,
  server: Server,
  p: DesiredPlacement,
  { stack: { id: stack }, licensed }: Manifests,
): void {
  const kind = r.weighted({ ours: 8, staged: 2, retired: 2, nobody: 3, lookalike: 2, other: 1, shared: 1 })
  const hash = specHash(p).slice(0, 8)
  const own = p.match === "family" ? `${p.image}-${hash}` : p.image
  const name =
    kind === "staged"
      ? `${p.image}.next-${hash}`
      : kind === "retired"
        ? `${p.image}.prev-img-${r.int(10)}abcdefg`
        : kind === "lookalike"
          ? r.pick([`${p.image}-2`, p.image.toUpperCase(), `${p.image}.next-zz`, `x${p.image}`])
          : own
  const holders = [...server.images(p.account, p.region).values()]
  if (
    holders.some((i) => i.name === name) &&
    (server.box.behaviour.duplicateNames !== "never" || r.chance(0.7))
  )
    return
  const states = { NORMAL: 10, IMPORTING: 1.5, IMPORTFAILED: 2, PONDERING: 0.3 }
  const state = kind === "retired" ? "NORMAL" : r.weighted(states)
  const marked = kind !== "nobody" && kind !== "lookalike" && kind !== "shared"
  const stamp: Stamp = {
    version: 1,
    stack: kind === "other" ? OTHER_STACK : stack,
    image: imageHash(p.image),
    spec: specHash(p),
    source: sourceFingerprint(p),
    attributes: attributesHash(p),
  }
  const wanted = Object.entries(p.tags).filter((e): e is [string, string] => e[1] !== null)
  const protect: Record<string, string> = r.chance(0.08) ? { "cvmimg.protect": "yes" } : {}
  const tagged = marked && r.chance(0.7) ? { [STACK_TAG]: stamp.stack, [IMAGE_TAG]: p.image } : {}
  const stamped = marked && (Object.keys(tagged).length === 0 || r.chance(0.9))
  const normal = state === "NORMAL"
  const reason: { reason?: FailureReason } = state === "IMPORTFAILED" ? { reason: "InternalError" } : {}
  const seed: SeedImage = {
    region: p.region,
    name,
    account: kind === "shared" ? (UINS.second ?? "") : (UINS[p.account] ?? ""),
    state,
    ...(state === "IMPORTING" ? { finishInMs: r.between(10_000, 600_000) } : {}),
    description: stamped ? stampDescription(p.description ?? "", stamp) : (p.description ?? ""),
    family: kind === "staged" || r.chance(0.2) ? "" : (p.family ?? r.pick(["", "f"])),
    deprecated: r.chance(0.15),
    license: p.licenseType ?? "TencentCloud",
    tags: { ...(r.chance(0.8) ? Object.fromEntries(wanted) : {}), ...tagged, ...protect },
    sharedWith:
      kind === "shared" ? [UINS.default ?? ""] : normal && !licensed && r.chance(0.1) ? ["200000000001"] : [],
    createdAt: server.world.now() - r.between(0, 90) * 3_600_000,
    url: p.source.url,
    ...reason,
  }
  const id = server.world.addImage(seed)
  const image = server.images(p.account, p.region).get(id)
  if (image?.job !== undefined)
    Object.assign(image.job, {
      osType: p.os.type,
      osVersion: p.os.version,
      bootMode: p.bootMode ?? "Legacy BIOS",
    })
}

/** Somebody does something, somewhere. Says what, for the trace. */
export function meddle(r: Random, server: Server, desired: Desired): string {
  const p = r.pick(desired.placements)
  if (p === undefined) return "nothing"
  const { account, region } = p
  const images = [...server.images(account, region).values()]
  const what = r.weighted({
    delete: 3,
    rename: 1,
    take: 2,
    unstamp: 0.7,
    untag: 1,
    protect: 1,
    deprecate: 1,
    text: 1,
    share: 1,
    family: 0.7,
  })
  if (what === "take") {
    const hash = specHash(p).slice(0, 8)
    const name = r.pick([p.image, `${p.image}.next-${hash}`, `${p.image}-${hash}`])
    const fenced = server.box.behaviour.duplicateNames !== "never"
    if (fenced && images.some((i) => i.name === name)) return "nothing"
    const id = server.world.addImage({
      region,
      account: UINS[account] ?? "",
      name,
      family: r.pick(["", p.family ?? ""]),
    })
    server.meddle(account, region, id)
    return `somebody made ${name} in ${region}: ${id}`
  }
  const image = r.pick(images)
  if (image === undefined) return "nothing"
  // The service changes attributes and shares of a NORMAL image only.
  const free = what === "delete" || what === "untag" || what === "protect"
  if (!free && image.state !== "NORMAL") return "nothing"
  server.meddle(account, region, image.id)
  if (what === "delete") {
    if (image.state === "IMPORTING" || image.shares.length > 0) return "nothing"
    server.world.removeImage(image.id)
  } else {
    const change = changeOf(r, what, image, p)
    server.world.changeImage(image.id, change)
  }
  return `somebody: ${what} ${image.id} (${image.name}) in ${region}`
}

type Change = Parameters<Server["world"]["changeImage"]>[1]

function changeOf(r: Random, what: string, image: ImageRecord, p: DesiredPlacement): Change {
  switch (what) {
    case "rename":
      return { name: `${image.name}-renamed-${r.int(1000)}`.slice(-60) }
    case "unstamp":
      return { description: "mine now" }
    case "untag":
      return { tags: {} }
    case "protect":
      return { tags: { ...image.tags, "cvmimg.protect": "1" } }
    case "deprecate":
      return { deprecated: !image.deprecated }
    case "text":
      return { description: `edited ${image.description}` }
    case "share":
      return image.license !== "BYOL" && !image.name.includes(".next-")
        ? { sharedWith: ["200000000009"] }
        : {}
    default:
      return { family: image.family === "" ? (p.family ?? "") : "" }
  }
}

/** What becomes of an import that was just accepted, beside what becomes of every import. */
export function decree(
  r: Random,
  server: Server,
  clock: EventClock,
  image: ImageRecord,
  wild: number,
  windowMs: number,
): string {
  if (!r.chance(wild)) return ""
  const now = clock.now()
  const finish = image.job?.finishAt ?? now
  const what = r.weighted({
    fails: 4,
    never: 1,
    flickers: 3,
    late: 2,
    removed: 2,
    renamed: 0.7,
    stripped: 0.5,
  })
  const later = image.visibleAt + r.int(Math.max(1, finish - image.visibleAt + 5_000))
  const touch = (at: number, what: () => void): void => {
    clock.at(at - now + clock.time, () => {
      if (server.images(accountOf(image), image.region).has(image.id)) {
        server.meddle(accountOf(image), image.region, image.id)
        what()
      }
      return false
    })
  }
  if (what === "fails") image.fate = { outcome: r.pick(["VirtioNotInstall", "InternalError"] as const) }
  if (what === "never") image.fate = { outcome: "never" }
  if (what === "flickers") image.fate = { hidden: [[later, later + r.between(200, 1_900)]] }
  // With a request that arrived late it has to be seen within the window still: nobody can know of it afterwards.
  if (what === "late") image.visibleAt += r.pick([30_000, Math.min(240_000, windowMs - 210_000)])
  if (what === "late" && image.job !== undefined) image.job.finishAt += 1_000
  if (what === "removed") touch(later, () => server.world.removeImage(image.id))
  const normal = Math.max(later, finish + 1_000)
  if (what === "renamed") touch(normal, () => server.world.changeImage(image.id, { name: `${image.name}-x` }))
  if (what === "stripped") touch(normal, () => server.world.changeImage(image.id, { description: "" }))
  return `${image.id} ${what}`
}

export function accountOf(image: ImageRecord): string {
  return Object.entries(UINS).find(([, uin]) => uin === image.owner)?.[0] ?? ""
}
