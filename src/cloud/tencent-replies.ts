/** What replies of the API are read as. */
import type { Scope } from "../model/placement.ts"
import type { ApiImage } from "./convert.ts"
import { CloudError, failureOf } from "./failure.ts"
import type { Page } from "./listing.ts"
import type { Accepted } from "./port.ts"

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
  if (Array.isArray(ImageSet)) return { total: TotalCount, items: ImageSet as ApiImage[] }
  if (TotalCount === 0 && (ImageSet === null || ImageSet === undefined)) return { total: 0, items: [] }
  throw unreadable(scope, "DescribeImages", "ImageSet")
}

/** What GetResources found; a reply without the list is no "nothing found". */
export function rowsOf(
  account: string,
  reply: Record<string, unknown>,
): readonly { readonly Resource?: string | null }[] {
  const { ResourceTagMappingList: rows } = reply
  if (Array.isArray(rows)) return rows as { Resource?: string | null }[]
  if (rows === null) return []
  throw unreadableTags(account, "The reply has no readable ResourceTagMappingList.")
}

export function endless(account: string): CloudError {
  return unreadableTags(account, "The pages of GetResources do not end.")
}

function unreadableTags(account: string, message: string): CloudError {
  const action = "GetResources"
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
