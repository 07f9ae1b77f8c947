/** A saved review, as `review -o json=FILE` writes it, back as a value. */
import type { Review, ReviewChange, RiskCode } from "../model/review.ts"
import { makeReviewValidator, type ReviewValidator } from "./review.gen.ts"

interface RiskShape {
  readonly code: string
}

let made: ReviewValidator | undefined

/** The review, or why the text is none. */
export function parseReview(text: string): Review | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return "it is not JSON"
  }
  made ??= makeReviewValidator()
  if (!made(value)) {
    const [first] = made.errors ?? []
    const where = first?.instancePath.slice(0, MOST) || "the whole"
    return `it is no review that this version can read: ${where} is not what it must be; review -o json=FILE writes one`
  }
  return withCodes(value) as Review
}

const MOST = 120

/** Risks are written with their level and reason, and known by their code. */
function withCodes(value: unknown): unknown {
  const review = value as {
    stackChanges: readonly Risky[]
    images: readonly (Risky & { changes: readonly Risky[] })[]
    families: readonly (Risky & { changes: readonly Risky[] })[]
    diagnostics: readonly { path?: string }[]
  }
  const deep = (one: Risky & { changes: readonly Risky[] }): object => ({
    ...byCode(one),
    changes: one.changes.map(byCode),
  })
  return {
    ...review,
    stackChanges: review.stackChanges.map(byCode),
    images: review.images.map(deep),
    families: review.families.map(deep),
    diagnostics: review.diagnostics.map((d) => ({ ...d, path: d.path ?? "" })),
  }
}

interface Risky {
  readonly risks: readonly RiskShape[]
}

function byCode<T extends Risky>(one: T): Omit<T, "risks"> & Pick<ReviewChange, "risks"> {
  return { ...one, risks: one.risks.map(({ code }) => code as RiskCode) }
}
