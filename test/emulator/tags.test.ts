import { describe, expect, test } from "vitest"
import { demoAccount } from "../../src/emulator/index.ts"
import { codeOf, raw, sdk, start } from "./helpers.ts"

const region = "ap-singapore"
const name = (id: string, uin = "") => `qcs::cvm:${region}:uin/${uin}:image/${id}`
const images = [
  { region, name: "a", id: "img-aaaaaaaa", tags: { app: "web" } },
  { region, name: "b", id: "img-bbbbbbbb" },
]

describe("making tags", () => {
  test.each([
    ["InvalidParameterValue.TagKeyEmpty", "", "v"],
    ["InvalidParameterValue.TagValueEmpty", "k", ""],
    ["InvalidParameterValue.TagKeyLengthExceeded", "k".repeat(128), "v"],
    ["InvalidParameterValue.TagValueLengthExceeded", "k", "v".repeat(256)],
    ["InvalidParameterValue.ReservedTagKey", "qcs:x", "v"],
    ["InvalidParameterValue.ReservedTagKey", "project", "v"],
    ["InvalidParameterValue.TagKeyCharacterIllegal", "a?", "v"],
    ["InvalidParameterValue.TagKeyCharacterIllegal", " a", "v"],
    ["InvalidParameterValue.TagValueCharacterIllegal", "a", "é"],
    [undefined, "cvmimg.stack", "0a1b:中文 x"],
  ])("%s for %s=%s", async (code, TagKey, TagValue) => {
    const emulator = await start()
    expect((await raw(emulator, "CreateTag", { TagKey, TagValue })).code).toBe(code)
  })

  test("duplicates, many at once, limits, reading back in pages", async () => {
    const emulator = await start({ behaviour: { maxTagKeys: 3, maxTagValues: 2 } })
    const { tag } = sdk(emulator)
    const create = (TagKey: string, TagValue: string) => codeOf(tag.CreateTag({ TagKey, TagValue }))
    expect(await create("a", "1")).toBe("none")
    expect(await create("a", "1")).toBe("ResourceInUse.TagDuplicate")
    expect(await create("a", "2")).toBe("none")
    expect(await create("a", "3")).toBe("LimitExceeded.TagValue")
    await tag.CreateTags({
      Tags: [
        { TagKey: "b", TagValue: "1" },
        { TagKey: "c", TagValue: "1" },
      ],
    })
    expect(await create("d", "1")).toBe("LimitExceeded.TagKey")
    expect(await codeOf(tag.CreateTags({ Tags: Array(11).fill({ TagKey: "x", TagValue: "y" }) }))).toBe(
      "LimitExceeded.TagNumPerRequest",
    )
    const first = await tag.GetTags({ MaxResults: 3 })
    const second = await tag.GetTags({ MaxResults: 3, PaginationToken: first.PaginationToken ?? "" })
    expect([first.Tags?.length, second.Tags?.length, second.PaginationToken]).toEqual([3, 1, ""])
    expect(await codeOf(tag.GetTags({ PaginationToken: "?" }))).toBe(
      "InvalidParameter.PaginationTokenInvalid",
    )
    expect((await tag.GetTags({ TagKeys: ["a"] })).Tags?.map((entry) => entry.TagValue)).toEqual(["1", "2"])
  })
})

