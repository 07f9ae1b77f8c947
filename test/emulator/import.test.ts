import { truncateSync, unlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { demoAccount, type EmulatorOptions, ManualClock } from "../../src/emulator/index.ts"
import { gptDisk, iso, qcow2, rawDisk, vhd, vmdk } from "./disks.ts"
import { objectsDirectory, put } from "./files.ts"
import { codeOf, good, raw, sdk, start } from "./helpers.ts"

const cos = "https://golden-1250000000.cos.ap-singapore.myqcloud.com"
const missing = { behaviour: { urlCheck: "submit+dryRun" as const }, objects: objectsDirectory() }
const mine = { Filters: [{ Name: "image-type", Values: ["PRIVATE_IMAGE"] }] }
const tagged = (Key: string, Value: string) => [{ ResourceType: "image", Tags: [{ Key, Value }] }]

describe("the fourteen business errors, each by its cause", () => {
  const same = { images: [{ region: "ap-singapore", name: good.ImageName }] }
  const url = "InvalidParameter.InvalidParameterUrlError"
  const cases: [string, Record<string, unknown>, EmulatorOptions?, string?][] = [
    ["ImageQuotaLimitExceeded", { ImageName: "n" }, { ...same, behaviour: { quota: 1 } }],
    ["ImageQuotaLimitExceeded", {}, { accounts: [{ ...demoAccount, quota: { "ap-singapore": 0 } }] }],
    ["InvalidImageName.Duplicate", {}, same],
    ["InvalidImageName.Duplicate", { DryRun: true }, same],
    ["InvalidImageOsType.Unsupported", { OsType: "BeOS" }],
    ["InvalidImageOsType.Unsupported", { OsType: "Redhat", OsVersion: "7" }],
    ["InvalidImageOsType.Unsupported", { OsType: "AlmaLinux", OsVersion: "9", Architecture: "i386" }],
    ["InvalidImageOsVersion.Unsupported", { OsVersion: "22.04" }],
    ["InvalidImageOsVersion.Unsupported", { OsVersion: "22", Architecture: "i386" }],
    [url, { ImageUrl: "https://example.com/a.qcow2" }],
    [url, { ImageUrl: "not a url" }],
    [url, { ImageUrl: "http://111-1251233127.cosd.myqcloud.com/a.vmdk" }],
    [url, { ImageUrl: `${cos}/` }],
    [url, { ImageUrl: good.ImageUrl.replace("ap-singapore", "ap-hongkong") }],
    [url, {}, missing],
    ["InvalidParameterValue.ISOMustImportByForce", { ImageUrl: `${cos}/a.ISO?sign=1` }],
    ["InvalidParameterValue.InvalidAppIdFormat", { ImageUrl: good.ImageUrl.replace("-1250000000", "") }],
    ["InvalidParameterValue.InvalidAppIdFormat", {}, { accounts: [{ ...demoAccount, invalidAppid: true }] }],
    ["InvalidParameterValue.InvalidBootMode", { BootMode: "BIOS" }],
    [
      "InvalidParameterValue.InvalidBootMode",
      { BootMode: "UEFI", Architecture: "i386", OsType: "Other Linux", OsVersion: "-" },
    ],
    ["InvalidParameterValue.InvalidImageFamily", { ImageFamily: "a family" }],
    ["InvalidParameterValue.InvalidLicenseType", { LicenseType: "byol" }],
    ["InvalidParameterValue.TagKeyNotFound", { TagSpecification: tagged("app", "web") }],
    ["InvalidParameterValue.TooLarge", { ImageName: "x".repeat(61) }],
    ["OperationDenied.InnerUserProhibitAction", {}, { accounts: [{ ...demoAccount, restricted: true }] }],
    ["RegionAbilityLimit.UnsupportedToImportImage", {}, {}, "ap-guangzhou-open"],
  ]

  test.each(cases)("%s: %j", async (code, change, options, region) => {
    const emulator = await start(options)
    const reply = await raw(
      emulator,
      "ImportImage",
      { ...good, ...change },
      region === undefined ? {} : { region },
    )
    expect(reply.code).toBe(code)
    expect(emulator.ledger).toEqual([])
    expect(emulator.requests.at(-1)).toMatchObject({ action: "ImportImage", code, account: demoAccount.uin })
  })

  test("they are fourteen", () => {
    expect(new Set(cases.map(([code]) => code)).size).toBe(14)
  })
})

describe("switches of submitting", () => {
  test("duplicate names: never, or not in a dry run; case counts unless told otherwise", async () => {
    const emulator = await start({ images: [{ region: "ap-singapore", name: good.ImageName }] })
    const { cvm } = sdk(emulator)
    emulator.setBehaviour({ duplicateNames: "submit" })
    expect(await codeOf(cvm.ImportImage({ ...good, DryRun: true }))).toBe("none")
    expect(await codeOf(cvm.ImportImage(good))).toBe("InvalidImageName.Duplicate")
    const upper = { ...good, ImageName: good.ImageName.toUpperCase(), DryRun: true }
    expect(await codeOf(cvm.ImportImage(upper))).toBe("none")
    emulator.setBehaviour({ duplicateNames: "submit+dryRun", namesIgnoreCase: true })
    expect(await codeOf(cvm.ImportImage(upper))).toBe("InvalidImageName.Duplicate")
    emulator.setBehaviour({ duplicateNames: "never" })
    expect(await codeOf(cvm.ImportImage(good))).toBe("none")
    expect(emulator.world.images()).toHaveLength(2)
  })

  test("a dry run checks, changes nothing, and may answer with a code", async () => {
    const emulator = await start()
    const { cvm } = sdk(emulator)
    expect(Object.keys(await cvm.ImportImage({ ...good, DryRun: true }))).toEqual(["RequestId"])
    emulator.setBehaviour({ dryRunAnswer: "DryRunOperation" })
    expect(await codeOf(cvm.ImportImage({ ...good, DryRun: true }))).toBe("DryRunOperation")
    expect(emulator.world.images()).toEqual([])
    expect(emulator.ledger).toEqual([])
  })

  test("tags: the pair, the key, or nothing must exist", async () => {
    const emulator = await start({ behaviour: { duplicateNames: "never" } })
    const { cvm, tag } = sdk(emulator)
    const submit = () => codeOf(cvm.ImportImage({ ...good, TagSpecification: tagged("app", "web") }))
    await tag.CreateTag({ TagKey: "app", TagValue: "db" })
    expect(await submit()).toBe("InvalidParameterValue.TagKeyNotFound")
    emulator.setBehaviour({ tagCheck: "key" })
    expect(await submit()).toBe("none")
    await tag.CreateTag({ TagKey: "app", TagValue: "web" })
    emulator.setBehaviour({ tagCheck: "pair" })
    expect(await submit()).toBe("none")
  })

  test("buckets of another region inside mainland China", async () => {
    const emulator = await start()
    const ask = (from: string, region: string) =>
      raw(
        emulator,
        "ImportImage",
        { ...good, DryRun: true, ImageUrl: good.ImageUrl.replace("ap-singapore", from) },
        { region },
      )
    expect((await ask("ap-beijing", "ap-guangzhou")).code).toBeUndefined()
    expect((await ask("ap-beijing", "ap-shanghai-fsi")).code).toBe(
      "InvalidParameter.InvalidParameterUrlError",
    )
    emulator.setBehaviour({ crossRegionUrls: "never" })
    expect((await ask("ap-beijing", "ap-guangzhou")).code).toBe("InvalidParameter.InvalidParameterUrlError")
    emulator.setBehaviour({ crossRegionUrls: "any" })
    expect((await ask("ap-hongkong", "ap-singapore")).code).toBeUndefined()
  })
})

describe("the life of an import", () => {
  const behaviour = {
    visibilityDelayMs: 1000,
    importMs: 60_000,
    importMsPerGiB: 0,
    failAfterMs: 5000,
    tagDelayMs: 3000,
  }

  test("accepted, visible, NORMAL, tagged", async () => {
    const clock = new ManualClock()
    const emulator = await start({
      clock,
      behaviour,
      objects: objectsDirectory({ "golden-1250000000/ubuntu/jammy.qcow2": qcow2(20) }),
    })
    const { cvm, tag } = sdk(emulator)
    await tag.CreateTag({ TagKey: "app", TagValue: "web" })
    const extra = {
      ImageDescription: "d",
      ImageFamily: "f",
      LicenseType: "BYOL",
      TagSpecification: tagged("app", "web"),
    }
    expect(Object.keys(await cvm.ImportImage({ ...good, ...extra }))).toEqual(["RequestId"])
    const look = async () => (await raw(emulator, "DescribeImages", mine)).response.ImageSet[0]
    clock.advance(999)
    expect(await look()).toBeUndefined()
    clock.advance(1)
    expect(await look()).toMatchObject({
      ImageState: "IMPORTING",
      SnapshotSet: null,
      Tags: null,
      ImageCreator: null,
    })
    clock.advance(60_000)
    expect(await look()).toEqual({
      ImageId: expect.stringMatching(/^img-[0-9a-z]{8}$/),
      OsName: "Ubuntu 22 64bit",
      ImageType: "PRIVATE_IMAGE",
      CreatedTime: "2026-01-01T00:00:00Z",
      ImageName: good.ImageName,
      ImageDescription: "d",
      ImageSize: 20,
      Architecture: "x86_64",
      ImageState: "NORMAL",
      Platform: "Ubuntu",
      ImageCreator: "100000000001",
      ImageSource: "EXTERNAL_IMPORT",
      SyncPercent: null,
      IsSupportCloudinit: true,
      SnapshotSet: [{ SnapshotId: expect.stringMatching(/^snap-/), DiskUsage: "SYSTEM_DISK", DiskSize: 20 }],
      Tags: null,
      LicenseType: "BYOL",
      ImageFamily: "f",
    })
    clock.advance(3000)
    expect((await look()).Tags).toEqual([{ Key: "app", Value: "web" }])
    expect(emulator.ledger.map((entry) => entry.action)).toEqual(["CreateTag", "ImportImage"])
    expect(emulator.ledger[1]).toMatchObject({ region: "ap-singapore", imageIds: [(await look()).ImageId] })
  })

  const bad: [string, Buffer | string | undefined, string][] = [
    ["missing", undefined, "InvalidUrl"],
    ["empty", "", "InvalidFormatSize"],
    ["nothing bootable", Buffer.alloc(4096), "PartitionNotPresent"],
    ["a broken qcow2", qcow2(20, 9), "InvalidFormatSize"],
    ["too large a disk", qcow2(501), "InvalidFormatSize"],
    ["an iso in disguise", iso(), "InvalidFormatSize"],
  ]
  test.each(bad)("%s: IMPORTFAILED, and the API does not say why", async (_name, bytes, reason) => {
    const clock = new ManualClock()
    const objects = objectsDirectory({ "golden-1250000000/other": "x" })
    if (bytes !== undefined) put(objects, "golden-1250000000/ubuntu/jammy.qcow2", bytes)
    const emulator = await start({ clock, behaviour, objects })
    const { cvm } = sdk(emulator)
    await cvm.ImportImage(good)
    clock.advance(1000)
    expect((await cvm.DescribeImages(mine)).ImageSet?.[0]?.ImageState).toBe("IMPORTING")
    clock.advance(5000)
    const reply = await raw(emulator, "DescribeImages", mine)
    expect(reply.response.ImageSet[0].ImageState).toBe("IMPORTFAILED")
    expect(JSON.stringify(reply.response)).not.toContain(reason)
    expect(emulator.world.images()[0]?.reason).toBe(reason)
    expect(await codeOf(cvm.ImportImage(good))).toBe("InvalidImageName.Duplicate")
    emulator.setBehaviour({ failedHoldsName: false, failedCountsQuota: false, quota: 1 })
    expect(await codeOf(cvm.ImportImage({ ...good, DryRun: true }))).toBe("none")
  })

  test.each([
    ["vhd", vhd(5), 5],
    ["vmdk", vmdk(7), 7],
    ["raw", rawDisk(), 1],
    ["gpt", gptDisk(), 1],
  ])("a real %s is NORMAL", async (_name, bytes, size) => {
    const clock = new ManualClock()
    const emulator = await start({
      clock,
      behaviour,
      objects: objectsDirectory({ "golden-1250000000/ubuntu/jammy.qcow2": bytes }),
    })
    await sdk(emulator).cvm.ImportImage(good)
    clock.advance(61_000)
    expect(emulator.world.images()[0]).toMatchObject({ state: "NORMAL", sizeGiB: size })
  })

  test("an object that goes away before the end, an iso by force, and outcomes by decree", async () => {
    const clock = new ManualClock()
    const objects = objectsDirectory({
      "golden-1250000000/ubuntu/jammy.qcow2": qcow2(),
      "golden-1250000000/a.iso": iso(),
    })
    const emulator = await start({
      clock,
      objects,
      behaviour: { ...behaviour, importOutcomes: { virtio: "VirtioNotInstall", slow: "never" } },
    })
    const { cvm } = sdk(emulator)
    await cvm.ImportImage(good)
    await cvm.ImportImage({ ...good, ImageName: "virtio" })
    await cvm.ImportImage({ ...good, ImageName: "slow" })
    await cvm.ImportImage({ ...good, ImageName: "iso", ImageUrl: `${cos}/a.iso`, Force: true })
    unlinkSync(join(objects, "golden-1250000000/ubuntu/jammy.qcow2"))
    clock.advance(1_000_000)
    const states = Object.fromEntries(
      emulator.world.images().map((image) => [image.name, image.reason ?? image.state]),
    )
    expect(states).toEqual({
      [good.ImageName]: "InvalidUrl",
      virtio: "VirtioNotInstall",
      slow: "IMPORTING",
      iso: "NORMAL",
    })
  })

  test("larger objects take longer", async () => {
    const clock = new ManualClock()
    const objects = objectsDirectory({ "golden-1250000000/ubuntu/jammy.qcow2": qcow2(20) })
    truncateSync(join(objects, "golden-1250000000/ubuntu/jammy.qcow2"), 1024 ** 3)
    const emulator = await start({ clock, objects, behaviour: { ...behaviour, importMsPerGiB: 10_000 } })
    await sdk(emulator).cvm.ImportImage(good)
    clock.advance(70_000)
    expect(emulator.world.images()[0]?.state).toBe("IMPORTING")
    clock.advance(1000)
    expect(emulator.world.images()[0]).toMatchObject({ state: "NORMAL", sizeGiB: 20 })
  })

  test("without a directory every object is good, and the store shows the same one", async () => {
    const clock = new ManualClock()
    const emulator = await start({ clock, privateObjects: ["golden-1250000000/shut*"] })
    const { cvm } = sdk(emulator)
    for (const name of ["a.qcow2", "b.vhd", "c.vmdk", "d.raw", "e", "f.iso", "shut.qcow2"]) {
      await cvm.ImportImage({ ...good, ImageName: name, ImageUrl: `${cos}/${name}`, Force: name === "f.iso" })
    }
    clock.advance(1_000_000)
    const failed = emulator.world.images().filter((image) => image.state !== "NORMAL")
    expect(failed.map((image) => image.name)).toEqual(["shut.qcow2"])
    const head = async (bucket: string, name: string) => {
      const reply = await fetch(`${emulator.env.CVMIMG_COS_ENDPOINT}/${bucket}/${name}`)
      const bytes = Buffer.from(await reply.arrayBuffer())
      return [
        reply.status,
        bytes.length,
        bytes.toString("latin1", 0, 3),
        reply.headers.get("x-cos-hash-crc64ecma"),
      ]
    }
    const first = await head("golden-1250000000", "a.qcow2")
    expect(first.slice(0, 3)).toEqual([200, 65_536, "QFI"])
    expect(await head("elsewhere-1250000000", "a.qcow2")).toEqual(first)
    expect((await head("golden-1250000000", "b.qcow2"))[3]).not.toBe(first[3])
    expect((await head("golden-1250000000", "shut.qcow2"))[0]).toBe(403)
    expect((await head("golden", "a.qcow2"))[0]).toBe(404)
  })

  test("a hidden image holds its name and its place and cannot be named", async () => {
    const clock = new ManualClock()
    const emulator = await start({ clock, site: "cn", behaviour: { ...behaviour, quota: 1 } })
    const { cvm } = sdk(emulator)
    const { ImageId = "" } = await cvm.ImportImage(good)
    expect(await codeOf(cvm.ImportImage({ ...good, ImageName: "b" }))).toBe("ImageQuotaLimitExceeded")
    expect(await codeOf(cvm.DeleteImages({ ImageIds: [ImageId] }))).toBe("InvalidImageId.NotFound")
    expect((await cvm.DescribeImages({ ImageIds: [ImageId] })).TotalCount).toBe(0)
    clock.advance(1000)
    expect(await codeOf(cvm.DeleteImages({ ImageIds: [ImageId] }))).toBe("InvalidImageId.IncorrectState")
    clock.advance(60_000)
    expect(await codeOf(cvm.DeleteImages({ ImageIds: [ImageId] }))).toBe("none")
  })

  test("a faster world", async () => {
    const emulator = await start({ speed: 100_000, behaviour })
    await sdk(emulator).cvm.ImportImage(good)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(emulator.world.images()[0]?.state).toBe("NORMAL")
    expect((await raw(emulator, "DescribeImages")).code).toBeUndefined()
  })
})
