/** One image has the same content wherever it is imported. */
import type { DesiredPlacement } from "../model/desired.ts"
import type { SourceSeen } from "../model/observed.ts"
import type { CheckResult } from "../model/plan.ts"
import { finding, ok } from "./codes.ts"
import type { Context, Subject } from "./context.ts"
import { bareUrl } from "./cos.ts"
import { listText, sizeText } from "./words.ts"

export function checkSourceSame(subject: Subject, context: Context): readonly CheckResult[] {
  const { placement, imports } = subject
  if (!imports) return []
  const mine = bareUrl(placement.source.url)
  const others = context.placementsOf(placement.image).filter(({ source }) => bareUrl(source.url) !== mine)
  if (others.length === 0) return []
  const seen = context.probeOf(mine)?.seen
  if (seen === undefined) {
    return [finding("source_same", "skipped", "source_unread", "The object was not read.")]
  }
  const compared = others.flatMap((other) => {
    const there = context.probeOf(bareUrl(other.source.url))?.seen
    return there === undefined ? [] : [{ other, there, same: sameContent(seen, there) }]
  })
  if (compared.length === 0) {
    const message = "The objects of the other regions were not read."
    return [finding("source_same", "skipped", "source_unread", message)]
  }
  const differing = compared.filter(({ same }) => same === false)
  const [first] = differing
  if (first !== undefined) {
    const places = listText(unique(differing.map(({ other }) => placeOf(other, placement))))
    const { crc64, sha256 } = placement.source
    const status = crc64 === undefined && sha256 === undefined ? "warning" : "error"
    const message = `The object is another one than in ${places}: ${whatDiffers(seen, first.there)}.`
    return [
      finding("source_same", status, "source_differs_between_regions", message, {
        advice: "copy one object to every region, or make it two images",
      }),
    ]
  }
  if (compared.some(({ same }) => same === undefined)) {
    const message = "COS gives neither checksums nor ETags that can be compared."
    return [finding("source_same", "skipped", "cannot_compare", message)]
  }
  return [ok("source_same", "The object is the same in every region that was read.")]
}

/**
 * Undefined: not to be told. Equal ETags prove sameness; different ones prove nothing, since they depend on how the
 * object was uploaded and encrypted.
 */
export function sameContent(a: SourceSeen, b: SourceSeen): boolean | undefined {
  if (a.crc64 !== undefined && b.crc64 !== undefined) return a.crc64 === b.crc64
  if (a.size !== b.size) return false
  return a.etag !== undefined && a.etag === b.etag ? true : undefined
}

function whatDiffers(here: SourceSeen, there: SourceSeen): string {
  if (here.crc64 !== undefined && there.crc64 !== undefined) {
    return `CRC-64 ${here.crc64} here, ${there.crc64} there`
  }
  return `${sizeText(here.size ?? 0)} here, ${sizeText(there.size ?? 0)} there`
}

/** The region, and the account where that is another one. */
function placeOf(other: DesiredPlacement, self: DesiredPlacement): string {
  return other.account === self.account ? other.region : `${other.account}/${other.region}`
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)]
}
