/** The bytes are of the declared format, and of a whole image. */
import type { SourceFormat } from "../model/desired.ts"
import type { CheckResult } from "../model/plan.ts"
import { finding, ok } from "./codes.ts"
import type { Content } from "./content.ts"
import type { Context, Subject } from "./context.ts"
import { bareUrl } from "./cos.ts"
import type { SourceProbe } from "./source-probe.ts"

export function checkSourceFormat({ placement, imports }: Subject, context: Context): readonly CheckResult[] {
  if (!imports) return []
  const { source, dataDisks } = placement
  const disks = dataDisks.flatMap(({ url }) => {
    const result = judgeDataDisk(context.probeOf(bareUrl(url)), `Data disk ${bareUrl(url)}: `)
    return result === undefined ? [] : [result]
  })
  return [judgeFormat(context.probeOf(bareUrl(source.url)), source.format), ...disks]
}

/** Pure. */
export function judgeFormat(probe: SourceProbe | undefined, declared: SourceFormat): CheckResult {
  const content = probe?.content
  if (content === undefined) return unseen(probe)
  const { format, problem } = content
  // A file too small for anything has no format that could be another one.
  if (format !== declared && !(format === undefined && problem !== undefined)) {
    const message = `The manifest declares ${declared}, but the bytes are ${kindOf(content)}.`
    return finding("source_format", "error", "format_mismatch", message, { advice: remedy(content) })
  }
  if (problem !== undefined) return broken(content, "", problem.message)
  return ok("source_format", `The bytes are of the declared format, ${declared}.`)
}

/** A data disk declares no format and needs no partition. */
function judgeDataDisk(probe: SourceProbe | undefined, subject: string): CheckResult | undefined {
  const content = probe?.content
  if (content === undefined) return undefined
  const { problem, format } = content
  if (problem !== undefined && problem.code !== "no_partition_table") {
    return broken(content, subject, problem.message)
  }
  if (format !== undefined && format !== "iso") return undefined
  const message = `${subject}The bytes are ${kindOf(content)}, not of a disk.`
  return finding("source_format", "error", "format_mismatch", message)
}

const REMEDIES = {
  format_broken: "upload the file again and compare its size and checksum",
  needs_other_file: "convert it to one file that stands alone (qemu-img convert)",
  encrypted: "convert it to an image without encryption",
  no_partition_table: "upload the whole disk with its partition table, not a single partition",
} as const

function broken(content: Content, subject: string, message: string): CheckResult {
  const code = content.problem?.code ?? "format_broken"
  const what = content.format === undefined ? "The file" : `The ${content.format} image`
  const text = `${subject}${what} cannot be imported: ${message}.`
  return finding("source_format", "error", code, text, { advice: REMEDIES[code] })
}

function kindOf({ format, other, problem }: Content): string {
  if (other !== undefined) return `those of ${other}`
  if (format === "raw" && problem?.code === "no_partition_table") return "of none of the known formats"
  return `those of ${format === "iso" ? "an ISO file" : `a ${format ?? "unknown"} image`}`
}

function remedy({ format, other, problem }: Content): string {
  if (other !== undefined) return "upload the disk image itself"
  if (format === undefined || problem?.code === "no_partition_table") return "upload the file again"
  return `write source.format: ${format}, or upload the right file`
}

function unseen(probe: SourceProbe | undefined): CheckResult {
  if (probe?.encoding !== undefined) {
    const message = `The object is stored with Content-Encoding ${probe.encoding}.`
    return finding("source_format", "skipped", "encoded", message, {
      advice: "upload it without that header: the service may see other bytes than those meant",
    })
  }
  const message = probe?.unread ?? "The object was not read."
  return finding("source_format", "skipped", "source_unread", message)
}
