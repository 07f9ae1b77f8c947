/** What is wrong with the head, and whether it was wrong before. */
import type { Diagnostic } from "../model/diagnostic.ts"
import type { ReviewDiagnostic, ReviewSide } from "../model/review.ts"

/** Every diagnostic of the head. Lines move; what counts is the file, the code, the place in the document and the words. */
export function reviewDiagnostics(base: ReviewSide, head: ReviewSide): ReviewDiagnostic[] {
  const known = new Map<string, number>()
  for (const diagnostic of base.diagnostics) {
    const key = keyOf(diagnostic)
    known.set(key, (known.get(key) ?? 0) + 1)
  }
  return head.diagnostics.map((diagnostic) => {
    const key = keyOf(diagnostic)
    const left = known.get(key) ?? 0
    known.set(key, left - 1)
    return { ...diagnostic, isNew: left <= 0 }
  })
}

function keyOf({ file, code, path, message }: Diagnostic): string {
  return JSON.stringify([file, code, path, message.replace(/:\d+/g, "")])
}
