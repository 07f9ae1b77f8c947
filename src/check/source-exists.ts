/** The source object and the data disks exist, and whoever reads them for the import can. */
import type { CheckResult } from "../model/plan.ts"
import { finding, ok } from "./codes.ts"
import type { Context, Subject } from "./context.ts"
import { bareUrl } from "./cos.ts"
import { readerOf } from "./source-probe.ts"

export function checkSourceExists({ placement, imports }: Subject, context: Context): readonly CheckResult[] {
  if (!imports) return []
  const reader = readerOf(placement.account, placement.source)
  const of = (url: string, subject: string): CheckResult | undefined => {
    const failure = context.probeOf(bareUrl(url))?.access.get(reader)
    if (failure === null) return undefined
    if (failure === undefined) {
      return finding("source_exists", "skipped", "not_probed", `${subject}The object was not looked at.`)
    }
    const { status, code, message, advice } = failure
    return finding("source_exists", status, code, subject + message, advice === undefined ? {} : { advice })
  }
  const disks = placement.dataDisks.flatMap(({ url }) => of(url, `Data disk ${bareUrl(url)}: `) ?? [])
  const source = of(placement.source.url, "") ?? ok("source_exists", "The object exists and can be read.")
  return [source, ...disks]
}
