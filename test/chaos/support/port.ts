/**
 * The Cloud port over the emulator's actions, without a wire: parameters and replies as the adapter builds and reads
 * them, repetitions as the adapter makes them, and in between the weather of the network.
 */
import {
  type ApiImage,
  chunks,
  imageResource,
  importParameters,
  taggedImages,
  toCloudImage,
} from "../../../src/cloud/convert.ts"
import { CloudError } from "../../../src/cloud/failure.ts"
import { listAll } from "../../../src/cloud/listing.ts"
import type { Accepted, Cloud } from "../../../src/cloud/port.ts"
import { createRetryBudget, DEFAULT_RETRY, retryDelay } from "../../../src/cloud/retry.ts"
import { accepted, inTurn, pageOf, passed, rowsOf, unreadable } from "../../../src/cloud/tencent-replies.ts"
import type { Scope } from "../../../src/model/placement.ts"
import { copyOf } from "./copy.ts"
import { type Call, type Line, once } from "./line.ts"

export function chaosPort(line: Line): Cloud {
  const budget = createRetryBudget()
  const send = async (call: Call, signal: AbortSignal | undefined): Promise<Record<string, unknown>> => {
    const start = line.process.monotonic()
    for (let made = 1; ; ) {
      signal?.throwIfAborted()
      try {
        const reply = await once(line, call)
        budget.succeeded()
        return reply
      } catch (error) {
        if (!(error instanceof CloudError)) throw error
        const elapsedMs = line.process.monotonic() - start
        const attempt = { failure: error.failure, write: call.write, made, elapsedMs }
        const delayMs = retryDelay(attempt, DEFAULT_RETRY, budget, () => line.random.next())
        if (delayMs === null) throw error
        if (error.failure.blame !== "rate") made += 1
        await line.process.sleep(delayMs, signal)
      }
    }
  }
  const read = (scope: Scope, action: string, parameters: object, signal: AbortSignal | undefined) =>
    send({ ...scopeOf(scope), action, write: false, parameters: plain(parameters) }, signal)
  const write = async (scope: Scope, action: string, parameters: object, signal: AbortSignal | undefined) =>
    send({ ...scopeOf(scope), action, write: true, parameters: plain(parameters) }, signal)

  return {
    async listImages(scope, o) {
      const items = await listAll({
        pageSize: line.pageSize,
        scope: scopeOf(scope),
        id: (image: ApiImage) => image.ImageId ?? "",
        page: async (offset) => {
          const Filters = [{ Name: "image-type", Values: ["PRIVATE_IMAGE"] }]
          const parameters = { Filters, Offset: offset, Limit: line.pageSize }
          return pageOf(scope, await read(scope, "DescribeImages", parameters, o?.signal))
        },
      })
      return items.filter((i) => i.ImageType === "PRIVATE_IMAGE").flatMap((i) => toCloudImage(i) ?? [])
    },
    listImportOs: () => Promise.resolve([]),
    imageQuota: () => Promise.resolve(500),
    familyImage: () => Promise.resolve(null),
    async listShares(scope, imageId, o) {
      const reply = await read(scope, "DescribeImageSharePermission", { ImageId: imageId }, o?.signal)
      const { SharePermissionSet: set } = reply as { SharePermissionSet?: { AccountId: string }[] | null }
      if (set === undefined) throw unreadable(scope, "DescribeImageSharePermission", "SharePermissionSet")
      return (set ?? []).map((s) => s.AccountId).sort()
    },
    async listOwned(account, stackId, o) {
      const TagFilters = [{ TagKey: "cvmimg.stack", TagValue: [stackId] }]
      const reply = await read(
        { account, region: "" },
        "GetResources",
        { TagFilters, MaxResults: 200 },
        o?.signal,
      )
      return taggedImages(rowsOf(account, reply))
    },
    callerIdentity: () => Promise.resolve({ accountId: "", userId: "", arn: "" }),
    async rehearseImport(scope, request, o) {
      try {
        return accepted(await read(scope, "ImportImage", importParameters(request, true), o?.signal))
      } catch (error) {
        return passed(error, "DryRunOperation")
      }
    },
    async importImage(scope, request, o) {
      const reply = await write(scope, "ImportImage", importParameters(request, false), o?.signal)
      const { ImageId } = reply
      return { ...accepted(reply), ...(typeof ImageId === "string" ? { imageId: ImageId } : {}) }
    },
    async modifyImage(scope, imageId, a, o) {
      const { name, description, family, deprecated } = a
      const named = { ImageName: name, ImageDescription: description }
      const parameters = { ImageId: imageId, ...named, ImageFamily: family, ImageDeprecated: deprecated }
      return accepted(await write(scope, "ModifyImageAttribute", parameters, o?.signal))
    },
    async deleteImage(scope, imageId, { snapshots }, o) {
      const parameters = { ImageIds: [imageId], DeleteBindedSnap: snapshots }
      try {
        return accepted(await write(scope, "DeleteImages", parameters, o?.signal))
      } catch (error) {
        return passed(error, "InvalidImageId.NotFound")
      }
    },
    async ensureTag(account, key, value, o) {
      try {
        const parameters = { TagKey: key, TagValue: value }
        return accepted(await write({ account, region: "" }, "CreateTag", parameters, o?.signal))
      } catch (error) {
        return passed(error, "ResourceInUse.TagDuplicate")
      }
    },
    modifyTags(scope, imageId, tags, o) {
      const set = chunks(
        Object.entries(tags.set).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
        10,
      )
      const remove = chunks(
        tags.remove.map((TagKey) => ({ TagKey })),
        10,
      )
      const Resource = imageResource(scope.region, imageId)
      return inTurn(Math.max(set.length, remove.length), async (i) => {
        const parameters = { Resource, ReplaceTags: set[i], DeleteTags: remove[i] }
        return accepted(await write(scope, "ModifyResourceTags", parameters, o?.signal))
      })
    },
    modifyShares(scope, imageId, { add, remove }, o) {
      const calls = [
        ...(add.length > 0 ? [{ AccountIds: add, Permission: "SHARE" }] : []),
        ...(remove.length > 0 ? [{ AccountIds: remove, Permission: "CANCEL" }] : []),
      ]
      return inTurn(calls.length, async (i): Promise<Accepted> => {
        const parameters = { ImageId: imageId, ...calls[i] }
        return accepted(await write(scope, "ModifyImageSharePermission", parameters, o?.signal))
      })
    },
    close() {},
  }
}

const scopeOf = ({ account, region }: Scope): Scope => ({ account, region })

const plain = (value: object): Record<string, unknown> => copyOf(value) as Record<string, unknown>
