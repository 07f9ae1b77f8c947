/** Manifests at random, and what people change in them from one run to the next. */
import type { Desired, DesiredFamily, DesiredPlacement } from "../../../src/model/desired.ts"
import type { Stack } from "../../../src/model/stack.ts"
import { AT, aPlacement, STACK } from "../../plan/build.ts"
import type { Random } from "./random.ts"

/** One image as a person writes it down. */
export interface Wish {
  readonly image: string
  readonly match: "name" | "family"
  readonly version: number
  readonly checksum: boolean
  readonly bootMode?: "Legacy BIOS" | "UEFI"
  readonly licenseType?: "TencentCloud" | "BYOL"
  readonly description?: string
  readonly family?: string
  readonly deprecated?: boolean
  readonly tags: Readonly<Record<string, string | null>>
  readonly sharedWith?: readonly string[]
  readonly release: "perRegion" | "together"
  readonly regions: readonly string[]
  readonly accounts: readonly string[]
  readonly lifecycle: Partial<DesiredPlacement["lifecycle"]>
  readonly formerNames: readonly string[]
}

export interface Manifests {
  readonly stack: Stack
  readonly wishes: readonly Wish[]
  readonly families: readonly DesiredFamily[]
  /** Images may bring their own licence, and are not shared then. */
  readonly licensed: boolean
}

export const REGIONS = ["ap-singapore", "eu-frankfurt", "ap-hongkong"] as const
const SHARES = ["200000000001", "200000000002"]

export function someManifests(r: Random): Manifests {
  const regions = REGIONS.slice(0, r.weighted({ 1: 5, 2: 4, 3: 1 }) as unknown as number)
  const accounts = r.chance(0.08) ? ["default", "second"] : ["default"]
  const names = ["a", "b", "c"].slice(0, r.weighted({ 1: 4, 2: 4, 3: 2 }) as unknown as number)
  const licensed = r.chance(0.3)
  const wishes = names.map((image) => someWish(r.fork(`image ${image}`), image, regions, accounts, licensed))
  const families = r.chance(0.2)
    ? [
        {
          name: "f",
          retain: r.chance(0.5) ? { last: 1 + r.int(2) } : { withinMs: r.pick([0, 3_600_000]) },
          beyond: r.pick(["deprecate", "delete"] as const),
          at: AT,
        },
      ]
    : []
  const many = { count: 99 }
  const safety = r.chance(0.2)
    ? STACK.safety
    : { maxDeletes: many, maxReplaces: many, maxFamilyMoves: many, maxDeprecates: many }
  const stack: Stack = {
    ...STACK,
    accounts: accounts.map((name) => ({ name, vars: {} })),
    safety,
    prune: { orphans: r.pick(["keep", "deprecate", "delete"] as const) },
    provenance: { tags: r.chance(0.85) },
    apply: {
      concurrency: r.pick([1, 2, 10]),
      importTimeoutMs: r.pick([600_000, 1_800_000, 7_200_000]),
      visibilityWindowMs: r.pick([300_000, 1_800_000]),
      ...(r.chance(0.2) ? { maxImporting: 1 + r.int(2) } : {}),
    },
  }
  return { stack, wishes, families, licensed }
}

