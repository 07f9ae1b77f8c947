/** A failed call for machines: the same shape in plans and in results. */
import type { Failure } from "../model/failure.ts"

/** Facts of a failure with stable keys; those that are not known are left out when it is written. */
export function failureShape(failure: Failure): object {
  const { code, message, advice, blame, retryable, ambiguous } = failure
  const { action, account, region, requestId, httpStatus } = failure
  return {
    code,
    message,
    advice,
    blame,
    retryable,
    ambiguous,
    action,
    account,
    region,
    requestId,
    httpStatus,
  }
}
