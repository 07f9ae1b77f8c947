/** What a host of pull requests has to do for a comment, and how it fails. */

/** The host did not do it. Its message may hold foreign text, and never the token. */
export class HostError extends Error {
  readonly code: CommentCode
  /** What to do next. */
  readonly advice: string
  /** It may have been done all the same. */
  readonly ambiguous: boolean
  constructor(code: CommentCode, message: string, advice: string, ambiguous = false) {
    super(message)
    this.name = "HostError"
    this.code = code
    this.advice = advice
    this.ambiguous = ambiguous
  }
}

export type CommentCode =
  | "comment_busy"
  | "comment_client_missing"
  | "comment_forbidden"
  | "comment_moved"
  | "comment_not_found"
  | "comment_refused"
  | "comment_too_long"
  | "comment_unauthorized"
  | "comment_unreachable"

export interface HostComment {
  readonly id: string
  readonly body: string
  /** Where people read it. Foreign text. */
  readonly url: string
}

/** One pull or merge request. Every call rejects with a HostError. */
export interface Host {
  /** Comments that begin with the prefix and were written by this account, the oldest first. */
  own(prefix: string): Promise<readonly HostComment[]>
  create(body: string): Promise<HostComment>
  edit(id: string, body: string): Promise<HostComment>
  /** Shows what was superseded as such, as well as the host and the rights allow. */
  fold(id: string): Promise<void>
  labels(): Promise<readonly string[]>
  /** Labels that do not exist yet are made. */
  changeLabels(add: readonly string[], remove: readonly string[]): Promise<void>
}

/** Characters of a comment, by the hosts' documents. */
export const LIMITS = { github: 65_536, gitlab: 1_000_000 } as const

export type HostKind = keyof typeof LIMITS
