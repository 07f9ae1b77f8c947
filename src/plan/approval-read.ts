/** Saved approval sets. Apart from making and judging them: what holds their shape is larger than all of planning. */
import type { ApprovalSet } from "../model/approval.ts"
import { shapeProblem } from "./approval-shape.ts"
import { checksumOf } from "./fingerprint.ts"

/** Reads a saved set, or says in a sentence why it is none. Never throws. */
export function parseApprovalSet(text: string): ApprovalSet | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return "it is not JSON; it may have been cut short"
  }
  if (!isObject(value)) return "it is no approval set"
  const { checksum, ...parts } = value
  if (value.kind !== "ApprovalSet") return "it is no approval set; plan --out writes one"
  if (value.formatVersion !== 1)
    return `its format version is ${JSON.stringify(value.formatVersion)}, and this version reads 1`
  const sum = sumOf(parts)
  if (sum === undefined) return "it is nested too deep"
  if (checksum !== sum) return "its checksum does not fit: it was damaged or edited"
  const problem = shapeProblem(value)
  if (problem === undefined) return value as unknown as ApprovalSet
  return `parts of it are missing or wrong (${problem}); plan --out writes a whole one`
}

/** Undefined for what is nested deeper than the stack of this program. */
function sumOf(parts: unknown): string | undefined {
  try {
    return checksumOf(parts)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
