/**
 * The world behind one door. What the product needs of a cloud, in its own words; the Tencent adapter is one
 * implementation, and the contract suite in test/cloud is what every implementation must pass.
 *
 * Every method rejects with a `CloudError` (failure.ts) and with nothing else, except with the signal's reason when
 * it is aborted before the call left.
 */
import type { CloudImage } from "../model/observed.ts"
import type { Scope } from "../model/placement.ts"
import type { ImportRequest, InPlaceUpdate } from "../model/request.ts"

export interface CallOptions {
  readonly signal?: AbortSignal
}

/** A write that the service accepted. */
export interface Accepted {
  readonly requestId: string
}

/** What DescribeImportImageOs lists. */
export interface ImportOs {
  readonly type: string
  readonly versions: readonly string[]
  /** As on input: `x86_64`, `i386`, `arm_64`. */
  readonly architectures: readonly string[]
  readonly platform: "Linux" | "Windows"
}

export interface CallerIdentity {
  /** Root account. */
  readonly accountId: string
  readonly userId: string
  readonly arn: string
}

/** The reading side: cannot change anything. Reads are retried inside a budget. */
export interface CloudReader {
  /**
   * Every private image of the account and region, complete or not at all: pages of 100, ids distinct and as many as
   * TotalCount says; listed again (at most 3 times) if images shift between pages, then `ClientError.ListingUnstable`.
   */
  listImages(scope: Scope, options?: CallOptions): Promise<readonly CloudImage[]>
  listImportOs(scope: Scope, options?: CallOptions): Promise<readonly ImportOs[]>
  /** The ceiling, not what is left. */
  imageQuota(scope: Scope, options?: CallOptions): Promise<number>
  /** Id of the image that the family resolves to, or null. */
  familyImage(scope: Scope, family: string, options?: CallOptions): Promise<string | null>
  /** Root accounts that the image is shared with, sorted. */
  listShares(scope: Scope, imageId: string, options?: CallOptions): Promise<readonly string[]>
  /**
   * Images of the account that carry the tag `cvmimg.stack` of this stack, in whatever region: how orphans are found in
   * regions that no manifest lists any more. One query of the tag service (GetResources), 200 a page, each page only
   * after the one before. Where a second one is needed, `enough` is told how many images carry the tag, as soon as the
   * service has counted them; if it says yes, the first page alone is returned.
   */
  listOwned(
    account: string,
    stackId: string,
    options?: CallOptions & { readonly enough?: (total: number) => Promise<boolean> },
  ): Promise<readonly { readonly region: string; readonly imageId: string }[]>
  callerIdentity(account: string, options?: CallOptions): Promise<CallerIdentity>
}

/** Rehearsals: the same call with the API's own DryRun. A type of its own, so that a planner cannot be handed more. */
export interface CloudRehearser {
  /** Success is a plain answer or the code DryRunOperation. */
  rehearseImport(scope: Scope, request: ImportRequest, options?: CallOptions): Promise<Accepted>
}

/** Addresses of source objects for whoever looks at them; makes no call but what credentials need. */
export interface SourceSigner {
  /**
   * The URL signed with the account's keys, good for one method (a signature for GET does not open HEAD) and a few
   * minutes. For looking only: the service may take a signed URL for an import once, so every import is signed anew,
   * and never with the times that are used here. A secret: to be sent and then forgotten.
   */
  sourceUrl(account: string, url: string, method: "GET" | "HEAD", options?: CallOptions): Promise<string>
}

/** Which keys an account uses, without any of them. */
export interface CredentialFacts {
  /** Where they were found, in words. */
  readonly origin: string
  /** The beginning and the end of the secret id. */
  readonly keyId: string
  readonly temporary: boolean
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

/** An answer of the service, to whoever asks. */
export interface Reached {
  readonly host: string
  readonly tookMs: number
  /** Host and port of the proxy that it went through. */
  readonly proxy?: string
  /** By how much this machine's clock is ahead of the service's, to half a second; negative: behind. */
  readonly aheadMs?: number
}

/** What doctor asks beyond reading. Nothing of it can change anything. */
export interface Examiner {
  /** Makes no call but what credentials need. */
  credentialsOf(account: string, options?: CallOptions): Promise<CredentialFacts>
  /** One request without action and signature to the host of the region. Once: it is not repeated. */
  reach(region: string | undefined, options?: CallOptions): Promise<Reached>
  /** How many images of the account carry this stack's tag: DescribeResourcesByTags, where listOwned takes a short cut by it. */
  countOwned(account: string, stackId: string, options?: CallOptions): Promise<number>
  /** DeleteImages with the API's own DryRun. */
  rehearseDelete(scope: Scope, imageId: string, options?: CallOptions): Promise<Accepted>
}

/** The writing side. No write is repeated after an ambiguous failure; throttled ones (not accepted) are. */
export interface CloudWriter {
  /** Accepted is not done: see CloudImage.state. The image id is in the reply on some sites only. */
  importImage(
    scope: Scope,
    request: ImportRequest,
    options?: CallOptions,
  ): Promise<Accepted & { readonly imageId?: string }>
  modifyImage(
    scope: Scope,
    imageId: string,
    attributes: NonNullable<InPlaceUpdate["attributes"]>,
    options?: CallOptions,
  ): Promise<Accepted>
  /**
   * Deletes one image, one id a call so that errors stay attributable. An image that is not there any more is success.
   * Deletion may be asynchronous: the image is gone when a listing no longer holds it.
   */
  deleteImage(
    scope: Scope,
    imageId: string,
    what: { readonly snapshots: boolean },
    options?: CallOptions,
  ): Promise<Accepted>
  /** Makes a tag pair known to the account; "exists already" is success. */
  ensureTag(account: string, key: string, value: string, options?: CallOptions): Promise<Accepted>
  /** Sets and removes the named keys, leaves others alone. At most 10 of each a call: splits by itself. */
  modifyTags(
    scope: Scope,
    imageId: string,
    tags: NonNullable<InPlaceUpdate["tags"]>,
    options?: CallOptions,
  ): Promise<Accepted>
  modifyShares(
    scope: Scope,
    imageId: string,
    shares: NonNullable<InPlaceUpdate["shares"]>,
    options?: CallOptions,
  ): Promise<Accepted>
}

/** What only looks: the type that plan, drift and status are given. There is nothing in it that changes anything. */
export interface ReadingCloud extends CloudReader, CloudRehearser {
  /** Releases sockets. */
  close(): void
}

export interface Cloud extends ReadingCloud, CloudWriter {}
