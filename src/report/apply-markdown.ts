/** The results of an apply for comments and job summaries of GitHub and GitLab. */
import { OUTCOMES, type Result } from "../model/outcome.ts"
import type { ApplyOutput } from "./apply-images.ts"
import { adviceLines, causeText, problemsOf } from "./apply-problems.ts"
import { applySummary } from "./apply-text.ts"
import { markdownCode, markdownText } from "./escape-markdown.ts"
import { scopesText, scopeText } from "./plan-groups.ts"
import { table } from "./plan-markdown-parts.ts"
import { staleLines } from "./stale.ts"
import { outcomeText, SIGNS } from "./symbols.ts"
import { counted, durationText } from "./value.ts"

export interface ApplyMarkdownOptions {
  /** Characters that the host takes. Rows that do not fit are left out, those that are done first. */
  readonly limit?: number
}

/** The results as Markdown, with a newline at its end. Foreign text comes out without any meaning. */
export function renderApplyMarkdown(output: ApplyOutput, options: ApplyMarkdownOptions = {}): string {
  const { accounts, images } = output
  const rows = output.results.filter((row) => row.action !== "keep")
  const head = [
    `## Apply of ${markdownCode(output.stack)}`,
    `**${applySummary(output, rows).replace(/^Apply: /, "")}**`,
  ]
  const problems = problemItems(rows, accounts)
  const foot = `${counted(images.length, "image")} in place after the run.`
  const room = (options.limit ?? Number.POSITIVE_INFINITY) - 200
  const whole = (blocks: readonly string[]): string => `${[...head, ...blocks, foot].join("\n\n")}\n`
  const full = whole([...resultTable(rows, accounts), ...problems])
  if (full.length <= room) return full
  const undone = rows.filter((row) => row.outcome !== "done")
  const less = [`The rows of ${counted(rows.length - undone.length, "action")} done do not fit here.`]
  const shorter = whole([...resultTable(undone, accounts), ...less, ...problems])
  if (shorter.length <= room) return shorter
  return whole(["The rows do not fit here; the JSON of the results has them."])
}

function resultTable(rows: readonly Result[], accounts: boolean): string[] {
  if (rows.length === 0) return []
  const order = (row: Result): number =>
    row.outcome === "done" ? OUTCOMES.length : OUTCOMES.indexOf(row.outcome)
  const cells = rows
    .toSorted((a, b) => order(a) - order(b))
    .map((row) => [
      `\`${SIGNS[row.action].symbol}\``,
      markdownCode(row.image),
      row.action,
      markdownText(scopeText(row, accounts)),
      row.outcome === "done" ? "done" : `**${outcomeText(row.outcome)}**`,
      row.imageId === undefined ? "" : markdownCode(row.imageId),
      row.durationMs > 0 ? durationText(row.durationMs) : "",
    ])
  return [table(["", "Image", "Action", "Region", "Outcome", "Image id", "Duration"], cells)]
}

/** Everything that is not done, by cause. */
function problemItems(rows: readonly Result[], accounts: boolean): string[] {
  const items = problemsOf(rows).map(({ outcome, rows: those }) => {
    const [{ error, ...first }] = those
    const places = Array.from(new Set(those.map((row) => row.image)), (image) => {
      const members = those.filter((row) => row.image === image)
      return `${markdownCode(image)} in ${markdownText(scopesText(members, accounts))}`
    })
    const requests = those.flatMap((row) => row.error?.requestId ?? row.requestId ?? [])
    const ids = requests.length === 0 ? "" : ` Request id ${requests.map(markdownCode).join(", ")}.`
    const code = error === undefined ? "" : ` ${markdownCode(error.code)}`
    const cause = markdownText(causeText(error === undefined ? first : { ...first, error }))
    const advice = adviceLines(error?.advice ?? "").map((line) => `\n  - ${markdownText(line)}`)
    const difference = first.stale === undefined ? [] : staleLines(first.stale)
    const diff = difference.map((line) => `\n  - ${markdownCode(line)}`)
    return `- **${outcomeText(outcome)}**${code}: ${cause} (${places.join("; ")}).${ids}${[...advice, ...diff].join("")}`
  })
  return items.length === 0 ? [] : ["### Not done", items.join("\n")]
}
