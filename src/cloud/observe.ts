/**
 * The reading of the world that a plan is made from: one complete listing per account and region, side by side, and
 * the shares of those images that a manifest has a word on. A scope that cannot be read does not disturb the others.
 */
import type { Clock } from "../model/clock.ts"
import type { DesiredPlacement } from "../model/desired.ts"
import type { Failure } from "../model/failure.ts"
import type { CloudImage, Observed, ObservedScope } from "../model/observed.ts"
import { compareText, type Scope, scopeKey } from "../model/placement.ts"
import { STACK_TAG, splitDescription } from "../model/provenance.ts"
import { CloudError, failureOf, toFailure } from "./failure.ts"
import type { CloudReader } from "./port.ts"

export interface ObserveOptions {
  readonly reader: Pick<CloudReader, "listImages" | "listShares">
  readonly clock: Clock
  readonly placements: readonly DesiredPlacement[]
  /** Accounts and regions to read beside those of the placements; see `ownedScopes`. */
  readonly scopes?: readonly Scope[]
  readonly signal?: AbortSignal
}

/** Scopes sorted by account and region. Rejects only with the signal's reason. */
export async function observe(options: ObserveOptions): Promise<Observed> {
  const at = options.clock.now()
  const byScope = new Map<string, { scope: Scope; placements: DesiredPlacement[] }>()
  for (const placement of options.placements) {
    const { account, region } = placement
    const key = scopeKey(placement)
    const group = byScope.get(key) ?? { scope: { account, region }, placements: [] }
    group.placements.push(placement)
    byScope.set(key, group)
  }
  for (const scope of options.scopes ?? []) {
    const { account, region } = scope
    if (!byScope.has(scopeKey(scope)))
      byScope.set(scopeKey(scope), { scope: { account, region }, placements: [] })
  }
  const scopes = await Promise.all(
    [...byScope.values()].map(({ scope, placements }) => observeScope(scope, placements, options)),
  )
  options.signal?.throwIfAborted()
  scopes.sort((a, b) => compareText(a.account, b.account) || compareText(a.region, b.region))
  return { at, scopes: withoutMixedUp(scopes) }
}

/**
 * A reply does not say which region it is of, but an image stands in one region alone. Regions whose listings share an
 * id were mixed up on the way, and nobody knows which of them: none is believed, as what seems to be missing would be
 * imported again.
 */
function withoutMixedUp(scopes: readonly ObservedScope[]): readonly ObservedScope[] {
  const regions = new Map<string, string>()
  const suspects = new Map<string, string>()
  for (const scope of scopes) {
    if ("failure" in scope) continue
    for (const { id } of scope.images) {
      const other = regions.get(id)
      if (other === undefined) regions.set(id, scope.region)
      else if (other !== scope.region) {
        suspects.set(other, id)
        suspects.set(scope.region, id)
      }
    }
  }
  if (suspects.size === 0) return scopes
  return scopes.map((scope) => {
    const id = "failure" in scope ? undefined : suspects.get(scope.region)
    if (id === undefined) return scope
    const { account, region } = scope
    const message = `The image ${id} is listed in more than one region: replies were mixed up.`
    const facts = { message, service: "cvm", action: "DescribeImages", account, region } as const
    return { account, region, failure: failureOf("ClientError.InvalidReply", facts) }
  })
}

async function observeScope(
  scope: Scope,
  placements: readonly DesiredPlacement[],
  { reader, signal }: ObserveOptions,
): Promise<ObservedScope> {
  const call = signal === undefined ? {} : { signal }
  try {
    const images = await reader.listImages(scope, call)
    const wanted = shareable(placements)
    const complete = await Promise.all(
      images.map(async (image) => {
        if (!wanted(image)) return image
        const sharedWith = await sharesOf(reader, scope, image.id, call)
        return sharedWith === undefined ? image : { ...image, sharedWith }
      }),
    )
    return { ...scope, images: complete }
  } catch (error) {
    return { ...scope, failure: toFailure(error) }
  }
}

/**
 * Where images of the stack are, in whatever region: one query of the tag service per account. Without the right to
 * ask, or where the stack writes no tags, only the regions of the manifests are known; `failures` says so.
 *
 * The query goes page by page, which for thousands of images takes longer than all listings together. So it ends early
 * where the service counts as many images with the tag as `listed` holds: then there are none elsewhere. Tags that
 * attach late could balance an image elsewhere for some seconds; the next plan has it.
 */
