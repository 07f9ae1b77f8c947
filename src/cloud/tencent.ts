/** The cloud port on Tencent Cloud's API 3.0: each method is one action, in the port's words. */
import type { Clock } from "../model/clock.ts"
import type { Failure } from "../model/failure.ts"
import { compareText, type Scope } from "../model/placement.ts"
import { STACK_TAG } from "../model/provenance.ts"
import type { ImportRequest } from "../model/request.ts"
import type { Account, Site } from "../model/stack.ts"
import {
  type ApiImage,
  chunks,
  imageResource,
  importParameters,
  taggedImages,
  toCloudImage,
} from "./convert.ts"
import { signCosUrl } from "./cos-sign.ts"
import { examiner } from "./examine.ts"
import { CloudError, failureOf } from "./failure.ts"
import { originOf } from "./hosts.ts"
import type { CredentialSource, Keys } from "./keys.ts"
import { listAll } from "./listing.ts"
import { createPacer, type PaceSettings } from "./pacing.ts"
import type { Accepted, CallOptions, Cloud, Examiner, SourceSigner } from "./port.ts"
import type { Env } from "./proxy.ts"
import { readOnly } from "./read-only.ts"
import { DEFAULT_RETRY, type RetryPolicy } from "./retry.ts"
import { type ClientSettings, createSdkClient, type SdkClient } from "./tencent-client.ts"
import {
  accepted,
  endless,
  familyOf,
  inTurn,
  pageOf,
  passed,
  rowsOf,
  sharesOf,
  systemsOf,
  text,
  totalOf,
  unreadable,
} from "./tencent-replies.ts"
import { createTransport, DEFAULT_LIMITS, type Transport, type TransportLimits } from "./transport.ts"
import { createWire, type Deadlines, type Wire, type WireCall } from "./wire.ts"

export interface TencentOptions {
  readonly site: Site
  readonly accounts: readonly Account[]
  /** Leads every service to this address; https, or http on loopback. */
  readonly endpoint?: string
  /** Made with a way to call sts, for credentials that are exchanged there. */
  readonly credentials: (sts: StsCall) => CredentialSource
  readonly clock: Clock
  /** Proxy settings are read from it. */
  readonly env: Env
  /** How long signed source URLs are valid, in ms. */
  readonly signatureMs: number
  readonly pace: PaceSettings
  readonly limits?: Partial<TransportLimits & Deadlines>
  readonly retry?: Partial<RetryPolicy>
  readonly random?: () => number
  /** Refuses every call that would change something before it leaves; rehearsals pass. */
  readonly readOnly?: boolean
  /** Another way to put one request on the wire; default: the SDK's client with our transport. */
  readonly client?: (settings: ClientSettings) => SdkClient
  /** A call failed for the `attempt`th time and is made again after `delayMs`. */
  readonly onRetry?: (failure: Failure, delayMs: number, attempt: number) => void
  /** A request is about to be sent; repetitions count. */
  readonly onRequest?: () => void
}

/** An action of sts for an account, signed with the given keys or, with null, not at all. */
export type StsCall = (
  account: string,
  action: string,
  params: object,
  settings: {
    readonly keys: Keys | null
    /** Default: the site's main one. */
    readonly region?: string
    readonly signal?: AbortSignal | undefined
  },
) => Promise<Record<string, unknown>>

const PAGE = 100
const READ_MS = 30_000
const WRITE_MS = 60_000
/** Signed URLs start in the past, for clocks that differ. */
const SIGNED_EARLIER_S = 300
/** Never the length that imports are signed for, so that no probe uses up an import's URL. */
const LOOK_MS = 10 * 60_000

function counted(transport: Transport, onRequest: (() => void) | undefined): Transport {
  if (onRequest === undefined) return transport
  return {
    close: transport.close,
    post(exchange) {
      onRequest()
      return transport.post(exchange)
    },
  }
}

