/** A call of a check: its answer, or why there is none. */
import type { Failure } from "../model/failure.ts"
import type { CheckName, CheckResult } from "../model/plan.ts"

export type Reply<T> = { readonly value: T } | { readonly failure: Failure | undefined }

/** Rejects only where the call was aborted. What is no failure of the cloud's is a failure without facts. */
export async function reply<T>(call: Promise<T>, signal: AbortSignal | undefined): Promise<Reply<T>> {
  try {
    return { value: await call }
  } catch (error) {
    signal?.throwIfAborted()
    return { failure: failureIn(error) }
  }
}

/** A check that could not be made, and whose doing that is. */
export function skipped(name: CheckName, failure: Failure | undefined): CheckResult {
  const code = failure?.blame === "permission" ? "not_permitted" : "call_failed"
  if (failure === undefined) return { name, status: "skipped", code, message: "The call failed." }
  const { message, advice, requestId } = failure
  return {
    name,
    status: "skipped",
    code,
    message: `${failure.code}: ${message}`,
    advice,
    ...(requestId === undefined ? {} : { requestId }),
  }
}

/** The port's errors carry their failure; nothing else may be repeated to people. */
function failureIn(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !("failure" in error)) return undefined
  const { failure } = error
  const known = typeof failure === "object" && failure !== null && "code" in failure && "blame" in failure
  return known ? (failure as Failure) : undefined
}
