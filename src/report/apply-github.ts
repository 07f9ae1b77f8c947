/**
 * What an apply did not get done as annotations of GitHub on the manifest's lines, one for each cause and image. What
 * is done is not annotated: the summary of the job, which is the Markdown of the same results, has it.
 */
import type { Outcome, Result } from "../model/outcome.ts"
import { placementKey } from "../model/placement.ts"
import { type Annotation, annotationsText } from "./annotations.ts"
import type { ApplyOutput } from "./apply-images.ts"
import { causeText, problemsOf } from "./apply-problems.ts"
import { applySummary } from "./apply-text.ts"
import { scopesText } from "./plan-groups.ts"
import { staleLines } from "./stale.ts"
import { outcomeText } from "./symbols.ts"

const COMMANDS: Readonly<Record<Exclude<Outcome, "done">, Annotation["command"]>> = {
  failed: "error",
  stale: "error",
  unknown: "error",
  running: "warning",
  skipped: "warning",
  not_approved: "notice",
}

/** The results as workflow commands; empty where everything is done. */
export function renderApplyGithub(output: ApplyOutput): string {
  const all = problemsOf(output.results).flatMap(({ rows }) =>
    byImage(rows).map((members) => annotation(members, output)),
  )
  return annotationsText(all, applySummary(output))
}

function byImage(rows: readonly Result[]): [Result, ...Result[]][] {
  const images = new Map<string, [Result, ...Result[]]>()
  for (const row of rows) {
    const key = JSON.stringify([row.image, row.action])
    const known = images.get(key)
    if (known === undefined) images.set(key, [row])
    else known.push(row)
  }
  return Array.from(images.values())
}

function annotation(rows: readonly [Result, ...Result[]], output: ApplyOutput): Annotation {
  const [first] = rows
  const { action, image, outcome, error } = first
  const requests = rows.flatMap((row) => row.error?.requestId ?? row.requestId ?? [])
  const at = output.manifests.get(placementKey(first))
  return {
    command: outcome === "done" ? "notice" : action === "refuse" ? "error" : COMMANDS[outcome],
    title: `${action} ${image} ${outcomeText(outcome)}`,
    lines: [
      `${scopesText(rows, output.accounts)}: ${error === undefined ? "" : `${error.code}: `}${causeText(first)}`,
      ...(first.stale === undefined ? [] : staleLines(first.stale)),
      ...(error === undefined ? [] : error.advice.split("\n")),
      ...(requests.length === 0 ? [] : [`request id ${requests.join(", ")}`]),
    ],
    ...(at === undefined ? {} : { at }),
  }
}
