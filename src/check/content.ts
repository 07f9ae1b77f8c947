/** What can be said of an image file by its bytes. */
import type { SourceFormat } from "../model/desired.ts"

export type ProblemCode = "format_broken" | "needs_other_file" | "encrypted" | "no_partition_table"

export interface Content {
  /** Absent: none that can be imported. */
  readonly format?: SourceFormat
  /** Bytes of the disk inside. Above 2^53 approximate. */
  readonly virtualSize?: number
  /** Zeros of the disk are bytes of the file, which therefore says little about how much data there is. */
  readonly storesZeros?: boolean
  /** What keeps it from being imported, whatever was declared. */
  readonly problem?: { readonly code: ProblemCode; readonly message: string }
  /** Another kind of file that people take for an image: `a gzip archive`. */
  readonly other?: string
}
