/** What changes something, and the rehearsals of it. */
import { compareText, type Scope } from "../model/placement.ts"
import type { ImportRequest } from "../model/request.ts"
import { chunks, imageResource } from "./convert.ts"
import type { Cloud, Examiner } from "./port.ts"
import type { Calls } from "./tencent-calls.ts"
import { accepted, inTurn, passed } from "./tencent-replies.ts"
import type { WireCall } from "./wire.ts"

/** ModifyResourceTags takes 10 of each. */
const MAX_TAGS = 10
/** Older pages of ModifyImageSharePermission say 50 accounts, newer ones 500 an image. */
const MAX_SHARES = 50

type Writes = Pick<
  Cloud & Examiner,
  | "rehearseImport"
  | "importImage"
  | "modifyImage"
  | "deleteImage"
  | "rehearseDelete"
  | "ensureTag"
  | "modifyTags"
  | "modifyShares"
>

/** ImportImage's parameters at the time of the call: each request has a signature of its own. */
export type Importing = (scope: Scope, request: ImportRequest, rehearsal: boolean) => WireCall["params"]

export function writesOf(calls: Calls, importing: Importing): Writes {
  return {
    async rehearseImport(scope, request, o) {
      try {
        const params = importing(scope, request, true)
        return accepted(await calls.call(scope, "ImportImage", params, { write: false, signal: o?.signal }))
      } catch (error) {
        return passed(error, "DryRunOperation")
      }
    },
    async importImage(scope, request, o) {
      const params = importing(scope, request, false)
      const reply = await calls.call(scope, "ImportImage", params, { write: true, signal: o?.signal })
      const { ImageId } = reply
      return {
        ...accepted(reply),
        ...(typeof ImageId === "string" && ImageId !== "" ? { imageId: ImageId } : {}),
      }
    },
    async modifyImage(scope, imageId, attributes, o) {
      const params = {
        ImageId: imageId,
        ImageName: attributes.name,
        ImageDescription: attributes.description,
        ImageFamily: attributes.family,
        ImageDeprecated: attributes.deprecated,
      }
      return accepted(
        await calls.call(scope, "ModifyImageAttribute", params, { write: true, signal: o?.signal }),
      )
    },
    async deleteImage(scope, imageId, { snapshots }, o) {
      const params = { ImageIds: [imageId], DeleteBindedSnap: snapshots }
      try {
        return accepted(await calls.call(scope, "DeleteImages", params, { write: true, signal: o?.signal }))
      } catch (error) {
        return passed(error, "InvalidImageId.NotFound")
      }
    },
    async rehearseDelete(scope, imageId, o) {
      const params = { ImageIds: [imageId], DryRun: true }
      try {
        return accepted(await calls.call(scope, "DeleteImages", params, { write: false, signal: o?.signal }))
      } catch (error) {
        return passed(error, "DryRunOperation")
      }
    },
    async ensureTag(account, key, value, o) {
      try {
        return await calls.tagWrite(account, undefined, "CreateTag", { TagKey: key, TagValue: value }, o)
      } catch (error) {
        return passed(error, "ResourceInUse.TagDuplicate")
      }
    },
    async modifyTags(scope, imageId, tags, o) {
      const set = chunks(
        Object.entries(tags.set)
          .sort(([a], [b]) => compareText(a, b))
          .map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
        MAX_TAGS,
      )
      const remove = chunks(
        [...tags.remove].sort(compareText).map((TagKey) => ({ TagKey })),
        MAX_TAGS,
      )
      return inTurn(Math.max(set.length, remove.length), (i) =>
        calls.tagWrite(
          scope.account,
          scope.region,
          "ModifyResourceTags",
          { Resource: imageResource(scope.region, imageId), ReplaceTags: set[i], DeleteTags: remove[i] },
          o,
        ),
      )
    },
    async modifyShares(scope, imageId, shares, o) {
      const parts = [
        ...chunks(shares.add, MAX_SHARES).map((AccountIds) => ({ AccountIds, Permission: "SHARE" })),
        ...chunks(shares.remove, MAX_SHARES).map((AccountIds) => ({ AccountIds, Permission: "CANCEL" })),
      ]
      return inTurn(parts.length, async (i) => {
        const params = { ImageId: imageId, ...parts[i] }
        return accepted(
          await calls.call(scope, "ModifyImageSharePermission", params, { write: true, signal: o?.signal }),
        )
      })
    },
  }
}
