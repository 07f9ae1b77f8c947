/** The object is the one that the manifest names by its checksum. */
import type { DesiredSource } from "../model/desired.ts"
import type { CheckResult } from "../model/plan.ts"
import { finding, ok } from "./codes.ts"
import type { Context, Subject } from "./context.ts"
import { bareUrl } from "./cos.ts"
import type { SourceProbe } from "./source-probe.ts"

export function checkSourceChecksum(
  { placement, imports }: Subject,
  context: Context,
): readonly CheckResult[] {
  if (!imports) return []
  return judgeChecksum(context.probeOf(bareUrl(placement.source.url)), placement.source)
}

/** Pure. Nothing where the manifest names no checksum. */
export function judgeChecksum(
  probe: SourceProbe | undefined,
  { crc64, sha256 }: Pick<DesiredSource, "crc64" | "sha256">,
): CheckResult[] {
  if (crc64 === undefined) {
    if (sha256 === undefined) return []
    const message = "The manifest gives a sha256, which COS does not know."
    const advice = "add source.crc64, which COS can confirm"
    return [finding("source_checksum", "skipped", "not_verifiable", message, { advice })]
  }
  const seen = probe?.seen
  if (seen === undefined) {
    return [finding("source_checksum", "skipped", "source_unread", "The object was not read.")]
  }
  if (seen.crc64 === undefined) {
    return [finding("source_checksum", "skipped", "no_checksum", "COS has no CRC-64 of the object.")]
  }
  if (plain(seen.crc64) === plain(crc64)) return [ok("source_checksum", "The CRC-64 is the manifest's.")]
  const message = `The object's CRC-64 is ${seen.crc64}, the manifest says ${crc64}.`
  return [
    finding("source_checksum", "error", "checksum_mismatch", message, {
      advice: "upload the right object, or correct source.crc64",
    }),
  ]
}

function plain(decimal: string): string {
  return decimal.replace(/^0+(?=\d)/, "")
}
