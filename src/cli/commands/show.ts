import { planFormats } from "../../report/formats.ts"
import { readApprovalSet } from "../approvals-read.ts"
import { EXIT } from "../exit.ts"
import type { Io } from "../io.ts"
import { loadRenderers, parseOutputs, writeOutputs } from "../outputs.ts"

/** Prints a saved plan in any format. */
export async function show(
  io: Io,
  file: string,
  options: { readonly output: readonly string[] },
): Promise<number> {
  const requests = parseOutputs(options.output, Object.keys(planFormats))
  const { plan } = readApprovalSet(io, file)
  writeOutputs(io, requests, (await loadRenderers(planFormats, requests))(plan))
  return EXIT.done
}
