/**
 * The results of an apply as JUnit XML, with the cases of the plan's report: a suite for each image, a case for each
 * placement. What was only kept passes. What is running or unknown is not done, and fails as well.
 */
import type { Result } from "../model/outcome.ts"
import { compareText, placementKey } from "../model/placement.ts"
import { type ApplyOutput, retires } from "./apply-images.ts"
import { causeText } from "./apply-problems.ts"
import { type JunitCase, junitText } from "./junit.ts"
import { scopeText } from "./plan-groups.ts"
import { staleLines } from "./stale.ts"
import { outcomeText } from "./symbols.ts"

/** The results in the form that Jenkins and GitLab read. */
export function renderApplyJunit(output: ApplyOutput): string {
  const told = new Set(output.results.filter((r) => !retires(r.action)).map(placementKey))
  const kept = output.images.filter((image) => !told.has(placementKey(image)))
  const cases = [
    ...output.results.map(resultCase),
    ...kept.map((image) => ({ suite: image.image, name: scopeText(image, true), output: [image.imageId] })),
  ]
  cases.sort((a, b) => compareText(a.suite, b.suite) || compareText(a.name, b.name))
  return junitText(`cvmimg apply ${output.stack}`, output.stack, cases)
}

function resultCase(result: Result): JunitCase {
  const { image, action, outcome, imageId, requestId, error, reason, durationMs } = result
  const name = `${scopeText(result, true)}${retires(action) && imageId !== undefined ? ` ${imageId}` : ""}`
  const request = error?.requestId ?? requestId
  const facts = [
    `${action}: ${outcomeText(outcome)}${imageId === undefined ? "" : `, ${imageId}`}`,
    ...(request === undefined ? [] : [`request id ${request}`]),
  ]
  const base = { suite: image, name, durationMs }
  if (outcome === "done") return { ...base, output: facts }
  const cause = causeText(result)
  const left = outcome === "skipped" || outcome === "not_approved"
  if (left && action !== "refuse") return { ...base, skipped: cause, output: facts }
  const type = error?.code ?? reason ?? outcome
  const lines = [
    ...facts,
    ...(result.stale === undefined ? [] : staleLines(result.stale)),
    ...(error === undefined ? [] : error.advice.split("\n")),
  ]
  return { ...base, failure: { type, message: cause, lines }, output: [] }
}
