import { planFormats } from "../../report/formats.ts"
import { readApprovalSet } from "../approvals.ts"
import { EXIT } from "../exit.ts"
import type { Io } from "../io.ts"
import { parseOutputs, renderersOf, writeOutputs } from "../outputs.ts"

/** Prints a saved plan in any format. */
export function show(io: Io, file: string, options: { readonly output: readonly string[] }): number {
  const requests = parseOutputs(options.output, Object.keys(planFormats))
  writeOutputs(io, requests, renderersOf(planFormats, readApprovalSet(io, file).plan))
  return EXIT.done
}
