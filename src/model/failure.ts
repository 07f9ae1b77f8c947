/** Whose fault a failure is, so that a reader knows who can mend it. */
export type Blame =
  | "manifest"
  | "account"
  | "quota"
  | "permission"
  | "service"
  | "network"
  | "rate"
  | "client"

/** A call that did not succeed, as facts. */
export interface Failure {
  /** The API's Code, or one of ours (`ClientError.*`) where the API gave none. */
  readonly code: string
  /** One sentence. Never holds a key, a token or the query of a URL. */
  readonly message: string
  readonly blame: Blame
  /** What to do next. */
  readonly advice: string
  /** The same call may succeed if it is made again. */
  readonly retryable: boolean
  /** The service may have carried the call out: a write must not be repeated blindly. */
  readonly ambiguous: boolean
  readonly action?: string
  readonly account?: string
  readonly region?: string
  readonly requestId?: string
  readonly httpStatus?: number
}
