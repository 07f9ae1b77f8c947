/** What a rule of the failure table says, the four kinds of it, and advice that several codes share. */
import type { Blame } from "../model/failure.ts"

export interface FailureRule {
  /** The same call may succeed if it is made again. */
  readonly retryable: boolean
  /** The call may have been carried out. Of `ClientError.*`: unless the request provably never left. */
  readonly ambiguous: boolean
  readonly blame: Blame
  /** One or two sentences; `{permission}` stands for the CAM action of the call, such as `cvm:ImportImage`. */
  readonly advice: string
}

export const no = (blame: Blame, advice: string): FailureRule => ({
  retryable: false,
  ambiguous: false,
  blame,
  advice,
})
export const later = (blame: Blame, advice: string): FailureRule => ({
  retryable: true,
  ambiguous: false,
  blame,
  advice,
})
export const unsure = (blame: Blame, advice: string): FailureRule => ({
  retryable: true,
  ambiguous: true,
  blame,
  advice,
})
export const unclear = (blame: Blame, advice: string): FailureRule => ({
  retryable: false,
  ambiguous: true,
  blame,
  advice,
})

export const LOOK_FIRST: string =
  "Nobody knows whether the call was carried out: run plan, which looks, before anything is repeated."
export const GRANT: string =
  "Grant the CAM action {permission} to these credentials, or use credentials that have it."
export const KEYS: string =
  "Check the secret id and key in the place that docs/credentials.md names, then run again."
export const THROTTLED: string =
  "The service limits calls per second; cvmimg slows down by itself. If it persists, find what else uses this account's quota."
export const REPORT: string =
  "This is a request that cvmimg should not have made: report it with the request id."
export const NOT_FOUND: string = "The image is gone: run plan again to see what is to be done."
export const STATE: string =
  "The image is busy or in a state that forbids this: wait until it is NORMAL, then run again."
export const OS_LIST: string = "Choose one that DescribeImportImageOs lists for the region and architecture."
export const TAG_RULES: string =
  "Correct the tag in the manifest: key 1-127 and value 1-255 characters, no reserved prefix (qcs:, project)."
