import { renderPlanDiff, renderPlanDiffJson } from "../../report/plan-diff.ts"
import { readApprovalSet } from "../approvals-read.ts"
import { EXIT } from "../exit.ts"
import type { Io } from "../io.ts"
import { parseOutputs, writeOutputs } from "../outputs.ts"

/** Says what moved between two saved plans. */
export function diffPlans(
  io: Io,
  before: string,
  after: string,
  options: { readonly output: readonly string[] },
): number {
  const requests = parseOutputs(options.output, ["text", "json"])
  const a = readApprovalSet(io, before).plan
  const b = readApprovalSet(io, after).plan
  writeOutputs(io, requests, {
    text: (to) => renderPlanDiff(a, b, to),
    json: () => renderPlanDiffJson(a, b),
  })
  return EXIT.done
}
