import type { Placement } from "./placement.ts"

/**
 * What a placement is at between two runs. `importing`: the service has the import; `unknown`: an import may have been
 * sent, and no listing shows it; `left`: the image stands, and steps after the import are left.
 */
export const PHASES = ["importing", "unknown", "left"] as const

export type Phase = (typeof PHASES)[number]

export interface UnderWay extends Placement {
  readonly phase: Phase
  /** As the API names it, where a listing shows the image. */
  readonly state?: string
  readonly imageId?: string
  readonly requestId?: string
  readonly progress?: number
  /** Milliseconds since the epoch. */
  readonly since?: number
  /** How long the import will take in all, as far as earlier ones tell. */
  readonly estimateMs?: number
}

/** The machine shape of a status. */
export interface StatusReport {
  readonly formatVersion: 1
  readonly stack: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The run on this machine that holds the stack's lock. */
  readonly run?: { readonly pid: number; readonly since: number }
  readonly placements: readonly UnderWay[]
  /** Accounts and regions that could not be read. */
  readonly unread: readonly { readonly account: string; readonly region: string; readonly code: string }[]
}
