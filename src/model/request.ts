import type { Architecture, BootMode, LicenseType } from "./desired.ts"

/** One ImportImage call, without its DryRun flag and with URLs not yet signed. */
export interface ImportRequest {
  readonly name: string
  /** The whole text, our stamp included; at most 256 characters. */
  readonly description: string
  readonly url: string
  readonly sign: boolean
  readonly signAs?: string
  readonly osType: string
  readonly osVersion: string
  readonly architecture: Architecture
  readonly bootMode?: BootMode
  readonly licenseType?: LicenseType
  readonly force: boolean
  /** Only where the family has no usable member yet; see `ImportAction.afterwards`. */
  readonly family?: string
  readonly tags: Readonly<Record<string, string>>
  readonly dataDiskUrls: readonly string[]
}

/** Changes of one existing image in place. Absent: leave alone. */
export interface InPlaceUpdate {
  readonly attributes?: {
    readonly name?: string
    readonly description?: string
    readonly family?: string
    readonly deprecated?: boolean
  }
  readonly tags?: {
    readonly set: Readonly<Record<string, string>>
    readonly remove: readonly string[]
  }
  readonly shares?: {
    readonly add: readonly string[]
    readonly remove: readonly string[]
  }
}
