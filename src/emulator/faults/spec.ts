import type { FailureReason } from "../behaviour.ts"

/**
 * One fault: what it is about, which of those it hits, and what happens then. What is left out does not narrow.
 * The text form is parsed into this one; see README.md. Times are milliseconds.
 */
export interface Fault {
  /**
   * An action, a pattern of actions, `reads`, `writes`; `import` (accepted imports), `objects` (reads of the object
   * store), `server` (the port, its clock).
   */
  on: string
  /** Counted from 1 among what fits everything else: one, or from-to (null: without end). */
  calls?: number | readonly [from: number, to: number | null]
  /** Each n-th. */
  every?: number
  /** 0 to 1, drawn from the seed. */
  share?: number
  /** Wall time since the fault was set (null: without end). */
  between?: readonly [from: number, to: number | null]
  /** Pattern of a name or id of an image that the call names; of an object its key, with or without what is before. */
  image?: string
  region?: string
  account?: string
  /** Only dry runs, or only what is none. By default both for patterns, and none for one action and for `writes`. */
  dryRun?: boolean
  effect: Effect
}

/** How a reply gets lost. A number is a status with an HTML body; `-json` and `-empty` change the body. */
export type Manner =
  | "rst"
  | "fin"
  | "silence"
  | "cut"
  | "cut-rst"
  | "stall"
  | "empty"
  | "object"
  | "html"
  | "garbage"
  | "bomb"
  | "huge"
  | "trickle"
  | "redirect"
  | "mixed"
  | `${number}`
  | `${number}-json`
  | `${number}-empty`

/** What happens to a call. */
export type CallEffect =
  | { kind: "error" | "error-after"; code: string; message?: string }
  | { kind: "throttle"; left?: number }
  | { kind: "lost-before" | "lost-after"; by?: Manner; every?: number; to?: string }
  | { kind: "delay" | "delay-before"; for: number }
  | { kind: "close" }
  | { kind: "expire-token" }
  | { kind: "disable-key" }
  | { kind: "revoke"; rights?: string }
  | { kind: "someone-creates"; name?: string; state?: string }
  | { kind: "someone-deletes" | "someone-untags"; name: string }
  | { kind: "someone-renames"; name: string; to?: string }

/** What a listing of DescribeImages says, other than the truth; the shifts really change the world between pages. */
export type ListingEffect =
  | { kind: "total"; says: number }
  | { kind: "total-off"; by: number }
  | { kind: "short"; most: number }
  | { kind: "repeat" | "hide-tags" | "shift-insert" }
  | { kind: "show-state"; state: string }
  | { kind: "hide"; name: string }
  | { kind: "shift-delete"; name?: string }

/** What becomes of an accepted import. `after` counts from when it can be seen. */
export type ImportEffect =
  | { kind: "fail"; reason: FailureReason; after?: number }
  | { kind: "never-ends" | "never-visible" | "tags-never" }
  | { kind: "takes" | "late" | "tags-late"; for: number }
  | { kind: "flicker"; seen: number; gone?: number; times?: number }
  | { kind: "state"; state: string; after?: number; for?: number }
  | { kind: "delete"; after?: number }
  | { kind: "rename"; to: string; after?: number }

/** What the port and its clock do. */
export type ServerEffect = { kind: "refuse" | "half-open" | "hang-up" } | { kind: "skew"; by: number }

/** What a read of an object brings, other than the object. */
export type ObjectEffect = { kind: "other-bytes" }

export type Effect = CallEffect | ListingEffect | ImportEffect | ObjectEffect | ServerEffect

/** A fault that was set. `seen` counts what fitted it before it was counted off or drawn, `fired` what it did. */
export interface FaultStatus {
  id: number
  /** The text that it was parsed from. */
  spec?: string
  fault: Fault
  seen: number
  fired: number
}
