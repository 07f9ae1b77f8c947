/** What is kept between two drift reports, as text. Pure. */
import type { DriftState } from "../model/drift.ts"
import { checksumOf } from "./fingerprint.ts"

/** The state with its checksum. */
export function sealDriftState(state: Omit<DriftState, "checksum">): DriftState {
  return { ...state, checksum: checksumOf(state) }
}

/** The state of a text, or why it is none; `stackId`: whose it must be. */
export function parseDriftState(text: string, stackId: string): DriftState | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return "it is not JSON, or was not written to its end"
  }
  if (!isObject(value) || value.kind !== "DriftState") return "it is no state of drift"
  if (value.formatVersion !== 1) return "it was written by a later release of cvmimg: use that one"
  const { checksum, ...rest } = value
  if (checksum !== checksumOf(rest)) return "it was changed or damaged since it was written"
  const { stack, stackId: of } = value
  if (typeof stack !== "string" || typeof of !== "string") return "parts of it are missing"
  if (of !== stackId) return `it is of another stack, ${stack} (${of})`
  return isWhole(rest) ? (value as unknown as DriftState) : "parts of it are missing"
}

/** The least that reading code relies on; the rest is held by the checksum. */
function isWhole({ at, open, seen, told }: Record<string, unknown>): boolean {
  if (typeof at !== "number") return false
  if (!isListOfPlaces(open) || !open.every(isOpenFinding)) return false
  if (
    !isListOfPlaces(seen) ||
    !seen.every((s) => typeof s.imageId === "string" && typeof s.at === "number")
  ) {
    return false
  }
  return told === undefined || (isObject(told) && Object.values(told).every(isMemory))
}

function isMemory(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.at === "number" &&
    isListOfPlaces(value.open) &&
    value.open.every(isOpenFinding)
  )
}

function isOpenFinding({ verdict, reasons, changes, since }: Record<string, unknown>): boolean {
  return (
    typeof verdict === "string" &&
    Array.isArray(reasons) &&
    reasons.every((reason) => typeof reason === "string") &&
    Array.isArray(changes) &&
    changes.every((change) => isObject(change) && typeof change.field === "string") &&
    typeof since === "number"
  )
}

function isListOfPlaces(value: unknown): value is Record<string, unknown>[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one) => isObject(one) && [one.image, one.account, one.region].every((x) => typeof x === "string"),
    )
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
