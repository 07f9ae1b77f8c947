/** From a code to a failure that says what to do next. Pure. */
import type { Failure } from "../model/failure.ts"
import { COMMON_CODES, IMPORT_CODES } from "./failure-codes.ts"
import { CLIENT_CODES, OTHER_CODES } from "./failure-codes-other.ts"
import type { FailureRule } from "./failure-rules.ts"
import { redact } from "./redact.ts"

/** The only error that the cloud port rejects with. Its message is the failure's, redacted. */
export class CloudError extends Error {
  readonly failure: Failure
  /** Seconds by which this machine's clock is ahead of the service's, where that is why the call failed. */
  readonly skewSeconds?: number
  constructor(failure: Failure, skewSeconds?: number) {
    super(`${failure.code}: ${failure.message}`)
    this.name = "CloudError"
    this.failure = failure
    if (skewSeconds !== undefined) this.skewSeconds = skewSeconds
  }
}

/** What was known about the call when it failed. */
export interface FailureFacts {
  readonly message: string
  readonly service?: string
  readonly action?: string
  readonly account?: string
  readonly region?: string
  readonly requestId?: string
  readonly httpStatus?: number
  /** The request provably never left this machine: nothing can have been carried out. */
  readonly unsent?: boolean
  /** Seconds by which this machine's clock is ahead of the service's (negative: behind). */
  readonly skewSeconds?: number
  /** Exact texts to take out of the message: keys and tokens in use. */
  readonly secrets?: readonly string[]
}

const TABLE: ReadonlyMap<string, FailureRule> = new Map(
  [IMPORT_CODES, COMMON_CODES, OTHER_CODES, CLIENT_CODES].flatMap((codes) => Object.entries(codes)),
)

const UNKNOWN_CODE: FailureRule = {
  retryable: false,
  ambiguous: true,
  blame: "service",
  advice:
    "cvmimg does not know this code; the message says what the service thinks. Run plan to see what became of the call.",
}

/** The rule of a code: the exact code, else the part before its first dot, else that of an unknown one. */
export function failureRule(code: string): FailureRule {
  return TABLE.get(code) ?? TABLE.get(code.split(".", 1)[0] ?? "") ?? UNKNOWN_CODE
}

/** Whether a code has an entry of its own. */
export function isKnownCode(code: string): boolean {
  return TABLE.has(code)
}

const MAX_MESSAGE = 600

/** A failure from a code and what is known of the call. Optional facts that are absent stay absent. */
export function failureOf(code: string, facts: FailureFacts): Failure {
  const rule = failureRule(code)
  const permission =
    facts.action === undefined
      ? "that the call needs"
      : facts.service === undefined
        ? facts.action
        : `${facts.service}:${facts.action}`
  const status = code === "ClientError.HttpStatus" ? facts.httpStatus : undefined
  return {
    code,
    message: redact(skewed(facts), facts.secrets).slice(0, MAX_MESSAGE),
    blame: rule.blame,
    advice: rule.advice.replace("{permission}", permission),
    retryable: status === undefined ? rule.retryable : status >= 500 || status === 429 || status === 408,
    ambiguous: rule.ambiguous && facts.unsent !== true,
    ...present("action", facts.action),
    ...present("account", facts.account),
    ...present("region", facts.region),
    ...present("requestId", facts.requestId),
    ...present("httpStatus", facts.httpStatus),
  }
}

function skewed(facts: FailureFacts): string {
  if (facts.skewSeconds === undefined) return facts.message
  const side = facts.skewSeconds >= 0 ? "ahead of" : "behind"
  return `${facts.message} (this machine's clock is ${Math.abs(facts.skewSeconds)} s ${side} the service's)`
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V }
}

/** A failure of any thrown value; what is not a CloudError becomes `ClientError.Unknown`. */
export function toFailure(error: unknown): Failure {
  if (error instanceof CloudError) return error.failure
  return failureOf("ClientError.Unknown", { message: error instanceof Error ? error.message : String(error) })
}
