/**
 * What every implementation of the cloud port must do, against whatever serves the API: the emulator, or the live
 * service (live.test.ts). Nothing here knows which.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { CloudError } from "../../src/cloud/failure.ts"
import type { Cloud } from "../../src/cloud/port.ts"
import type { Failure } from "../../src/model/failure.ts"
import type { CloudImage } from "../../src/model/observed.ts"
import type { Scope } from "../../src/model/placement.ts"
import type { ImportRequest } from "../../src/model/request.ts"

export interface ContractWorld {
  readonly cloud: Cloud
  readonly scope: Scope
  /** Address of an importable object in COS, in the scope's region; absent: nothing is rehearsed or imported. */
  readonly sourceUrl?: string
  /** Whether images may be imported, changed and removed; only what the contract imported is. */
  readonly writable: boolean
  /** A root account that images may be shared with; absent: nothing is shared. */
  readonly shareWith?: string
  /** How long an import may take, in ms. */
  readonly patienceMs: number
  close(): Promise<void>
}

export function contract(name: string, enter: () => Promise<ContractWorld>): void {
  describe(name, () => {
    let world: ContractWorld
    beforeAll(async () => {
      world = await enter()
    })
    afterAll(() => world.close())

    const unique = `contract-${Date.now().toString(36)}`
    const importing = (more: Partial<ImportRequest> = {}): ImportRequest => ({
      name: unique,
      description: "Contract [cvmimg:1 00000000 11111111 2222222222222222 333333333333 44444444]",
      url: world.sourceUrl ?? "",
      sign: false,
      osType: "Other Linux",
      osVersion: "-",
      architecture: "x86_64",
      force: true,
      tags: {},
      dataDiskUrls: [],
      ...more,
    })
    const named = async (text: string): Promise<CloudImage | undefined> =>
      (await world.cloud.listImages(world.scope)).find((image) => image.name === text)
    const until = async (
      found: (image: CloudImage | undefined) => boolean,
      text = unique,
    ): Promise<CloudImage> => {
      const end = performance.now() + world.patienceMs
      for (;;) {
        const image = await named(text)
        if (found(image)) return image as CloudImage
        if (performance.now() > end) throw new Error(`still ${image?.state ?? "invisible"}`)
        await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, world.patienceMs / 100)))
      }
    }

    it("lists private images completely, twice the same", async () => {
      const [a, b] = await Promise.all([
        world.cloud.listImages(world.scope),
        world.cloud.listImages(world.scope),
      ])
      expect(new Set(a.map((i) => i.id)).size).toBe(a.length)
      expect(b.map((i) => i.id).sort()).toEqual(a.map((i) => i.id).sort())
      for (const image of a)
        expect(image).toMatchObject({ id: expect.stringMatching(/^img-/), name: expect.any(String) })
    })

    it("lists the operating systems that can be imported", async () => {
      const rows = await world.cloud.listImportOs(world.scope)
      expect(rows.some((row) => row.platform === "Linux" && row.architectures.includes("x86_64"))).toBe(true)
      expect(rows.some((row) => row.platform === "Windows")).toBe(true)
      for (const row of rows) for (const version of row.versions) expect(typeof version).toBe("string")
    })

    it("tells the quota of images", async () => {
      expect(await world.cloud.imageQuota(world.scope)).toBeGreaterThan(0)
    })

    it("resolves a family that does not exist to null", async () => {
      expect(await world.cloud.familyImage(world.scope, "cvmimg-no-such-family")).toBeNull()
    })

    it("tells who is calling", async () => {
      const identity = await world.cloud.callerIdentity(world.scope.account)
      expect(identity.accountId).toMatch(/^\d{6,}$/)
      expect(identity.userId).not.toBe("")
    })

    it("refuses an image that does not exist, and says that nothing happened", async () => {
      const failure = await failed(world.cloud.listShares(world.scope, "img-00000000"))
      expect(failure.code).toMatch(/^(?:InvalidImageId\.|UnauthorizedOperation)/)
      expect(failure).toMatchObject({
        ambiguous: false,
        action: "DescribeImageSharePermission",
        ...world.scope,
      })
      expect(failure.requestId).not.toBe("")
      if (!world.writable) return
      const write = await failed(world.cloud.modifyImage(world.scope, "img-00000000", { name: unique }))
      expect(write).toMatchObject({ ambiguous: false, retryable: false, action: "ModifyImageAttribute" })
    })

    it("refuses a region that does not exist", async () => {
      const failure = await failed(world.cloud.listImages({ ...world.scope, region: "ap-atlantis" }))
      expect(failure).toMatchObject({ blame: "manifest", ambiguous: false })
    })

    it("rehearses without importing, and refuses what cannot be imported", async (t) => {
      if (world.sourceUrl === undefined) return t.skip()
      const { requestId } = await world.cloud.rehearseImport(world.scope, importing())
      expect(requestId).not.toBe("")
      const wrong = await failed(world.cloud.rehearseImport(world.scope, importing({ osType: "Plan 9" })))
      expect(wrong).toMatchObject({ code: "InvalidImageOsType.Unsupported", blame: "manifest" })
      expect(await named(unique)).toBeUndefined()
    })

    it("makes a tag known, and again", async (t) => {
      if (!world.writable) return t.skip()
      expect(
        (await world.cloud.ensureTag(world.scope.account, "cvmimg-contract", unique)).requestId,
      ).not.toBe("")
      expect(
        (await world.cloud.ensureTag(world.scope.account, "cvmimg-contract", unique)).requestId,
      ).not.toBe("")
    })

    it("imports, and lists what was imported as it was asked for", async (t) => {
      if (!world.writable || world.sourceUrl === undefined) return t.skip()
      const tags = { "cvmimg-contract": unique }
      const accepted = await world.cloud.importImage(world.scope, importing({ tags }))
      expect(accepted.requestId).not.toBe("")
      const image = await until((found) => found?.state === "NORMAL")
      expect(image).toMatchObject({
        name: unique,
        description: importing().description,
        architecture: "x86_64",
      })
      if (accepted.imageId !== undefined) expect(image.id).toBe(accepted.imageId)
      expect((await until((found) => found?.tags["cvmimg-contract"] !== undefined)).tags).toMatchObject(tags)
    })

    it("refuses a name that is taken, or takes it: but says which", async (t) => {
      if (!world.writable || world.sourceUrl === undefined) return t.skip()
      const failure = await failed(world.cloud.importImage(world.scope, importing()))
      expect(failure).toMatchObject({ code: "InvalidImageName.Duplicate", ambiguous: false })
    })

    it("changes attributes in place", async (t) => {
      if (!world.writable || world.sourceUrl === undefined) return t.skip()
      const { id } = await until((found) => found !== undefined)
      const family = `${unique}-family`
      await world.cloud.modifyImage(world.scope, id, { name: `${unique}-2`, description: "changed", family })
      expect(await named(`${unique}-2`)).toMatchObject({
        id,
        description: "changed",
        family,
        deprecated: false,
      })
      expect(await world.cloud.familyImage(world.scope, family)).toBe(id)
      await world.cloud.modifyImage(world.scope, id, { deprecated: true })
      expect(await named(`${unique}-2`)).toMatchObject({ deprecated: true, family, description: "changed" })
      await world.cloud.modifyImage(world.scope, id, { name: unique, deprecated: false })
      expect(await named(unique)).toMatchObject({ id, deprecated: false })
    })

    it("sets and removes more tags than fit in one call, and leaves others alone", async (t) => {
      if (!world.writable || world.sourceUrl === undefined) return t.skip()
      const { id } = await until((found) => found !== undefined)
      const keys = Array.from({ length: 23 }, (_, i) => `cvmimg-contract-${i}`)
      const set = Object.fromEntries(keys.map((key) => [key, "1"]))
      await world.cloud.modifyTags(world.scope, id, { set, remove: [] })
      const tagged = await until((found) => Object.keys(found?.tags ?? {}).length >= 24)
      expect(tagged.tags).toMatchObject({ ...set, "cvmimg-contract": unique })
      await world.cloud.modifyTags(world.scope, id, {
        set: { "cvmimg-contract": `${unique}-2` },
        remove: keys,
      })
      const cleared = await until((found) => found?.tags["cvmimg-contract-0"] === undefined)
      expect(cleared.tags["cvmimg-contract"]).toBe(`${unique}-2`)
    })

    it("shares and ends shares", async (t) => {
      if (!world.writable || world.sourceUrl === undefined || world.shareWith === undefined) return t.skip()
      const { id } = await until((found) => found !== undefined)
      await world.cloud.modifyShares(world.scope, id, { add: [world.shareWith], remove: [] })
      expect(await world.cloud.listShares(world.scope, id)).toEqual([world.shareWith])
      await world.cloud.modifyShares(world.scope, id, { add: [], remove: [world.shareWith] })
      expect(await world.cloud.listShares(world.scope, id)).toEqual([])
    })

    it("finds what carries the tag of a stack, and only images", async (t) => {
      const { account, region } = world.scope
      expect(await world.cloud.listOwned(account, "ffffffff")).toEqual([])
      if (!world.writable || world.sourceUrl === undefined) return t.skip()
      const { id } = await until((found) => found !== undefined)
      const stack = unique.slice(-8)
      await world.cloud.ensureTag(account, "cvmimg.stack", stack)
      await world.cloud.modifyTags(world.scope, id, { set: { "cvmimg.stack": stack }, remove: [] })
      await until((found) => found?.tags["cvmimg.stack"] === stack)
      expect(await world.cloud.listOwned(account, stack)).toEqual([{ region, imageId: id }])
    })

    it("deletes what is shared with nobody, and what is gone is deleted", async (t) => {
      if (!world.writable || world.sourceUrl === undefined) return t.skip()
      const { id } = await until((found) => found !== undefined)
      if (world.shareWith !== undefined) {
        await world.cloud.modifyShares(world.scope, id, { add: [world.shareWith], remove: [] })
        const refused = await failed(world.cloud.deleteImage(world.scope, id, { snapshots: true }))
        expect(refused).toMatchObject({ code: "InvalidImageId.InShared", ambiguous: false })
        await world.cloud.modifyShares(world.scope, id, { add: [], remove: [world.shareWith] })
      }
      expect((await world.cloud.deleteImage(world.scope, id, { snapshots: true })).requestId).not.toBe("")
      await until((found) => found === undefined)
      expect((await world.cloud.deleteImage(world.scope, id, { snapshots: true })).requestId).not.toBe("")
    })
  })
}

async function failed(promise: Promise<unknown>): Promise<Failure> {
  const error: unknown = await promise.then(
    () => new Error("the call succeeded"),
    (reason: unknown) => reason,
  )
  if (error instanceof CloudError) return error.failure
  throw error
}
