import type { Failure } from "./failure.ts"
import type { Scope } from "./placement.ts"

/**
 * One image as DescribeImages returns it, normalised: absent, null and empty are told apart only where that matters.
 * The API returns neither source URL, OS version, boot mode, force nor data disks.
 */
export interface CloudImage {
  readonly id: string
  readonly name: string
  /** The whole ImageDescription, our stamp included. */
  readonly description: string
  /** Empty: the image is in no family. */
  readonly family: string
  readonly deprecated: boolean
  /** Any text: CREATING, NORMAL, CREATEFAILED, SYNCING, IMPORTING, IMPORTFAILED are documented, others were seen. */
  readonly state: string
  /** As the API writes it on output: `x86_64`, `arm`, `i386`. */
  readonly architecture: string
  readonly licenseType?: string
  readonly tags: Readonly<Record<string, string>>
  /** Milliseconds since the epoch; absent where the API gave none or no date. */
  readonly createdAt?: number
  readonly sizeGiB?: number
  /** Percent, where the API gives it. */
  readonly progress?: number
  readonly osName?: string
  readonly platform?: string
  readonly snapshotIds: readonly string[]
  /** Root accounts that it is shared with, sorted; present only where it was asked for. */
  readonly sharedWith?: readonly string[]
  /** Why that could not be read where it was asked for: nobody knows who would lose the image. */
  readonly sharesUnread?: Failure
}

/** What was read of one account and region. */
export type ObservedScope =
  | (Scope & { readonly images: readonly CloudImage[] })
  | (Scope & { readonly failure: Failure })

/** What COS says of a source object, as far as it was asked. */
export interface SourceSeen {
  /** Decimal CRC-64/ECMA-182; absent on old objects and some multipart uploads. */
  readonly crc64?: string
  readonly etag?: string
  /** Bytes. */
  readonly size?: number
}

/** What was read of the world. */
export interface Observed {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly scopes: readonly ObservedScope[]
  /** Source objects by URL (placeholders filled, without query); absent: not asked, which is no evidence of anything. */
  readonly sources?: Readonly<Record<string, SourceSeen>>
}
