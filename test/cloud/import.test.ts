/** Every parameter of ImportImage: from an ImportRequest to what the service received, over real HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { systemClock } from "../../src/cloud/clock.ts"
import { connect } from "../../src/cloud/connect.ts"
import type { Cloud } from "../../src/cloud/port.ts"
import { type Emulator, startEmulator } from "../../src/emulator/index.ts"
import type { ImportRequest } from "../../src/model/request.ts"
import { api, cloudAt, httpServer, REQUEST, SCOPE } from "./support.ts"

const REQUIRED = {
  Architecture: "x86_64",
  OsType: "Other Linux",
  OsVersion: "-",
  ImageUrl: REQUEST.url,
  ImageName: REQUEST.name,
}

const PLAIN: ImportRequest = { ...REQUEST, description: "", osType: "Other Linux", osVersion: "-" }

const VARIANTS: readonly [string, Partial<ImportRequest>, object][] = [
  ["nothing optional", {}, {}],
  ["name", { name: "übung 1" }, { ImageName: "übung 1" }],
  [
    "description",
    { description: 'a "quoted" 描述 [cvmimg:1]' },
    { ImageDescription: 'a "quoted" 描述 [cvmimg:1]' },
  ],
  ["url", { url: `${REQUEST.url}%20x` }, { ImageUrl: `${REQUEST.url}%20x` }],
  ["os", { osType: "CentOS", osVersion: "7" }, { OsType: "CentOS", OsVersion: "7" }],
  ["architecture", { architecture: "i386" }, { Architecture: "i386" }],
  ["Legacy BIOS", { bootMode: "Legacy BIOS" }, { BootMode: "Legacy BIOS" }],
  ["UEFI", { bootMode: "UEFI" }, { BootMode: "UEFI" }],
  ["licence", { licenseType: "BYOL" }, { LicenseType: "BYOL" }],
  ["force", { force: true }, { Force: true }],
  ["family", { family: "ubuntu" }, { ImageFamily: "ubuntu" }],
  [
    "tags",
    { tags: { "team:b": "2", a: "1" } },
    {
      TagSpecification: [
        {
          ResourceType: "image",
          Tags: [
            { Key: "a", Value: "1" },
            { Key: "team:b", Value: "2" },
          ],
        },
      ],
    },
  ],
  ["data disks", { dataDiskUrls: [REQUEST.url] }, { ImportImageDataDiskList: [{ ImageUrl: REQUEST.url }] }],
]

describe("ImportImage on the emulator", () => {
  let emulator: Emulator
  let cloud: Cloud
  beforeAll(async () => {
    emulator = await startEmulator({ site: "cn", behaviour: { tagCheck: "off", duplicateNames: "never" } })
    const accounts = [{ name: "default", vars: {} }]
    cloud = await connect({
      site: "cn",
      accounts,
      clock: systemClock,
      env: emulator.env,
      home: "/nonexistent",
    })
  })
  afterAll(async () => {
    cloud.close()
    await emulator.close()
  })
  beforeEach(() => emulator.clearLogs())

  it.each(VARIANTS)("%s", async (_, change, parameters) => {
    const request = { ...PLAIN, ...change }
    await cloud.rehearseImport(SCOPE, request)
    const accepted = await cloud.importImage(SCOPE, request)
    const [rehearsal, call] = emulator.requests
    expect(rehearsal?.parameters).toEqual({ ...REQUIRED, ...parameters, DryRun: true })
    expect(call).toMatchObject({
      action: "ImportImage",
      version: "2017-03-12",
      region: SCOPE.region,
      code: null,
    })
    expect(call?.parameters).toEqual({ ...REQUIRED, ...parameters })
    expect(emulator.ledger.map((entry) => entry.action)).toEqual(["ImportImage"])
    expect(accepted.requestId).toBe(call?.requestId)
    expect(accepted.imageId).toBe(emulator.ledger[0]?.imageIds[0])
  })
})

it("sends arm_64 as it is written on input", async () => {
  let sent: unknown
  const server = await httpServer(
    api((_, params) => {
      sent = params.Architecture
      return {}
    }),
  )
  const cloud = await cloudAt(server.url)
  await cloud.importImage(SCOPE, { ...REQUEST, architecture: "arm_64" })
  expect(sent).toBe("arm_64")
  cloud.close()
  await server.close()
})

it("an image id is passed on where the reply has one, and absent where not", async () => {
  const ids = ["img-0001", "", undefined, null]
  const server = await httpServer(api(() => ({ ImageId: ids.shift() })))
  const cloud = await cloudAt(server.url)
  expect(await cloud.importImage(SCOPE, REQUEST)).toEqual({ requestId: "request-1", imageId: "img-0001" })
  for (let i = 0; i < 3; i++) expect(await cloud.importImage(SCOPE, REQUEST)).not.toHaveProperty("imageId")
  cloud.close()
  await server.close()
})

it("listing drops what is not private, and asks for private images alone, 100 a page", async () => {
  const asked: unknown[] = []
  const image = (ImageId: string, ImageType: string) => ({
    ImageId,
    ImageType,
    ImageName: "same",
    ImageCreator: null,
  })
  const server = await httpServer(
    api((_, params) => {
      asked.push(params)
      return {
        TotalCount: 3,
        ImageSet: [
          image("img-1", "PRIVATE_IMAGE"),
          image("img-2", "SHARED_IMAGE"),
          image("img-3", "PUBLIC_IMAGE"),
        ],
      }
    }),
  )
  const cloud = await cloudAt(server.url)
  expect((await cloud.listImages(SCOPE)).map((i) => i.id)).toEqual(["img-1"])
  expect(asked).toEqual([
    { Filters: [{ Name: "image-type", Values: ["PRIVATE_IMAGE"] }], Offset: 0, Limit: 100 },
  ])
  cloud.close()
  await server.close()
})
