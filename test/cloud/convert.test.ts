import { describe, expect, it } from "vitest"
import { chunks, importParameters, toCloudImage, toImportOs } from "../../src/cloud/convert.ts"
import { REQUEST } from "./support.ts"

describe("importParameters", () => {
  it("sends only what is required where nothing else is asked for", () => {
    expect(importParameters({ ...REQUEST, description: "" }, false)).toEqual({
      Architecture: "x86_64",
      OsType: "Ubuntu",
      OsVersion: "16",
      ImageUrl: REQUEST.url,
      ImageName: "ubuntu-22.04-base",
    })
  })

  it("sends everything that is asked for, tags sorted", () => {
    const full = {
      ...REQUEST,
      bootMode: "Legacy BIOS",
      licenseType: "BYOL",
      force: true,
      family: "ubuntu",
      tags: { b: "2", a: "1", B: "3" },
      dataDiskUrls: ["https://x/1", "https://x/2"],
    } as const
    expect(importParameters(full, true, (url) => `${url}?signed`)).toEqual({
      Architecture: "x86_64",
      OsType: "Ubuntu",
      OsVersion: "16",
      ImageUrl: `${REQUEST.url}?signed`,
      ImageName: "ubuntu-22.04-base",
      ImageDescription: REQUEST.description,
      DryRun: true,
      Force: true,
      TagSpecification: [
        {
          ResourceType: "image",
          Tags: [
            { Key: "B", Value: "3" },
            { Key: "a", Value: "1" },
            { Key: "b", Value: "2" },
          ],
        },
      ],
      LicenseType: "BYOL",
      BootMode: "Legacy BIOS",
      ImageFamily: "ubuntu",
      ImportImageDataDiskList: [{ ImageUrl: "https://x/1?signed" }, { ImageUrl: "https://x/2?signed" }],
    })
  })
})

describe("toCloudImage", () => {
  it("takes nulls and missing fields", () => {
    const bare = {
      id: "img-1",
      name: "",
      description: "",
      family: "",
      deprecated: false,
      state: "",
      architecture: "",
      tags: {},
      snapshotIds: [],
    }
    expect(toCloudImage({ ImageId: "img-1" })).toEqual(bare)
    expect(
      toCloudImage({
        ImageId: "img-1",
        ImageName: null,
        Tags: null,
        SnapshotSet: null,
        SyncPercent: null,
        CreatedTime: null,
        LicenseType: null,
      }),
    ).toEqual(bare)
    expect(toCloudImage({ ImageId: null })).toBeNull()
  })

  it("reads both spellings of a time, and keeps architecture and state as written", () => {
    const z = toCloudImage({ ImageId: "img-1", CreatedTime: "2026-11-24T08:00:00Z", Architecture: "arm" })
    const offset = toCloudImage({
      ImageId: "img-1",
      CreatedTime: "2026-11-24T08:00:00+00:00",
      ImageState: "USING",
    })
    expect(z?.createdAt).toBe(Date.UTC(2026, 10, 24, 8))
    expect(offset?.createdAt).toBe(z?.createdAt)
    expect(z?.architecture).toBe("arm")
    expect(offset?.state).toBe("USING")
  })

  it("keeps tags with hostile keys as plain data", () => {
    const image = toCloudImage({
      ImageId: "img-1",
      Tags: [
        { Key: "__proto__", Value: "x" },
        { Key: "a", Value: null },
      ],
    })
    expect(Object.entries(image?.tags ?? {})).toEqual([
      ["__proto__", "x"],
      ["a", ""],
    ])
  })
})

describe("toImportOs", () => {
  it("joins the two lists", () => {
    expect(
      toImportOs({
        ImportImageOsListSupported: { Windows: ["Windows Server 2016", "Hyper"], Linux: ["CentOS", "New"] },
        ImportImageOsVersionSet: [
          { OsName: "Windows Server 2016", OsVersions: ["-"], Architecture: ["x86_64"] },
          { OsName: "CentOS", OsVersions: ["7"], Architecture: ["x86_64", "i386"] },
          { OsName: "Redhat", OsVersions: ["7"], Architecture: null },
        ],
      }),
    ).toEqual([
      { type: "CentOS", versions: ["7"], architectures: ["x86_64", "i386"], platform: "Linux" },
      { type: "Hyper", versions: [], architectures: [], platform: "Windows" },
      { type: "New", versions: [], architectures: [], platform: "Linux" },
      { type: "Redhat", versions: ["7"], architectures: [], platform: "Linux" },
      { type: "Windows Server 2016", versions: ["-"], architectures: ["x86_64"], platform: "Windows" },
    ])
  })
})

it("chunks", () => {
  expect(chunks([1, 2, 3], 2)).toEqual([[1, 2], [3]])
  expect(chunks([], 2)).toEqual([])
})
