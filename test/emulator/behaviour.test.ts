import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { behaviourProblem, defaultBehaviour, ManualClock } from "../../src/emulator/index.ts"
import { codeOf, good, raw, sdk, start } from "./helpers.ts"

const region = "ap-singapore"

test("the README names every switch", () => {
  const text = readFileSync(new URL("../../src/emulator/README.md", import.meta.url), "utf8")
  expect(Object.keys(defaultBehaviour).filter((name) => !text.includes(`\`${name}\``))).toEqual([])
})

test("switches from outside are checked", () => {
  expect(behaviourProblem({})).toBeUndefined()
  expect(behaviourProblem({ ...defaultBehaviour })).toBeUndefined()
  for (const wrong of [
    null,
    [],
    { quota: "1" },
    { enforceRates: 1 },
    { listOrder: "random" },
    { visibilityDelayMs: [1] },
    { familyPattern: "(" },
    { familyPattern: 1 },
    { modifyStates: "NORMAL" },
    { rates: null },
    { osTable: {} },
    { toString: 1 },
  ]) {
    expect([wrong, behaviourProblem(wrong)]).toEqual([wrong, expect.any(String)])
  }
})

test("tags may attach while the image is still imported, and on a failed one", async () => {
  const clock = new ManualClock()
  const emulator = await start({
    clock,
    behaviour: {
      visibilityDelayMs: 0,
      tagsAttachAfter: "visible",
      tagDelayMs: 1000,
      tagCheck: "off",
      importOutcomes: { [good.ImageName]: "InternalError" },
    },
  })
  const TagSpecification = [{ ResourceType: "image", Tags: [{ Key: "a", Value: "b" }] }]
  await sdk(emulator).cvm.ImportImage({ ...good, TagSpecification })
  clock.advance(1000)
  expect(emulator.world.images()).toMatchObject([{ state: "IMPORTING", tags: { a: "b" } }])
  clock.advance(200_000)
  expect(emulator.world.images()).toMatchObject([{ state: "IMPORTFAILED", tags: { a: "b" } }])
})

test("an import without end goes on when its decree is taken back", async () => {
  const clock = new ManualClock()
  const emulator = await start({ clock, behaviour: { importOutcomes: { [good.ImageName]: "never" } } })
  await sdk(emulator).cvm.ImportImage(good)
  clock.advance(10 * 86_400_000)
  expect(emulator.world.images()[0]?.state).toBe("IMPORTING")
  emulator.setBehaviour({ importOutcomes: {} })
  expect(emulator.world.images()[0]?.state).toBe("NORMAL")
})

test("copies may take everything along and cross the border", async () => {
  const clock = new ManualClock()
  const emulator = await start({
    clock,
    images: [{ region, name: "a", id: "img-aaaaaaaa", description: "d", family: "f", tags: { k: "v" } }],
    behaviour: {
      crossBorderSync: true,
      syncCopiesDescription: false,
      syncCopiesFamily: true,
      syncCopiesTags: true,
      syncMs: 5,
    },
  })
  await sdk(emulator).cvm.SyncImages({ ImageIds: ["img-aaaaaaaa"], DestinationRegions: ["ap-beijing"] })
  clock.advance(5)
  const [copy] = emulator.world.images(undefined, "ap-beijing")
  expect(copy).toMatchObject({ state: "NORMAL", description: "", family: "f", tags: { k: "v" } })
})

test("what is not there may be taken away in silence", async () => {
  const emulator = await start({
    images: [{ region, name: "a", id: "img-aaaaaaaa" }],
    behaviour: { cancelMissingShare: "ignore", untagMissingKey: "ignore", unknownTagFilter: "empty" },
  })
  const { cvm, tag } = sdk(emulator)
  const share = { ImageId: "img-aaaaaaaa", AccountIds: ["200000000002"], Permission: "CANCEL" }
  expect(await codeOf(cvm.ModifyImageSharePermission(share))).toBe("none")
  const resource = `qcs::cvm:${region}:uin/:image/img-aaaaaaaa`
  expect(await codeOf(tag.ModifyResourceTags({ Resource: resource, DeleteTags: [{ TagKey: "x" }] }))).toBe(
    "none",
  )
  expect((await cvm.DescribeImages({ Filters: [{ Name: "tag:x", Values: ["y"] }] })).TotalCount).toBe(0)
})

test("refused requests may count, and systems, families and states be others", async () => {
  let now = 0
  const emulator = await start({
    wallClock: { now: () => Date.now(), monotonic: () => now },
    images: [{ region, name: "a", id: "img-aaaaaaaa", state: "IMPORTFAILED" }],
    behaviour: {
      rates: { ImportImage: 1 },
      ratesCountRefused: true,
      familyPattern: "^f$",
      modifyStates: ["IMPORTFAILED"],
      osTable: {
        windows: [],
        linux: ["BeOS"],
        versions: [{ OsName: "BeOS", OsVersions: ["5"], Architecture: ["x86_64"] }],
      },
    },
  })
  const system = { ...good, OsType: "BeOS", OsVersion: "5", DryRun: true }
  expect((await raw(emulator, "ImportImage", { ...system, ImageFamily: "f" })).code).toBeUndefined()
  now = 500
  expect((await raw(emulator, "ImportImage", system)).code).toBe("RequestLimitExceeded")
  now = 1200
  expect((await raw(emulator, "ImportImage", system)).code).toBe("RequestLimitExceeded")
  now = 2200
  expect((await raw(emulator, "ImportImage", { ...system, ImageFamily: "g" })).code).toBe(
    "InvalidParameterValue.InvalidImageFamily",
  )
  expect(
    (await raw(emulator, "ModifyImageAttribute", { ImageId: "img-aaaaaaaa", ImageName: "b" })).code,
  ).toBeUndefined()
})

test("the world can be changed behind the API's back", async () => {
  const emulator = await start({ images: [{ region, name: "a", id: "img-aaaaaaaa" }] })
  const { world } = emulator
  expect(
    world.changeImage("img-aaaaaaaa", { name: "b", state: "STRANGE", sharedWith: ["200000000002"] }),
  ).toBe(true)
  expect(world.image("img-aaaaaaaa")).toMatchObject({ name: "b", state: "STRANGE" })
  expect(await codeOf(sdk(emulator).cvm.ImportImage({ ...good, ImageName: "b", DryRun: true }))).toBe(
    "InvalidImageName.Duplicate",
  )
  expect([world.removeImage("img-aaaaaaaa"), world.removeImage("img-aaaaaaaa")]).toEqual([true, false])
  expect(world.changeImage("img-aaaaaaaa", {})).toBe(false)
  world.setAccount({ uin: "100000000001", secretId: "AKIDnew", secretKey: "k" })
  expect((await raw(emulator, "DescribeImages")).code).toBe("AuthFailure.SecretIdNotFound")
})
