import type { DesiredPlacement } from "./desired.ts"
import type { Action } from "./plan.ts"
import type { Stack } from "./stack.ts"

/** One image that was looked at. */
export interface LookedAt {
  readonly imageId: string
  readonly name: string
  readonly state: string
  readonly family: string
  readonly deprecated: boolean
  /** Whose it is. */
  readonly owner: "us" | "nobody" | "other" | "conflict"
  /** Why it was looked at. */
  readonly because: readonly ("name" | "mark" | "family")[]
  readonly role: "named" | "staged" | "retired" | "other"
  /** Only of ours: the stamped spec hash, and whether spec and source are the wanted ones. */
  readonly spec?: string
  readonly sameSpec?: boolean
  readonly sameSource?: boolean
}

export interface Explanation {
  readonly placement: DesiredPlacement
  readonly stack: Stack
  readonly spec: {
    readonly hash: string
    /** What goes into the hash; a field at the API's default is left out. */
    readonly parts: Readonly<Record<string, string>>
  }
  /** The name that the image has, or would be imported as. */
  readonly name: string
  /** Absent: the region was not read. */
  readonly lookedAt?: readonly LookedAt[]
  /** How many private images the region has. */
  readonly listed?: number
  readonly action?: Action
}