export function connectTencent(options: TencentOptions): Cloud & SourceSigner & Examiner {
  const { site, endpoint, clock } = options
  // Wrong settings are found here, not at the first call.
  originOf(site, "cvm", undefined, endpoint)
  const names = new Set(options.accounts.map((account) => account.name))
  const transport = counted(
    createTransport(options.env, { ...DEFAULT_LIMITS, ...options.limits }),
    options.onRequest,
  )
  const skew = { offsetMs: 0 }
  const clients = new Map<string, SdkClient>()
  const client = (call: WireCall): SdkClient => {
    const { service, account, region } = call
    const key = `${account}\u0000${region ?? ""}\u0000${service}`
    let found = clients.get(key)
    if (found === undefined) {
      const origin = originOf(site, service, region, endpoint)
      const made = (options.client ?? createSdkClient)({
        service,
        account,
        region,
        origin,
        transport,
        clock,
        skew,
      })
      found = options.readOnly === true ? readOnly(made) : made
      clients.set(key, found)
    }
    return found
  }
  const mainRegion = site === "cn" ? "ap-guangzhou" : "ap-singapore"
  const sts: StsCall = (account, action, params, settings) =>
    wire({ service: "sts", account, action, params, write: false, region: mainRegion, ...settings })
  const credentials = options.credentials(sts)
  const wire: Wire = createWire({
    clock,
    credentials,
    client,
    lane: createPacer(options.pace, clock),
    skew,
    deadlines: { readMs: READ_MS, writeMs: WRITE_MS, ...options.limits },
    retry: { ...DEFAULT_RETRY, ...options.retry },
    random: options.random ?? Math.random,
    ...(options.onRetry === undefined ? {} : { onRetry: options.onRetry }),
  })

  const checked = (account: string): string => {
    if (names.has(account)) return account
    throw new CloudError(
      failureOf("ClientError.Credentials", { message: `The stack has no account ${account}.`, unsent: true }),
    )
  }
  const call = (
    scope: Scope,
    action: string,
    params: WireCall["params"],
    more: { readonly write: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<Record<string, unknown>> =>
    wire({ service: "cvm", account: checked(scope.account), region: scope.region, action, params, ...more })
  const read = <T>(scope: Scope, action: string, params: object, o?: CallOptions): Promise<T> =>
    call(scope, action, params, { write: false, signal: o?.signal }) as Promise<T>
  const tagWrite = (
    account: string,
    region: string | undefined,
    action: string,
    params: object,
    o?: CallOptions,
  ): Promise<Accepted> =>
    wire({
      service: "tag",
      account: checked(account),
      region,
      action,
      params,
      write: true,
      signal: o?.signal,
    }).then(accepted)

  const sign = (url: string, keys: Keys, forMs: number, method: "GET" | "HEAD" = "GET"): string => {
    const now = Math.floor((clock.now() + skew.offsetMs) / 1_000)
    return signCosUrl(url, keys, now - SIGNED_EARLIER_S, now + Math.ceil(forMs / 1_000), method)
  }
  /** ImportImage's parameters at the time of the call: each request has a signature of its own. */
  const importing = (scope: Scope, request: ImportRequest, rehearsal: boolean) => async (own: Keys) => {
    if (!request.sign) return importParameters(request, rehearsal)
    const signer = request.signAs ?? scope.account
    const keys = signer === scope.account ? own : await credentials.of(checked(signer))
    return importParameters(request, rehearsal, (url) => sign(url, keys, options.signatureMs))
  }

  /** A question of the tag service about what carries the stack's tag. */
  const byStackTag = (action: string, account: string, stackId: string, params: object, o?: CallOptions) =>
    wire({
      service: "tag",
      account: checked(account),
      region: undefined,
      action,
      params: { TagFilters: [{ TagKey: STACK_TAG, TagValue: [stackId] }], ...params },
      write: false,
      signal: o?.signal,
    })

  const totalMs = options.limits?.readMs ?? READ_MS
  return {
    ...examiner({ site, endpoint, env: options.env, clock, transport, credentials, totalMs }),
    async countOwned(account, stackId, o) {
      const reply = await byStackTag("DescribeResourcesByTags", account, stackId, COUNTED, o)
      return totalOf(account, reply)
    },
    async rehearseDelete(scope, imageId, o) {
      const params = { ImageIds: [imageId], DryRun: true }
      try {
        return accepted(await call(scope, "DeleteImages", params, { write: false, signal: o?.signal }))
      } catch (error) {
        return passed(error, "DryRunOperation")
      }
    },
    async listImages(scope, o) {
      const items = await listAll({
        pageSize: PAGE,
        scope: { account: scope.account, region: scope.region },
        id: (image: ApiImage) => image.ImageId ?? "",
        page: async (offset) => {
          const params = {
            Filters: [{ Name: "image-type", Values: ["PRIVATE_IMAGE"] }],
            Offset: offset,
            Limit: PAGE,
          }
          return pageOf(scope, await read(scope, "DescribeImages", params, o))
        },
      })
      return items
        .filter((image) => image.ImageType === "PRIVATE_IMAGE")
        .flatMap((image) => toCloudImage(image) ?? [])
    },
    async listImportOs(scope, o) {
      return systemsOf(scope, await read(scope, "DescribeImportImageOs", {}, o))
    },
    async imageQuota(scope, o) {
      const { ImageNumQuota } = await read<{ ImageNumQuota?: unknown }>(scope, "DescribeImageQuota", {}, o)
      if (typeof ImageNumQuota !== "number") throw unreadable(scope, "DescribeImageQuota", "ImageNumQuota")
      return ImageNumQuota
    },
    async familyImage(scope, family, o) {
      const params = { ImageFamily: family }
      return familyOf(scope, await read(scope, "DescribeImageFromFamily", params, o))
    },
    async listShares(scope, imageId, o) {
      const params = { ImageId: imageId }
      return sharesOf(scope, await read(scope, "DescribeImageSharePermission", params, o))
    },
    async listOwned(account, stackId, o) {
      const owned: { readonly region: string; readonly imageId: string }[] = []
      const ask = (action: string, params: object): Promise<Record<string, unknown>> =>
        byStackTag(action, account, stackId, params, o)
      let token = ""
      for (let page = 1; ; page += 1) {
        const reply = await ask("GetResources", {
          MaxResults: MAX_RESOURCES,
          ...(token === "" ? {} : { PaginationToken: token }),
        })
        owned.push(...taggedImages(rowsOf(account, reply)))
        const next = text(reply.PaginationToken)
        if (next === "") return owned
        if (next === token || page === MAX_PAGES) throw endless(account)
        token = next
        if (page === 1 && o?.enough !== undefined) {
          // No more than a short cut: without the right to it, or in words that we do not know, page after page is read.
          const { TotalCount } = await ask("DescribeResourcesByTags", COUNTED).catch(unlessAborted(o.signal))
          if (typeof TotalCount === "number" && (await o.enough(TotalCount))) return owned
        }
      }
    },
    async callerIdentity(account, o) {
      const reply = await wire({
        service: "sts",
        account: checked(account),
        region: undefined,
        action: "GetCallerIdentity",
        params: {},
        write: false,
        signal: o?.signal,
      })
      return { accountId: text(reply.AccountId), userId: text(reply.UserId), arn: text(reply.Arn) }
    },
    async rehearseImport(scope, request, o) {
      try {
        const params = importing(scope, request, true)
        return accepted(await call(scope, "ImportImage", params, { write: false, signal: o?.signal }))
      } catch (error) {
        return passed(error, "DryRunOperation")
      }
    },
    async sourceUrl(account, url, method, o) {
      return sign(url, await credentials.of(checked(account), o?.signal), LOOK_MS, method)
    },
    async importImage(scope, request, o) {
      const params = importing(scope, request, false)
      const reply = await call(scope, "ImportImage", params, { write: true, signal: o?.signal })
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
      return accepted(await call(scope, "ModifyImageAttribute", params, { write: true, signal: o?.signal }))
    },
    async deleteImage(scope, imageId, { snapshots }, o) {
      const params = { ImageIds: [imageId], DeleteBindedSnap: snapshots }
      try {
        return accepted(await call(scope, "DeleteImages", params, { write: true, signal: o?.signal }))
      } catch (error) {
        return passed(error, "InvalidImageId.NotFound")
      }
    },
    async ensureTag(account, key, value, o) {
      try {
        return await tagWrite(account, undefined, "CreateTag", { TagKey: key, TagValue: value }, o)
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
        tagWrite(
          scope.account,
          scope.region,
          "ModifyResourceTags",
          { Resource: imageResource(scope.region, imageId), ReplaceTags: set[i], DeleteTags: remove[i] },
          o,
        ),
      )
    },
    async modifyShares(scope, imageId, shares, o) {
      const calls = [
        ...chunks(shares.add, MAX_SHARES).map((AccountIds) => ({ AccountIds, Permission: "SHARE" })),
        ...chunks(shares.remove, MAX_SHARES).map((AccountIds) => ({ AccountIds, Permission: "CANCEL" })),
      ]
      return inTurn(calls.length, async (i) => {
        const params = { ImageId: imageId, ...calls[i] }
        return accepted(
          await call(scope, "ModifyImageSharePermission", params, { write: true, signal: o?.signal }),
        )
      })
    },
    close() {
      transport.close()
    },
  }
}

/** A failed call is as good as an empty reply, except where it is the signal's doing. */
function unlessAborted(signal: AbortSignal | undefined): (error: unknown) => Record<string, unknown> {
  return (error) => {
    signal?.throwIfAborted()
    if (error instanceof CloudError) return {}
    throw error
  }
}

/** ModifyResourceTags takes 10 of each. */
const MAX_TAGS = 10
/** Older pages of ModifyImageSharePermission say 50 accounts, newer ones 500 an image. */
const MAX_SHARES = 50
/** Parameters of DescribeResourcesByTags for a total of images and next to no rows. */
const COUNTED = { ServiceType: "cvm", ResourcePrefix: "image", Offset: 0, Limit: 1 }
/** GetResources gives 200 a page. */
const MAX_RESOURCES = 200
/** More images than any account has; a token that never ends is no listing. */
const MAX_PAGES = 500