describe("tags on images", () => {
  test("TagResources makes and overwrites; partial failure stands inside a success", async () => {
    const emulator = await start({ images })
    const { tag, cvm } = sdk(emulator)
    const reply = await tag.TagResources({
      ResourceList: [
        name("img-aaaaaaaa"),
        name("img-bbbbbbbb", demoAccount.uin),
        name("img-zzzzzzzz"),
        name("img-bbbbbbbb", "42"),
      ],
      Tags: [{ TagKey: "app", TagValue: "db" }],
    })
    expect(reply.FailedResources?.map((failed) => [failed.Resource, failed.Code])).toEqual([
      [name("img-zzzzzzzz"), "ResourceNotFound"],
      [name("img-bbbbbbbb", "42"), "AuthFailure.UnauthorizedOperation"],
    ])
    const set = (await cvm.DescribeImages({ ImageIds: ["img-aaaaaaaa", "img-bbbbbbbb"] })).ImageSet
    expect(set?.map((image) => image.Tags)).toEqual([
      [{ Key: "app", Value: "db" }],
      [{ Key: "app", Value: "db" }],
    ])
    expect(emulator.ledger.at(-1)?.imageIds).toEqual(["img-aaaaaaaa", "img-bbbbbbbb"])
    const undo = await tag.UnTagResources({ ResourceList: [name("img-aaaaaaaa")], TagKeys: ["app"] })
    expect(undo.FailedResources).toEqual([])
    expect(emulator.world.image("img-aaaaaaaa")?.tags).toEqual({})
  })

  test("a resource holds fifty tags", async () => {
    const tags = Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`k${index}`, "v"]))
    const emulator = await start({ images: [{ region, name: "a", id: "img-aaaaaaaa", tags }] })
    const { tag } = sdk(emulator)
    const add = (...keys: string[]) =>
      tag.TagResources({
        ResourceList: [name("img-aaaaaaaa")],
        Tags: keys.map((TagKey) => ({ TagKey, TagValue: "v" })),
      })
    expect((await add("x", "y")).FailedResources?.[0]?.Code).toBe("LimitExceeded.ResourceAttachedTags")
    expect((await add("x", "k1")).FailedResources).toEqual([])
  })

  test("ModifyResourceTags merges, and is picky about its lists", async () => {
    const emulator = await start({ images })
    const { tag } = sdk(emulator)
    const modify = (rest: object, id = "img-aaaaaaaa") =>
      codeOf(tag.ModifyResourceTags({ Resource: name(id), ...rest }))
    expect(await modify({ ReplaceTags: [{ TagKey: "team", TagValue: "x" }] })).toBe("none")
    expect(emulator.world.image("img-aaaaaaaa")?.tags).toEqual({ app: "web", team: "x" })
    expect(
      await modify({ DeleteTags: [{ TagKey: "app" }], ReplaceTags: [{ TagKey: "team", TagValue: "y" }] }),
    ).toBe("none")
    expect(emulator.world.image("img-aaaaaaaa")?.tags).toEqual({ team: "y" })
    expect(await modify({})).toBe("MissingParameter")
    expect(await modify({ ReplaceTags: [] })).toBe("InvalidParameter.Tag")
    expect(await modify({ DeleteTags: [] })).toBe("InvalidParameterValue.DeleteTagsParamError")
    expect(
      await modify({ DeleteTags: [{ TagKey: "team" }], ReplaceTags: [{ TagKey: "team", TagValue: "z" }] }),
    ).toBe("InvalidParameterValue.TagKeyDuplicate")
    expect(await modify({ DeleteTags: [{ TagKey: "nope" }] })).toBe("ResourceNotFound.AttachedTagKeyNotFound")
    expect(await modify({ DeleteTags: [{ TagKey: "team" }] }, "img-zzzzzzzz")).toBe("ResourceNotFound")
    const wrong = { Resource: "img-aaaaaaaa", DeleteTags: [{ TagKey: "team" }] }
    expect(await codeOf(tag.ModifyResourceTags(wrong))).toBe("InvalidParameterValue.ResourceDescriptionError")
    const cos = { ...wrong, Resource: "qcs::cos:ap-singapore:uin/:image/x" }
    expect(await codeOf(tag.ModifyResourceTags(cos))).toBe("InvalidParameter.UnsupportedService")
  })

  test("reading: GetResources, DescribeResourcesByTags and DescribeResourceTagsByResourceIds", async () => {
    const emulator = await start({
      images: [
        ...images,
        { region: "ap-tokyo", name: "c", id: "img-cccccccc", tags: { app: "db", team: "x" } },
      ],
    })
    const { tag } = sdk(emulator)
    const found = async (parameters: Parameters<typeof tag.GetResources>[0]) =>
      (await tag.GetResources(parameters)).ResourceTagMappingList?.map((row) => row.Resource?.slice(-12))
    expect(await found({ TagFilters: [{ TagKey: "app" }] })).toEqual(["img-aaaaaaaa", "img-cccccccc"])
    expect(
      await found({ TagFilters: [{ TagKey: "app", TagValue: ["db", "web"] }, { TagKey: "team" }] }),
    ).toEqual(["img-cccccccc"])
    expect(await found({ ResourceList: [name("img-aaaaaaaa")] })).toEqual(["img-aaaaaaaa"])
    const first = await tag.GetResources({ MaxResults: 1 })
    expect(await found({ MaxResults: 1, PaginationToken: first.PaginationToken ?? "" })).toEqual([
      "img-cccccccc",
    ])
    const app = { TagFilters: [{ TagKey: "app" }], ServiceType: "cvm", ResourcePrefix: "image" }
    expect(await tag.DescribeResourcesByTags({ ...app, Limit: 1, Offset: 1 })).toMatchObject({
      TotalCount: 2,
      Offset: 1,
      Limit: 1,
      Rows: [{ ResourceRegion: "ap-tokyo", ResourceId: "img-cccccccc", ResourcePrefix: "image" }],
    })
    const { TotalCount } = await tag.DescribeResourcesByTags({ ...app, ResourceRegion: region })
    expect(TotalCount).toBe(1)
    expect(await tag.DescribeResourcesByTags({ ...app, ServiceType: "cos" })).toMatchObject({ TotalCount: 0 })
    expect(await codeOf(tag.DescribeResourcesByTags({ ...app, Limit: 2, Offset: 1 }))).toBe(
      "InvalidParameterValue",
    )
    const query = {
      ServiceType: "cvm",
      ResourcePrefix: "image",
      ResourceRegion: region,
      ResourceIds: ["img-aaaaaaaa"],
    }
    expect(await tag.DescribeResourceTagsByResourceIds(query)).toMatchObject({
      TotalCount: 1,
      Offset: 0,
      Limit: 15,
      Tags: [{ TagKey: "app", TagValue: "web", ResourceId: "img-aaaaaaaa", ServiceType: "cvm" }],
    })
    expect(await codeOf(tag.DescribeResourceTagsByResourceIds({ ...query, Offset: 7 }))).toBe(
      "InvalidParameterValue",
    )
  })
})
