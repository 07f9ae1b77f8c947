import { describe, expect, test } from "vitest"
import { demoAccount, ManualClock } from "../../src/emulator/index.ts"
import { cpuOf } from "../support/cpu.ts"
import { codeOf, good, raw, sdk, start } from "./helpers.ts"

const region = "ap-singapore"
const other = { uin: "200000000002", appid: "1260000000", secretId: "AKIDother", secretKey: "k" }
const otherKeys = { secretId: "AKIDother", secretKey: "k" }
const one = (name: string, value: string) => ({ Filters: [{ Name: name, Values: [value] }] })

describe("DescribeImages", () => {
  test("the name filter is fuzzy, the total independent of the page, the order not that of creation", async () => {
    const images = Array.from({ length: 130 }, (_, index) => ({ region, name: `App-${index}` }))
    const emulator = await start({ images: [...images, { region, name: "other" }], seed: "s" })
    const { cvm } = sdk(emulator)
    const filter = one("image-name", "app")
    const first = await cvm.DescribeImages({ ...filter, Limit: 100 })
    const second = await cvm.DescribeImages({ ...filter, Limit: 100, Offset: 100 })
    const names = [...(first.ImageSet ?? []), ...(second.ImageSet ?? [])].map((image) => image.ImageName)
    expect([first.TotalCount, second.TotalCount, new Set(names).size]).toEqual([130, 130, 130])
    expect(names).not.toEqual(images.map((image) => image.name))
    expect((await cvm.DescribeImages(filter)).ImageSet).toHaveLength(20)
    emulator.setBehaviour({ listOrder: "oldest", nameFilter: "exact" })
    expect((await cvm.DescribeImages(filter)).TotalCount).toBe(0)
    const ordered = await cvm.DescribeImages({ ...one("image-type", "PRIVATE_IMAGE"), Limit: 2 })
    expect(ordered.ImageSet?.map((image) => image.ImageName)).toEqual(["App-0", "App-1"])
  })

  test("types, tags, platform and ids; AND between filters, OR between values", async () => {
    const emulator = await start({
      accounts: [demoAccount, other],
      images: [
        { region, name: "a", id: "img-aaaaaaaa", tags: { app: "web", team: "x" }, platform: "CentOS" },
        { region, name: "b", id: "img-bbbbbbbb", tags: { app: "db" } },
        {
          region,
          name: "c",
          id: "img-cccccccc",
          account: other.uin,
          sharedWith: [demoAccount.uin],
          tags: { app: "web" },
        },
        { region: "ap-hongkong", name: "d" },
      ],
    })
    const { cvm } = sdk(emulator)
    const names = async (...filters: [string, ...string[]][]) => {
      const Filters = filters.map(([Name, ...Values]) => ({ Name, Values }))
      return ((await cvm.DescribeImages({ Filters })).ImageSet ?? []).map((image) => image.ImageName)
    }
    expect((await cvm.DescribeImages({})).TotalCount).toBe(9)
    expect(await names(["image-type", "PRIVATE_IMAGE"])).toEqual(["a", "b"])
    expect(await names(["image-type", "SHARED_IMAGE"])).toEqual(["c"])
    // Fuzzy as it is, "centos" also finds TencentOS.
    expect(await names(["image-type", "PUBLIC_IMAGE"], ["platform", "centos"])).toEqual([
      "CentOS 7.9 64bit",
      "TencentOS Server 3.1 (TK4)",
    ])
    expect(await names(["tag:app", "web"])).toEqual(["a"])
    expect(await names(["tag:app", "web", "db"])).toEqual(["a", "b"])
    expect(await names(["tag-key", "team"])).toEqual(["a"])
    expect(await names(["tag-value", "db"])).toEqual(["b"])
    expect(await names(["image-id", "img-aaaaaaaa", "img-cccccccc"], ["image-name", "C"])).toEqual(["c"])
    const byId = await cvm.DescribeImages({ ImageIds: ["img-bbbbbbbb", "img-zzzzzzzz"] })
    expect(byId.ImageSet?.map((image) => image.ImageId)).toEqual(["img-bbbbbbbb"])
    expect((await cvm.DescribeImages({ ImageIds: ["img-zzzzzzzz"] })).ImageSet).toEqual([])
    emulator.setBehaviour({ stateFilter: true })
    expect(await names(["image-state", "NORMAL"], ["image-type", "PRIVATE_IMAGE"])).toEqual(["a", "b"])
  })

  test.each([
    [
      "InvalidParameter.InvalidParameterCoexistImageIdsFilters",
      { ImageIds: ["img-aaaaaaaa"], ...one("platform", "x") },
    ],
    ["InvalidFilter", one("image-state", "NORMAL")],
    ["InvalidFilter", one("cdc-cache-status", "CACHED")],
    ["InvalidFilter", one("image-type", "MINE")],
    ["InvalidFilter", { Filters: [{ Name: "platform", Values: [] }] }],
    [
      "InvalidFilterValue.LimitExceeded",
      { Filters: [{ Name: "platform", Values: ["1", "2", "3", "4", "5", "6"] }] },
    ],
    ["InvalidParameterValue.LimitExceeded", { Filters: Array(11).fill({ Name: "platform", Values: ["x"] }) }],
    ["InvalidParameterValue.LimitExceeded", { ImageIds: Array(101).fill("img-aaaaaaaa") }],
    ["InvalidParameterValue.InvalidParameterValueLimit", { Limit: 0 }],
    ["InvalidParameterValue.InvalidParameterValueLimit", { Limit: 101 }],
    ["InvalidParameterValue", { Offset: -1 }],
    ["InvalidParameter", { Limit: "20" }],
    ["InvalidImageId.Malformed", { ImageIds: ["img-1"] }],
    ["InvalidInstanceType.Malformed", { InstanceType: "?" }],
    ["InvalidParameterValue.TagKeyNotFound", one("tag:nobody", "x")],
  ])("%s for %j", async (code, parameters) => {
    const emulator = await start()
    expect((await raw(emulator, "DescribeImages", parameters)).code).toBe(code)
  })

  test("cn answers lists where intl answers null", async () => {
    const emulator = await start({ site: "cn", images: [{ region, name: "a", state: "CREATING" }] })
    const [image] = (await raw(emulator, "DescribeImages", one("image-type", "PRIVATE_IMAGE"))).response
      .ImageSet
    expect(image).toMatchObject({ Tags: [], SnapshotSet: [], ImageState: "CREATING" })
    emulator.setBehaviour({ emptyLists: "null", omitEmptyFields: false, timeForm: "offset" })
    const [again] = (await raw(emulator, "DescribeImages", one("image-type", "PRIVATE_IMAGE"))).response
      .ImageSet
    expect(again).toMatchObject({ Tags: null, ImageFamily: "", ImageDeprecated: false })
    expect(again.CreatedTime).toMatch(/\+00:00$/)
  })

  test("10,000 images of one region: a page stays cheap", async () => {
    const images = Array.from({ length: 10_000 }, (_, index) => ({ region, name: `image-${index}` }))
    const emulator = await start({ images, behaviour: { enforceRates: false } })
    await raw(emulator, "DescribeImages", { Limit: 100 })
    const took = await cpuOf(async () => {
      for (let page = 0; page < 20; page += 1) {
        await raw(emulator, "DescribeImages", {
          ...one("image-type", "PRIVATE_IMAGE"),
          Limit: 100,
          Offset: page * 100,
        })
      }
    })
    expect(took / 20).toBeLessThan(250)
  })
})

