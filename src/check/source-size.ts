/** File and disk are within the importer's limits, which it judges after its own conversion to qcow2. */
import type { CheckResult } from "../model/plan.ts"
import { finding, ok } from "./codes.ts"
import type { Context, Subject } from "./context.ts"
import { bareUrl } from "./cos.ts"
import type { SourceProbe } from "./source-probe.ts"
import { sizeText } from "./words.ts"

const GIB = 1024 ** 3
export const MAX_DISK: number = 500 * GIB
export const MAX_DATA: number = 50 * GIB
/** From here on it is worth a word: the limits may count in powers of ten, and a conversion may add to the data. */
const NEAR = 0.9

export function checkSourceSize({ placement, imports }: Subject, context: Context): readonly CheckResult[] {
  if (!imports) return []
  const source = judgeSize(context.probeOf(bareUrl(placement.source.url)), "")
  const disks = placement.dataDisks.flatMap(({ url }) =>
    judgeSize(context.probeOf(bareUrl(url)), `Data disk ${bareUrl(url)}: `).filter(isWrong),
  )
  return [...source, ...disks]
}

/** Pure. Everything that is wrong, or one ok. */
export function judgeSize(probe: SourceProbe | undefined, subject: string): CheckResult[] {
  const size = probe?.seen?.size
  if (size === undefined) {
    return [finding("source_size", "skipped", "source_unread", `${subject}The object was not read.`)]
  }
  if (size === 0) {
    return [
      finding("source_size", "error", "empty", `${subject}The object has no bytes.`, {
        advice: "upload it again",
      }),
    ]
  }
  const disk = probe?.content?.virtualSize
  const found = [judgeDisk(disk, subject), judgeData(size, probe?.content?.storesZeros === true, subject)]
  const wrong = found.filter((result) => result !== undefined)
  if (wrong.length > 0) return wrong
  const inside = disk === undefined ? "" : `, the disk in it ${sizeText(disk)}`
  return [ok("source_size", `${subject}The file has ${sizeText(size)}${inside}.`)]
}

function judgeDisk(disk: number | undefined, subject: string): CheckResult | undefined {
  if (disk === undefined || disk < MAX_DISK * NEAR) return undefined
  const numbers = `${subject}The disk in the image has ${sizeText(disk)}; the service takes ${sizeText(MAX_DISK)}`
  return disk > MAX_DISK
    ? finding("source_size", "error", "disk_too_large", `${numbers}.`, {
        advice: "shrink the disk and its file system, or move it as an offline migration",
      })
    : finding("source_size", "warning", "disk_near_limit", `${numbers}, judged after conversion.`)
}

function judgeData(size: number, storesZeros: boolean, subject: string): CheckResult | undefined {
  if (storesZeros) {
    if (size <= MAX_DATA) return undefined
    const message = `${subject}The file has ${sizeText(size)}, zeros included; of data the service takes ${sizeText(MAX_DATA)}, judged after conversion to qcow2.`
    return finding("source_size", "warning", "data_unclear", message, {
      advice: "upload it as qcow2, which is smaller and shows how much data there is",
    })
  }
  if (size < MAX_DATA * NEAR) return undefined
  const numbers = `${subject}The file has ${sizeText(size)}; of data the service takes ${sizeText(MAX_DATA)}, judged after conversion to qcow2`
  return size > MAX_DATA
    ? finding("source_size", "error", "data_too_large", `${numbers}.`, {
        advice: "free space in the image, or move the data to a data disk",
      })
    : finding("source_size", "warning", "data_near_limit", `${numbers}, which may add to it.`)
}

function isWrong({ status }: CheckResult): boolean {
  return status === "warning" || status === "error"
}
