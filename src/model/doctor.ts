import type { Scope } from "./placement.ts"

/** What doctor looks at, in the order in which it is shown. */
export const EXAMINATIONS = {
  node: "The Node.js that runs this.",
  manifests: "The stack and its manifests.",
  proxy: "The proxy between here and the service.",
  network: "Whether the service answers, and how soon.",
  clock: "This machine's clock beside the service's; signatures are good for five minutes.",
  credentials: "Which keys an account uses, and where they were found.",
  account: "Whose keys they are, as the service says.",
  right: "What the keys may do, as far as reading and the API's own DryRun tell.",
  source: "One source object of each account.",
  place: "`.cvmimg`, where journals and the lock are.",
  git: "Whether git leaves `.cvmimg` alone.",
  lock: "Whether another run holds the stack.",
  journal: "What earlier runs left.",
} as const

export type Examination = keyof typeof EXAMINATIONS

export interface Finding extends Partial<Scope> {
  readonly check: Examination
  readonly status: "ok" | "warning" | "error" | "skipped"
  /** What it is about within the check: a CAM action such as `cvm:ImportImage`. */
  readonly subject?: string
  /** One sentence. Never holds a key. */
  readonly message: string
  /** What to do next. */
  readonly advice?: string
  /** The code of the failure behind it. */
  readonly code?: string
  readonly requestId?: string
  /** How long the service took to answer. */
  readonly tookMs?: number
}

export interface DoctorReport {
  /** Absent: there is no stack that can be read. */
  readonly stack?: string
  readonly findings: readonly Finding[]
}

/** A policy of CAM, as it is pasted into the console. */
export interface Policy {
  readonly version: "2.0"
  readonly statement: readonly {
    readonly effect: "allow"
    readonly action: readonly string[]
    readonly resource: readonly string[]
  }[]
}