test("systems, quota, regions, families, identity", async () => {
  const emulator = await start({
    images: [
      { region, name: "old", family: "f", createdAt: 1000 },
      { region, name: "new", family: "f", createdAt: 2000, deprecated: true },
      { region, name: "failed", family: "f", createdAt: 3000, state: "IMPORTFAILED" },
      { region, name: "middle", family: "f", createdAt: 1500 },
    ],
  })
  const { cvm, sts } = sdk(emulator)
  expect((await cvm.DescribeImageFromFamily({ ImageFamily: "f" })).Image?.ImageName).toBe("middle")
  expect((await raw(emulator, "DescribeImageFromFamily", { ImageFamily: "g" })).response.Image).toBeNull()
  const systems = await cvm.DescribeImportImageOs(null as never)
  expect(systems.ImportImageOsListSupported?.Windows).toContain("Windows Server 2022")
  expect(systems.ImportImageOsVersionSet).toContainEqual({
    OsName: "Ubuntu",
    OsVersions: ["18", "20", "22", "24"],
    Architecture: ["x86_64"],
  })
  expect((await cvm.DescribeImageQuota(null as never)).ImageNumQuota).toBe(500)
  const regions = await cvm.DescribeRegions(null as never)
  expect(regions.TotalCount).toBe(regions.RegionSet?.length)
  expect(await sts.GetCallerIdentity(null as never)).toMatchObject({
    AccountId: demoAccount.uin,
    Type: "CAMUser",
  })
})

