/** What replies of the API are read as. */
import { compareText, type Scope } from "../model/placement.ts"
import { type ApiImage, type ApiImportOs, toImportOs } from "./convert.ts"
import { CloudError, failureOf } from "./failure.ts"
import type { Page } from "./listing.ts"
import type { Accepted, ImportOs } from "./port.ts"
import { IMAGE, IMPORT_OS, misfit, RESOURCES, SHARES } from "./reply-shape.ts"

/** Makes `count` calls one after the other; the last reply stands for all. None: nothing to do, no request id. */
export async function inTurn(count: number, one: (i: number) => Promise<Accepted>): Promise<Accepted> {
  let last: Accepted = { requestId: "" }
  for (let i = 0; i < count; i++) last = await one(i)
  return last
}

export function accepted(reply: Record<string, unknown>): Accepted {
  return { requestId: text(reply.RequestId) }
}

export const text = (value: unknown): string => (typeof value === "string" ? value : "")

/** A code that is no failure. */
export function passed(error: unknown, code: string): Accepted {
  if (error instanceof CloudError && error.failure.code === code) {
    return { requestId: error.failure.requestId ?? "" }
  }
  throw error
}

/** A reply without what it must hold is never read as "nothing there". */
export function pageOf(scope: Scope, reply: Record<string, unknown>): Page<ApiImage> {
  const { TotalCount, ImageSet } = reply
  if (typeof TotalCount !== "number" || !Number.isInteger(TotalCount) || TotalCount < 0) {
    throw unreadable(scope, "DescribeImages", "TotalCount")
  }
  if (Array.isArray(ImageSet)) {
    const wrong = misfit(ImageSet, [IMAGE], "ImageSet")
    if (wrong !== undefined) throw unreadable(scope, "DescribeImages", wrong)
    return { total: TotalCount, items: ImageSet as ApiImage[] }
  }
  if (TotalCount === 0 && (ImageSet === null || ImageSet === undefined)) return { total: 0, items: [] }
  throw unreadable(scope, "DescribeImages", "ImageSet")
}

/** What GetResources found; a reply without the list is no "nothing found". */
export function rowsOf(
  account: string,
  reply: Record<string, unknown>,
): readonly { readonly Resource?: string | null }[] {
  const { ResourceTagMappingList: rows } = reply
  if (rows === null) return []
  if (Array.isArray(rows) && misfit(rows, RESOURCES, "") === undefined)
    return rows as { Resource?: string | null }[]
  throw unreadableTags(account, "The reply has no readable ResourceTagMappingList.")
}

/** The id of the newest image of a family, or null: it has none. */
export function familyOf(scope: Scope, { Image: image }: Record<string, unknown>): string | null {
  if (image === null) return null
  const { ImageId: id } = (image ?? {}) as { readonly ImageId?: unknown }
  if (typeof id !== "string" || id === "") throw unreadable(scope, "DescribeImageFromFamily", "Image")
  return id
}

/** The root accounts of a list of shares, sorted. */
export function sharesOf(scope: Scope, { SharePermissionSet: rows }: Record<string, unknown>): string[] {
  if (rows === undefined || misfit(rows, SHARES, "") !== undefined)
    throw unreadable(scope, "DescribeImageSharePermission", "SharePermissionSet")
  return ((rows ?? []) as { readonly AccountId?: string | null }[])
    .flatMap(({ AccountId }) => (AccountId ? [AccountId] : []))
    .sort(compareText)
}

/** The systems that can be imported. */
export function systemsOf(scope: Scope, reply: Record<string, unknown>): ImportOs[] {
  const wrong = misfit(reply, IMPORT_OS, "Response")
  if (wrong !== undefined) throw unreadable(scope, "DescribeImportImageOs", wrong)
  return toImportOs(reply as ApiImportOs)
}

export function endless(account: string): CloudError {
  return unreadableTags(account, "The pages of GetResources do not end.")
}

/** How many resources DescribeResourcesByTags counted. */
export function totalOf(account: string, { TotalCount }: Record<string, unknown>): number {
  if (typeof TotalCount === "number") return TotalCount
  throw unreadableTags(account, "The reply has no readable TotalCount.", "DescribeResourcesByTags")
}

function unreadableTags(account: string, message: string, action = "GetResources"): CloudError {
  return new CloudError(failureOf("ClientError.InvalidReply", { message, service: "tag", action, account }))
}

export function unreadable(scope: Scope, action: string, field: string): CloudError {
  return new CloudError(
    failureOf("ClientError.InvalidReply", {
      message: `The reply has no readable ${field}.`,
      service: "cvm",
      action,
      account: scope.account,
      region: scope.region,
    }),
  )
}