export async function ownedScopes(options: {
  readonly reader: Pick<CloudReader, "listOwned">
  readonly accounts: readonly string[]
  readonly stackId: string
  /** The listings of the regions that are known, which may still be under way. Without them every page is read. */
  readonly listed?: Promise<Observed>
  readonly signal?: AbortSignal
}): Promise<{ readonly scopes: readonly Scope[]; readonly failures: readonly Failure[] }> {
  const { reader, accounts, stackId, listed, signal } = options
  const failures: Failure[] = []
  const found = await Promise.all(
    accounts.map(async (account): Promise<Scope[]> => {
      try {
        const owned = await reader.listOwned(account, stackId, {
          ...(listed === undefined
            ? {}
            : { enough: async (total) => total === taggedIn(await listed, account, stackId) }),
          ...(signal === undefined ? {} : { signal }),
        })
        return [...new Set(owned.map((image) => image.region))].map((region) => ({ account, region }))
      } catch (error) {
        failures.push(toFailure(error))
        return []
      }
    }),
  )
  signal?.throwIfAborted()
  return { scopes: found.flat(), failures }
}

/** Images of the account whose tag names the stack; undefined where a region could not be read. */
function taggedIn({ scopes }: Observed, account: string, stackId: string): number | undefined {
  let count = 0
  for (const scope of scopes) {
    if (scope.account !== account) continue
    if ("failure" in scope) return undefined
    for (const { tags } of scope.images) if (tags[STACK_TAG] === stackId) count++
  }
  return count
}

/** Fills in who images are shared with, or why that cannot be read. An image that went since it was listed has neither. */
export async function observeShares(options: {
  readonly reader: Pick<CloudReader, "listShares">
  readonly observed: Observed
  readonly images: readonly (Scope & { readonly imageId: string })[]
  readonly signal?: AbortSignal
}): Promise<Observed> {
  const { reader, observed, images, signal } = options
  const call = signal === undefined ? {} : { signal }
  const shares = new Map<string, Pick<CloudImage, "sharedWith" | "sharesUnread">>()
  await Promise.all(
    images.map(async ({ imageId, ...scope }) => {
      try {
        const sharedWith = await sharesOf(reader, scope, imageId, call)
        if (sharedWith !== undefined) shares.set(`${scopeKey(scope)}\u0000${imageId}`, { sharedWith })
      } catch (error) {
        if (!(error instanceof CloudError)) throw error
        shares.set(`${scopeKey(scope)}\u0000${imageId}`, { sharesUnread: error.failure })
      }
    }),
  )
  return {
    ...observed,
    scopes: observed.scopes.map((scope) => {
      if ("failure" in scope) return scope
      return {
        ...scope,
        images: scope.images.map((image) => {
          const found = shares.get(`${scopeKey(scope)}\u0000${image.id}`)
          return found === undefined ? image : { ...image, ...found }
        }),
      }
    }),
  }
}

/** An image that went since it was listed has no shares to tell. */
async function sharesOf(
  reader: Pick<CloudReader, "listShares">,
  scope: Scope,
  imageId: string,
  call: { readonly signal?: AbortSignal },
): Promise<readonly string[] | undefined> {
  try {
    return await reader.listShares(scope, imageId, call)
  } catch (error) {
    if (error instanceof CloudError && error.failure.code === "InvalidImageId.NotFound") return undefined
    throw error
  }
}

/**
 * Whether a manifest that states `sharedWith` may mean the image: by its exact name, or, for members of a family, by a
 * stamp on it together with the family or with the name that members get, `<name>-<hash8>`.
 */
function shareable(placements: readonly DesiredPlacement[]): (image: CloudImage) => boolean {
  const names = new Set<string>()
  const families = new Set<string>()
  const memberNames = new Set<string>()
  for (const { sharedWith, match, image, family } of placements) {
    if (sharedWith === undefined) continue
    if (match === "name") names.add(image)
    else {
      memberNames.add(image)
      if (family !== undefined && family !== "") families.add(family)
    }
  }
  return ({ name, family, description }) => {
    if (names.has(name)) return true
    const base = /^(.*)-[0-9a-f]{8}$/.exec(name)?.[1]
    const member = families.has(family) || (base !== undefined && memberNames.has(base))
    return member && splitDescription(description).stamp !== undefined
  }
}