test("a role of another account gives keys to it, for a time", async () => {
  const emulator = await start({ accounts: [demoAccount, { ...other, roles: ["images"] }] })
  const { sts } = sdk(emulator)
  const ask = (RoleArn: string, rest: object = {}) =>
    sts.AssumeRole({ RoleArn, RoleSessionName: "cvmimg", ...rest })
  const reply = await ask(`qcs::cam::uin/${other.uin}:roleName/images`)
  const keys = {
    secretId: reply.Credentials?.TmpSecretId ?? "",
    secretKey: reply.Credentials?.TmpSecretKey ?? "",
    token: reply.Credentials?.Token ?? "",
  }
  const identity = await sdk(emulator, region, keys).sts.GetCallerIdentity(null as never)
  expect(identity).toMatchObject({ AccountId: other.uin, UserId: "images/cvmimg", Type: "CAMRole" })
  expect(reply.ExpiredTime).toBeGreaterThan(Date.now() / 1000 + 7000)
  expect(await codeOf(ask(`qcs::cam::uin/${other.uin}:roleName/else`))).toBe("ResourceNotFound")
  expect(await codeOf(ask("role"))).toBe("InvalidParameterValue")
  expect(await codeOf(ask(`qcs::cam::uin/${other.uin}:roleName/images`, { DurationSeconds: 50_000 }))).toBe(
    "InvalidParameterValue",
  )
})

describe("ModifyImageAttribute", () => {
  test("changes what it names, at once, and clears by empty text unless told otherwise", async () => {
    const emulator = await start({
      images: [{ region, name: "a", id: "img-aaaaaaaa", description: "d", family: "f" }],
    })
    const { cvm } = sdk(emulator)
    const look = () => emulator.world.image("img-aaaaaaaa")
    await cvm.ModifyImageAttribute({ ImageId: "img-aaaaaaaa", ImageName: "b", ImageDeprecated: true })
    expect(look()).toMatchObject({ name: "b", description: "d", family: "f", deprecated: true })
    await cvm.ModifyImageAttribute({ ImageId: "img-aaaaaaaa", ImageDescription: "", ImageFamily: "" })
    expect(look()).toMatchObject({ description: "", family: "" })
    emulator.setBehaviour({ emptyStringClears: false })
    await cvm.ModifyImageAttribute({ ImageId: "img-aaaaaaaa", ImageDescription: "e" })
    await cvm.ModifyImageAttribute({ ImageId: "img-aaaaaaaa", ImageDescription: "", ImageName: "" })
    expect(look()).toMatchObject({ description: "e", name: "b" })
    expect(await codeOf(cvm.ImportImage({ ...good, ImageName: "a", DryRun: true }))).toBe("none")
    expect(await codeOf(cvm.ImportImage({ ...good, ImageName: "b", DryRun: true }))).toBe(
      "InvalidImageName.Duplicate",
    )
  })

  test("its refusals", async () => {
    const emulator = await start({
      accounts: [demoAccount, other],
      behaviour: { enforceRates: false },
      images: [
        { region, name: "a", id: "img-aaaaaaaa" },
        { region, name: "b", id: "img-bbbbbbbb", state: "IMPORTING", sharedWith: [] },
        { region, name: "c", id: "img-cccccccc", account: other.uin, sharedWith: [demoAccount.uin] },
        { region, name: "d", id: "img-dddddddd", sharedWith: [other.uin] },
      ],
    })
    const { cvm } = sdk(emulator)
    const change = (ImageId: string, rest: object = { ImageName: "x" }) =>
      codeOf(cvm.ModifyImageAttribute({ ImageId, ...rest }))
    expect(await change("img-aaaaaaaa", { ImageName: "b" })).toBe("InvalidImageName.Duplicate")
    expect(await change("img-aaaaaaaa", { ImageName: "x".repeat(61) })).toBe("InvalidParameterValue.TooLarge")
    expect(await change("img-aaaaaaaa", { ImageFamily: "?" })).toBe(
      "InvalidParameterValue.InvalidImageFamily",
    )
    expect(await change("img-aaaaaaaa", {})).toBe("MissingParameter")
    expect(await change("img-bbbbbbbb")).toBe("InvalidImageId.IncorrectState")
    expect(await change("img-cccccccc")).toBe("UnsupportedOperation.SharedImageModifyUnsupported")
    expect(await change("img-zzzzzzzz")).toBe("InvalidImageId.NotFound")
    expect(await change("nonsense")).toBe("InvalidImageId.Malformed")
    emulator.setBehaviour({ modifySharedOut: false })
    expect(await change("img-dddddddd")).toBe("UnsupportedOperation.SharedImageModifyUnsupported")
    emulator.setBehaviour({ modifySharedOut: true })
    expect(await change("img-dddddddd")).toBe("none")
  })
})

