import type { Placement } from "./placement.ts"
import type { Position } from "./position.ts"
import type { Stack } from "./stack.ts"

export type Architecture = "x86_64" | "i386" | "arm_64"
export type SourceFormat = "raw" | "vhd" | "qcow2" | "vmdk" | "iso"
export type BootMode = "Legacy BIOS" | "UEFI"
export type LicenseType = "TencentCloud" | "BYOL"

export interface DesiredSource {
  /** With placeholders filled: what ImportImage gets (signed, if `sign`). */
  readonly url: string
  /** As written: what the spec hash counts where no checksum is given. */
  readonly template: string
  readonly format: SourceFormat
  /** Decimal CRC-64/ECMA-182, as COS reports it. */
  readonly crc64?: string
  /** 64 hex digits. Identity only; the service cannot confirm it. */
  readonly sha256?: string
  readonly sign: boolean
  readonly signAs?: string
  readonly onChange: "notice" | "replace"
}

export interface DataDisk {
  readonly url: string
  readonly template: string
}

export interface Lifecycle {
  readonly onChange: "replace" | "refuse"
  readonly retire: "keep" | "deprecate" | "delete"
  readonly keepPrevious: number
  readonly deleteSnapshots: boolean
  readonly protect: boolean
  readonly adopt: boolean
  readonly allowLostShares: boolean
  readonly state: "managed" | "released"
}

/** Everything a manifest asks of one placement, defaults and placeholders resolved. An absent optional is not managed. */
export interface DesiredPlacement extends Placement {
  readonly match: "name" | "family"
  readonly formerNames: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly source: DesiredSource
  readonly os: { readonly type: string; readonly version: string }
  readonly architecture: Architecture
  readonly bootMode?: BootMode
  readonly licenseType?: LicenseType
  readonly force: boolean
  readonly dataDisks: readonly DataDisk[]
  /** User text, without our stamp. */
  readonly description?: string
  readonly family?: string
  readonly deprecated?: boolean
  /** Only the named keys are managed; null: must be absent. */
  readonly tags: Readonly<Record<string, string | null>>
  /** Root account ids, sorted. */
  readonly sharedWith?: readonly string[]
  readonly release: "perRegion" | "together"
  readonly lifecycle: Lifecycle
  /** Where the image is named. */
  readonly at: Position
  /**
   * Where each effective value comes from, by path below `spec` (`bootMode`, `source.url`, `tags.app`);
   * may lie in `cvmimg.yaml`. Values that are the format's defaults are not in it.
   */
  readonly origins: Readonly<Record<string, Position>>
}

export interface DesiredFamily {
  readonly name: string
  readonly retain: { readonly last?: number; readonly withinMs?: number }
  readonly beyond: "deprecate" | "delete"
  readonly at: Position
}

/** What the manifests say, complete and checked. Rows are sorted. */
export interface Desired {
  readonly stack: Stack
  readonly placements: readonly DesiredPlacement[]
  readonly families: readonly DesiredFamily[]
}
