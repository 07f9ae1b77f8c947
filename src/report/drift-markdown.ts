/** Drift for comments, job summaries and issues: the counts, a table that is never cut, and the details folded. */
import type { DriftReport, DriftRow } from "../model/drift.ts"
import { diffLines } from "./diff-lines.ts"
import { remarksOf } from "./drift-sections.ts"
import {
  DRIFT_GATHERING,
  driftSummary,
  driftWhy,
  findings,
  newsSummary,
  notConsideredText,
  quietText,
  timeText,
  VERDICT_LIST,
  VERDICT_SIGNS,
  verdictText,
} from "./drift-words.ts"
import { markdownCode, markdownFence, markdownHtmlCode, markdownText } from "./escape-markdown.ts"
import { gather, type ImageGroups, scopesText, whereText } from "./plan-groups.ts"
import { table } from "./plan-markdown-parts.ts"
import { severalAccounts } from "./plan-rows.ts"

/** The report as Markdown, with a newline at its end. Foreign text comes out without any meaning. */
export function renderDriftMarkdown(report: DriftReport): string {
  const accounts = severalAccounts(report.placements)
  const shown = findings(report)
  const news = newsSummary(report)
  const details = gather(shown, accounts, DRIFT_GATHERING)
    .map((image) => detailsOf(image, report.at, accounts))
    .filter((text) => text !== "")
  const left = report.notConsidered > 0 ? ` ${notConsideredText(report)}` : ""
  const parts = [
    `## Drift of ${markdownCode(report.stack)}`,
    `**${driftSummary(report).replace(/^Drift: /, "")}**${news === "" ? "" : ` ${news}`}`,
    shown.length === 0 ? quietText(report) : summaryTable(shown, report.at, accounts),
    ...remarksOf(report, accounts).flatMap(({ title, items }) => [
      `### ${title}`,
      items
        .map(({ about, text, where }) => {
          const end = where === undefined ? "" : ` (${markdownCode(where)})`
          // As one text: `:0` of a name and the colon after it would be an emoji.
          return `- ${markdownText(`${about}: ${text}`)}${end}`
        })
        .join("\n"),
    ]),
    ...(details.length === 0 ? [] : ["### Details", ...details]),
    `Read ${timeText(report.at)}.${left}`,
  ]
  return `${parts.join("\n\n")}\n`
}

/** Every image and verdict with its regions, the most urgent first. */
function summaryTable(shown: readonly DriftRow[], at: number, accounts: boolean): string {
  const rows = VERDICT_LIST.flatMap((verdict) => {
    const those = shown.filter((row) => row.verdict === verdict)
    return Array.from(new Set(those.map(({ image }) => image)), (image) => {
      const own = those.filter((row) => row.image === image)
      const why = Array.from(new Set(own.map((row) => driftWhy(row, at)))).join("; ")
      return [
        `\`${VERDICT_SIGNS[verdict].symbol}\``,
        markdownCode(image),
        verdictText(verdict),
        markdownText(scopesText(own, accounts)),
        markdownText(why),
      ]
    })
  })
  return table(["", "Image", "Verdict", "Regions", "Why"], rows)
}

function detailsOf({ image, groups }: ImageGroups<DriftRow>, at: number, accounts: boolean): string {
  const blocks = groups.flatMap(({ rows, fields }) => {
    const [first] = rows
    const lines = diffLines(fields)
    if (first === undefined || lines.length === 0) return []
    const places = Array.from(new Set(rows.map(whereText)), markdownCode).join(", ")
    const ids = rows.flatMap(({ imageId }) => (imageId === undefined ? [] : [markdownCode(imageId)]))
    const which = ids.length === 0 ? "" : ` (${ids.join(", ")})`
    const head = `**${verdictText(first.verdict)}** in ${markdownText(scopesText(rows, accounts))}, ${places}:`
    return [`${head} ${markdownText(driftWhy(first, at))}${which}`, markdownFence("diff", lines)]
  })
  if (blocks.length === 0) return ""
  const rows = groups.flatMap((group) => group.rows)
  const counts = VERDICT_LIST.flatMap((verdict) => {
    const count = rows.filter((row) => row.verdict === verdict).length
    return count === 0 ? [] : [`${count} ${verdictText(verdict)}`]
  }).join(", ")
  return [
    `<details>\n<summary>${markdownHtmlCode(image)}: ${counts}</summary>`,
    ...blocks,
    "</details>",
  ].join("\n\n")
}