describe("DeleteImages", () => {
  test("all or nothing, dry run, snapshots that stay", async () => {
    const emulator = await start({
      accounts: [demoAccount, other],
      images: [
        { region, name: "a", id: "img-aaaaaaaa" },
        { region, name: "b", id: "img-bbbbbbbb", state: "IMPORTING" },
        { region, name: "c", id: "img-cccccccc", account: other.uin, sharedWith: [demoAccount.uin] },
        { region, name: "d", id: "img-dddddddd", sharedWith: [other.uin] },
        { region, name: "e", id: "img-eeeeeeee", state: "IMPORTFAILED" },
      ],
    })
    const { cvm } = sdk(emulator)
    const remove = (...ImageIds: string[]) => codeOf(cvm.DeleteImages({ ImageIds }))
    const open = (await cvm.DescribeImages(one("image-type", "PUBLIC_IMAGE"))).ImageSet?.[0]?.ImageId ?? ""
    expect(await remove("img-aaaaaaaa", "img-bbbbbbbb")).toBe("InvalidImageId.IncorrectState")
    expect(await remove("img-aaaaaaaa", "img-zzzzzzzz")).toBe("InvalidImageId.NotFound")
    expect(await remove("img-cccccccc")).toBe("InvalidParameterValue.InvalidImageIdIsShared")
    expect(await remove("img-dddddddd")).toBe("InvalidImageId.InShared")
    expect(await remove(open)).toBe("InvalidParameterValue.InvalidImageId")
    expect(await remove("img")).toBe("InvalidImageId.Malformed")
    expect(await remove()).toBe("MissingParameter")
    expect(await codeOf(cvm.DeleteImages({ ImageIds: ["img-aaaaaaaa"], DryRun: true }))).toBe("none")
    expect(emulator.world.images(demoAccount.uin)).toHaveLength(4)
    expect(await remove("img-aaaaaaaa", "img-eeeeeeee")).toBe("none")
    expect(emulator.world.images(demoAccount.uin)).toHaveLength(2)
    expect(emulator.world.leftSnapshots()).toHaveLength(1)
    expect(emulator.ledger.at(-1)?.imageIds).toEqual(["img-aaaaaaaa", "img-eeeeeeee"])
  })

  test("it may take its time", async () => {
    const clock = new ManualClock()
    const images = [{ region, name: "a", id: "img-aaaaaaaa" }]
    const emulator = await start({ clock, images, behaviour: { deleteMs: 1000 } })
    const { cvm } = sdk(emulator)
    await cvm.DeleteImages({ ImageIds: ["img-aaaaaaaa"], DeleteBindedSnap: true })
    expect((await cvm.DescribeImages({ ImageIds: ["img-aaaaaaaa"] })).ImageSet?.[0]?.ImageState).toBe(
      "DELETING",
    )
    expect(await codeOf(cvm.DeleteImages({ ImageIds: ["img-aaaaaaaa"] }))).toBe("MutexOperation.TaskRunning")
    clock.advance(1000)
    expect((await cvm.DescribeImages({ ImageIds: ["img-aaaaaaaa"] })).TotalCount).toBe(0)
    expect(emulator.world.leftSnapshots()).toEqual([])
  })
})

