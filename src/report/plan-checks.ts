/** Results of checks, gathered: what is fine is counted, everything else is told once for all placements it is true of. */
import type { Action, CheckResult, Plan } from "../model/plan.ts"
import { hang } from "./fit.ts"
import { gap, type Line, type Paper, span, type Tone } from "./line.ts"
import { scopesText } from "./plan-groups.ts"

type CheckStatus = CheckResult["status"]

/** The worst first. */
const STATUSES = ["error", "warning", "skipped", "ok"] as const satisfies readonly CheckStatus[]
const TONES: Readonly<Record<CheckStatus, Tone>> = {
  error: "alarm",
  warning: "change",
  skipped: "dim",
  ok: "add",
}

/** A check that is not ok, and the placements that it speaks of. */
export interface Finding {
  readonly check: CheckResult
  readonly rows: readonly Action[]
}

/** Checks that are not ok, errors first; the same finding of several placements is one. */
export function findingsOf(rows: readonly Action[]): Finding[] {
  const found = new Map<string, { check: CheckResult; rows: Action[] }>()
  for (const row of rows) {
    for (const check of row.checks) {
      if (check.status === "ok") continue
      const { name, status, code, message, advice } = check
      const key = JSON.stringify([status, code ?? name, message, advice])
      const known = found.get(key)
      if (known === undefined) found.set(key, { check, rows: [row] })
      else if (known.rows.at(-1) !== row) known.rows.push(row)
    }
  }
  const rank = (f: Finding): number => STATUSES.indexOf(f.check.status)
  return Array.from(found.values()).sort((a, b) => rank(a) - rank(b))
}

/** The placements of a finding by image, in the order in which they come. */
export function imagesOf(rows: readonly Action[]): [string, readonly Action[]][] {
  const found = new Map<string, Action[]>()
  for (const row of rows) {
    const known = found.get(row.image)
    if (known === undefined) found.set(row.image, [row])
    else known.push(row)
  }
  return Array.from(found)
}

/** The code of a check that is not ok; a check that has none is called by its name. */
export function checkCode({ code, name }: CheckResult): string {
  return code ?? name
}

/** `1 error, 2 warnings, 1 skipped, 14 ok`; nothing where no check was made. */
export function checksText(rows: readonly Action[]): string {
  const checks = rows.flatMap((row) => row.checks)
  return STATUSES.map((status) => ({ status, count: checks.filter((c) => c.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => {
      const plural = count > 1 && (status === "error" || status === "warning") ? "s" : ""
      return `${count} ${status}${plural}`
    })
    .join(", ")
}

/** The findings of rows that share a block of fields; nothing where all is well. */
export function checkLines(rows: readonly Action[], indent: number, accounts: boolean, paper: Paper): Line[] {
  return findingsOf(rows).flatMap(({ check, rows: those }) => {
    const head: Line = [span(`${check.status}[${checkCode(check)}]`, TONES[check.status]), span(": ")]
    const where = those.length === rows.length ? [] : [span(` (${scopesText(those, accounts)})`, "dim")]
    const request = check.requestId === undefined ? [] : [span(` (request id ${check.requestId})`, "dim")]
    const advice =
      check.advice === undefined
        ? []
        : check.advice
            .split("\n")
            .flatMap((line) => hang([gap(indent + 2), span("= ", "dim")], [span(line)], paper.width))
    return [
      ...hang([gap(indent)], [...head, span(check.message), ...where, ...request], paper.width),
      ...advice,
    ]
  })
}

/** A line that counts the checks of the whole plan. */
export function checkSummaryLines(plan: Plan, paper: Paper): Line[] {
  const text = checksText(plan.actions)
  const rehearsed = plan.actions.some((a) =>
    a.checks.some((c) => c.name === "rehearsal" && c.status === "ok"),
  )
  const reach = rehearsed ? " Rehearsals look at parameters only, not into the image file." : ""
  return text === "" ? [] : hang([], [span(`Checks: ${text}.${reach}`, "dim")], paper.width)
}
