import { expect, it } from "vitest"
import { api, cloudAt, failureOf, httpServer, REQUEST, SCOPE } from "./support.ts"

it("a cloud that only reads sends reads and rehearsals and nothing else", async () => {
  const sent: string[] = []
  const server = await httpServer(
    api((action, params) => {
      sent.push(params.DryRun === true ? `${action} (rehearsal)` : action)
      return { TotalCount: 0, ImageSet: [], ImageNumQuota: 1, Image: null, SharePermissionSet: null }
    }),
  )
  const cloud = await cloudAt(server.url, { readOnly: true })
  const writes = [
    cloud.importImage(SCOPE, REQUEST),
    cloud.modifyImage(SCOPE, "img-1", { name: "x" }),
    cloud.ensureTag("default", "a", "b"),
    cloud.modifyTags(SCOPE, "img-1", { set: { a: "b" }, remove: [] }),
    cloud.modifyShares(SCOPE, "img-1", { add: ["1"], remove: [] }),
  ]
  for (const write of writes) {
    expect(await failureOf(write)).toMatchObject({
      code: "ClientError.ReadOnly",
      ambiguous: false,
      retryable: false,
    })
  }
  expect(sent).toEqual([])
  await cloud.rehearseImport(SCOPE, REQUEST)
  await cloud.listImages(SCOPE)
  await cloud.listImportOs(SCOPE)
  await cloud.imageQuota(SCOPE)
  await cloud.familyImage(SCOPE, "f")
  await cloud.listShares(SCOPE, "img-1")
  await cloud.callerIdentity("default")
  expect(sent).toEqual([
    "ImportImage (rehearsal)",
    "DescribeImages",
    "DescribeImportImageOs",
    "DescribeImageQuota",
    "DescribeImageFromFamily",
    "DescribeImageSharePermission",
    "GetCallerIdentity",
  ])
  cloud.close()
  await server.close()
})