test("SyncImages copies into other regions", async () => {
  const clock = new ManualClock()
  const emulator = await start({
    clock,
    behaviour: { enforceRates: false },
    accounts: [demoAccount, other],
    images: [
      { region, name: "a", id: "img-aaaaaaaa", description: "d", family: "f", tags: { app: "web" } },
      { region, name: "c", id: "img-cccccccc", account: other.uin, sharedWith: [demoAccount.uin] },
      { region, name: "i", id: "img-iiiiiiii", state: "IMPORTING" },
      { region: "eu-frankfurt", name: "a" },
    ],
  })
  const { cvm } = sdk(emulator)
  const copy = (id: string, ...DestinationRegions: string[]) =>
    codeOf(cvm.SyncImages({ ImageIds: [id], DestinationRegions }))
  expect(await copy("img-aaaaaaaa", region)).toBe("InvalidParameterValue.InvalidRegion")
  expect(await copy("img-aaaaaaaa", "mars")).toBe("InvalidRegion.NotFound")
  expect(await copy("img-aaaaaaaa", "ap-beijing")).toBe("UnsupportedOperation.Region")
  expect(await copy("img-aaaaaaaa", "eu-frankfurt")).toBe("InvalidImageName.Duplicate")
  expect(await copy("img-cccccccc", "ap-hongkong")).toBe("InvalidParameterValue.InvalidRegion")
  expect(await copy("img-iiiiiiii", "ap-hongkong")).toBe("InvalidImageId.IncorrectState")
  const two = { ImageIds: ["img-aaaaaaaa", "img-cccccccc"], DestinationRegions: ["ap-hongkong"] }
  expect(await codeOf(cvm.SyncImages(two))).toBe("InvalidParameterValue.LimitExceeded")
  const order = { ImageIds: ["img-aaaaaaaa"], DestinationRegions: ["ap-hongkong", "ap-tokyo"] }
  expect((await cvm.SyncImages({ ...order, DryRun: true })).ImageSet).toEqual([])
  const { ImageSet = [] } = await cvm.SyncImages({ ...order, ImageSetRequired: true })
  expect(ImageSet.map((image) => image.Region)).toEqual(["ap-hongkong", "ap-tokyo"])
  const there = sdk(emulator, "ap-hongkong").cvm
  clock.advance(300_000)
  const ids = { ImageIds: [ImageSet[0]?.ImageId ?? ""] }
  expect((await there.DescribeImages(ids)).ImageSet?.[0]).toMatchObject({
    ImageState: "SYNCING",
    SyncPercent: 50,
  })
  clock.advance(300_000)
  const done = (await there.DescribeImages(ids)).ImageSet?.[0]
  expect(done).toMatchObject({ ImageState: "NORMAL", ImageName: "a", ImageDescription: "d", Tags: null })
  expect(done?.ImageFamily).toBeUndefined()
  expect(await copy("img-cccccccc", region)).toBe("none")
})

test("sharing is added and taken away, and seen by the other account", async () => {
  const emulator = await start({
    accounts: [demoAccount, other],
    behaviour: { enforceRates: false },
    images: [
      { region, name: "a", id: "img-aaaaaaaa" },
      { region, name: "byol", id: "img-bbbbbbbb", license: "BYOL" },
      { region, name: "i", id: "img-iiiiiiii", state: "IMPORTING" },
    ],
  })
  const { cvm } = sdk(emulator)
  const theirs = sdk(emulator, region, otherKeys).cvm
  const change = (ImageId: string, Permission: string, ...AccountIds: string[]) =>
    codeOf(cvm.ModifyImageSharePermission({ ImageId, Permission, AccountIds }))
  expect(await change("img-aaaaaaaa", "GIVE", other.uin)).toBe("InvalidParameterValue")
  expect(await change("img-aaaaaaaa", "SHARE", demoAccount.uin)).toBe("FailedOperation.AccountIsYourSelf")
  expect(await change("img-aaaaaaaa", "SHARE", "someone")).toBe("InvalidAccountId.NotFound")
  expect(await change("img-bbbbbbbb", "SHARE", other.uin)).toBe("FailedOperation.BYOLImageShareFailed")
  expect(await change("img-iiiiiiii", "SHARE", other.uin)).toBe("InvalidParameterValue.InvalidImageState")
  expect(await change("img-aaaaaaaa", "SHARE", other.uin, "300000000003")).toBe("none")
  expect(await change("img-aaaaaaaa", "SHARE", other.uin)).toBe("FailedOperation.AccountAlreadyExists")
  const seen = await theirs.DescribeImages(one("image-type", "SHARED_IMAGE"))
  expect(seen.ImageSet?.[0]).toMatchObject({ ImageId: "img-aaaaaaaa", ImageCreator: demoAccount.uin })
  const shares = await cvm.DescribeImageSharePermission({ ImageId: "img-aaaaaaaa" })
  expect(shares.SharePermissionSet?.map((share) => share.AccountId)).toEqual([other.uin, "300000000003"])
  const foreign = { ImageId: "img-aaaaaaaa", AccountIds: ["1234567"], Permission: "SHARE" }
  expect(await codeOf(theirs.ModifyImageSharePermission(foreign))).toBe(
    "UnauthorizedOperation.ImageNotBelongToAccount",
  )
  emulator.setBehaviour({ maxShares: 2, shareTargets: "known" })
  expect(await change("img-aaaaaaaa", "SHARE", "400000000004")).toBe("InvalidAccountId.NotFound")
  emulator.setBehaviour({ shareTargets: "any" })
  expect(await change("img-aaaaaaaa", "SHARE", "400000000004")).toBe("OverQuota")
  expect(await change("img-aaaaaaaa", "CANCEL", other.uin)).toBe("none")
  expect(await change("img-aaaaaaaa", "CANCEL", other.uin)).toBe("InvalidAccountId.NotFound")
  expect((await theirs.DescribeImages(one("image-type", "SHARED_IMAGE"))).TotalCount).toBe(0)
})