function someWish(
  r: Random,
  image: string,
  regions: readonly string[],
  accounts: readonly string[],
  licensed: boolean,
): Wish {
  const match = r.chance(0.65) ? "name" : "family"
  const family = match === "family" ? `f-${image}` : r.pick([undefined, undefined, "", "f", "g"])
  // What is licensed by its owner cannot be shared: a story has the one or the other.
  const sharedWith = licensed
    ? undefined
    : r.pick([undefined, undefined, undefined, [], [SHARES[0] ?? ""], SHARES])
  const licenseType = licensed ? r.pick([undefined, "BYOL" as const]) : undefined
  const bootMode = r.pick([undefined, "Legacy BIOS" as const, "UEFI" as const])
  const description = r.pick([undefined, "", "a text", "[cvmimg] looks like it"])
  const deprecated = r.pick([undefined, undefined, undefined, false, true])
  return {
    image,
    match,
    version: 1 + r.int(3),
    checksum: r.chance(0.6),
    ...(bootMode === undefined ? {} : { bootMode }),
    ...(licenseType === undefined ? {} : { licenseType }),
    ...(description === undefined ? {} : { description }),
    ...(family === undefined ? {} : { family }),
    ...(deprecated === undefined ? {} : { deprecated }),
    tags: r.pick([{}, { app: "x" }, { app: "y", team: "p" }, { old: null }]),
    ...(sharedWith === undefined ? {} : { sharedWith }),
    release: r.chance(0.25) ? "together" : "perRegion",
    regions: r.chance(0.8) ? regions : regions.slice(0, 1),
    accounts: r.chance(0.8) ? accounts : accounts.slice(0, 1),
    lifecycle: {
      onChange: r.chance(0.1) ? "refuse" : "replace",
      retire: r.pick(["keep", "deprecate", "delete"] as const),
      keepPrevious: r.int(3),
      protect: r.chance(0.1),
      adopt: r.chance(0.3),
      allowLostShares: r.chance(0.3),
    },
    formerNames: [],
  }
}

/** The next state of the repository. */
export function changed(r: Random, m: Manifests): Manifests {
  const at = r.int(m.wishes.length)
  const wish = m.wishes[at]
  if (wish === undefined) return m
  const others = m.wishes.filter((w) => w !== wish)
  const fresh = someWish(r, wish.image, wish.regions, wish.accounts, m.licensed)
  const next = ((): readonly Wish[] => {
    switch (
      r.weighted({ version: 6, all: 3, gone: 1, renamed: 1, attributes: 3, released: 0.4, match: 0.7 })
    ) {
      case "version":
        return [{ ...wish, version: 1 + r.int(3) }]
      case "all":
        return [{ ...fresh, match: wish.match, ...familyOf(wish) }]
      case "attributes": {
        const { bootMode: _, licenseType: __, ...rest } = fresh
        const kept = { version: wish.version, checksum: wish.checksum, match: wish.match }
        const shape = wish.bootMode === undefined ? {} : { bootMode: wish.bootMode }
        return [{ ...rest, ...kept, ...shape, ...familyOf(wish) }]
      }
      case "gone":
        return others.length === 0 ? [wish] : []
      case "renamed":
        return [{ ...wish, image: `${wish.image}2`, formerNames: [wish.image, ...wish.formerNames] }]
      case "released":
        return [{ ...wish, lifecycle: { ...wish.lifecycle, state: "released" } }]
      case "match":
        return [fresh]
    }
  })()
  return { ...m, wishes: [...others, ...next] }
}

const familyOf = ({ family }: Wish): { family?: string } => (family === undefined ? {} : { family })

/** Manifests never change; a story asks for the same ones again and again. */
const resolved = new WeakMap<Manifests, Desired>()

export function desiredOf(manifests: Manifests): Desired {
  const known = resolved.get(manifests)
  if (known !== undefined) return known
  const { stack, wishes, families } = manifests
  const placements = wishes.flatMap((wish) =>
    wish.accounts.flatMap((account) => wish.regions.map((region) => placementOf(wish, account, region))),
  )
  const desired = { stack, placements, families }
  resolved.set(manifests, desired)
  return desired
}

export function placementOf(wish: Wish, account: string, region: string): DesiredPlacement {
  const { version, checksum, regions: _, accounts: __, ...rest } = wish
  // A rename of the image leaves its file where it is.
  const file = `${wish.formerNames.at(-1) ?? wish.image}-v${version}.qcow2`
  const url = `https://golden-1250000000.cos.${region}.myqcloud.com/${file}`
  const template = `https://golden-1250000000.cos.{region}.myqcloud.com/${file}`
  const placement = aPlacement({ ...rest, account, region, source: { url, template } })
  const { crc64: ___, ...source } = placement.source
  return { ...placement, source: { ...source, ...(checksum ? { crc64: String(version) } : {}) } }
}
