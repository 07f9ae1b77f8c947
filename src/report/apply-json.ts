/** The results of an apply for machines, in the shape of schemas/apply.schema.json. */
import type { Result } from "../model/outcome.ts"
import { comparePlacements } from "../model/placement.ts"
import type { ApplyOutput } from "./apply-images.ts"
import { failureShape } from "./failure-json.ts"
import { jsonText } from "./json.ts"
import { staleShape } from "./stale.ts"

/** The report as JSON with stable keys and sorted rows, a newline at the end. */
export function renderApplyJson(
  report: Pick<ApplyOutput, "formatVersion" | "stack" | "results" | "images">,
): string {
  return jsonText({
    formatVersion: report.formatVersion,
    stack: report.stack,
    results: [...report.results].sort(comparePlacements).map(resultShape),
    images: report.images
      .toSorted(comparePlacements)
      .map(({ image, account, region, imageId }) => ({ image, account, region, imageId })),
  })
}

function resultShape(result: Result): object {
  const { image, account, region, action, outcome, imageId, requestId, error, reason, durationMs } = result
  const { stale } = result
  return {
    image,
    account,
    region,
    action,
    outcome,
    imageId,
    requestId,
    error: error === undefined ? undefined : failureShape(error),
    reason,
    difference: stale === undefined ? undefined : staleShape(stale),
    durationMs: Math.round(durationMs),
  }
}
