/** VHD: a footer in the last 512 bytes; dynamic ones have a copy of it at the beginning. */
import { startsWith, u32be, u64be } from "./bytes.ts"
import type { Content, ProblemCode } from "./content.ts"

const FIXED = 2
const DYNAMIC = 3
const DIFFERENCING = 4

/** Undefined: not a VHD. Without `tail` the beginning alone is judged. */
export function vhd(head: Uint8Array, tail: Uint8Array | undefined): Content | undefined {
  const claimed = startsWith(head, "conectix")
  const footer = tail !== undefined && startsWith(tail, "conectix") ? tail : undefined
  if (footer === undefined && !claimed) return undefined
  const seen = footer ?? head
  const type = u32be(seen, 60)
  const virtualSize = u64be(seen, 48) ?? 0
  const facts = { format: "vhd" as const, virtualSize, storesZeros: type === FIXED }
  const stop = (code: ProblemCode, message: string): Content => ({ ...facts, problem: { code, message } })
  if (footer === undefined && tail !== undefined) {
    return stop("format_broken", "the footer at its end is missing: it is cut short")
  }
  if (type !== FIXED && type !== DYNAMIC && type !== DIFFERENCING) {
    return stop("format_broken", `it is of type ${type}, which does not exist`)
  }
  if (u32be(seen, 64) !== checksum(seen)) return stop("format_broken", "the checksum of its footer is wrong")
  if (type === DIFFERENCING) return stop("needs_other_file", "it is a differencing disk and needs its parent")
  if (virtualSize === 0) return stop("format_broken", "the disk in it has no bytes")
  return facts
}

/** The ones' complement of the sum of the footer's bytes, the checksum itself left out. */
function checksum(footer: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < 512; at++) if (at < 64 || at > 67) sum += footer[at] ?? 0
  return ~sum >>> 0
}
