/**
 * A plan for comments and job summaries of GitHub and GitLab: the counts, what stops the run, a table of everything
 * that changes, which is never cut, and below it the details, folded per image.
 */
import type { Plan } from "../model/plan.ts"
import { BRAKED, brakeFlag, brakeText } from "./brakes.ts"
import { diffLines } from "./diff-lines.ts"
import { markdownCode, markdownFence, markdownHtmlCode, markdownText } from "./escape-markdown.ts"
import { groupByImage, type ImageGroups, scopesText, whereText } from "./plan-groups.ts"
import { checkItems, familyTable, noticeItems, summaryTable } from "./plan-markdown-parts.ts"
import { hasAccounts } from "./plan-rows.ts"
import { summaryText } from "./plan-sections.ts"
import { emptyText, leftOutText } from "./plan-text.ts"
import { verbCounts } from "./plan-verbs.ts"
import { whyText } from "./reasons.ts"
import { counted } from "./value.ts"

export interface MarkdownOptions {
  /** Characters that the host takes. Details that do not fit are left out, image by image; nothing else is. */
  readonly limit?: number
}

/** The plan as Markdown, with a newline at its end. Foreign text comes out without any meaning. */
export function renderPlanMarkdown(plan: Plan, options: MarkdownOptions = {}): string {
  const accounts = hasAccounts(plan)
  const changed = plan.actions.filter((action) => action.action !== "keep")
  const head = [
    `## Plan of ${markdownCode(plan.stack)}`,
    `**${summaryText(plan).replace(/^Plan: /, "")}**`,
    ...brakeBlocks(plan),
    ...(changed.length === 0 ? [emptyText(plan)] : summaryTable(changed, accounts)),
    ...familyTable(plan.families, accounts),
    ...checkItems(changed, accounts),
    ...noticeItems(plan, accounts),
  ]
  const left = plan.notConsidered > 0 ? ` ${leftOutText(plan)}` : ""
  const foot = `Plan ${markdownCode(plan.fingerprint.slice(0, 12))}, site ${plan.site}.${left}`
  const details = groupByImage(changed, accounts).map((image) => detailsOf(image, accounts))
  return `${[...head, ...fitting(details, [...head, foot], options.limit), foot].join("\n\n")}\n`
}

/** As many details as there is room for, and how many there was none for. */
export function fitting(
  details: readonly string[],
  rest: readonly string[],
  limit: number | undefined,
  noun = "image",
): string[] {
  if (details.length === 0) return []
  const room = (limit ?? Number.POSITIVE_INFINITY) - rest.join("\n\n").length - 200
  const shown: string[] = []
  let used = 0
  for (const one of details) {
    if (used + one.length + 2 > room) continue
    shown.push(one)
    used += one.length + 2
  }
  const missing = details.length - shown.length
  const note = `The details of ${counted(missing, noun)} do not fit here; the HTML report has them.`
  return ["### Details", ...shown, ...(missing > 0 ? [note] : [])]
}

function brakeBlocks({ brakes }: Plan): string[] {
  if (brakes.length === 0) return []
  const items = brakes.map((brake) => {
    const images = brake.images.map(markdownCode).join(", ")
    return `- **${brake.limit}**: ${brakeText(brake)} (${images}). \`${brakeFlag(brake)}\` lifts it for one run.`
  })
  return [`**${BRAKED}.**`, items.join("\n")]
}

function detailsOf({ image, groups }: ImageGroups, accounts: boolean): string {
  const rows = groups.flatMap((group) => group.rows)
  const blocks = groups.flatMap((group) => {
    const [first] = group.rows
    if (first === undefined) return []
    const places = Array.from(new Set(group.rows.map(whereText)), markdownCode).join(", ")
    const title = `**${first.action}** in ${markdownText(scopesText(group.rows, accounts))}, ${places}:`
    const lines = diffLines(group.fields)
    const ids = group.rows.flatMap((row) =>
      row.action === "update" || row.action === "adopt" ? [markdownCode(row.imageId)] : [],
    )
    const which = ids.length === 0 ? "" : ` (${ids.join(", ")})`
    return [
      `${title} ${markdownText(whyText(first))}${which}`,
      ...(lines.length === 0 ? [] : [markdownFence("diff", lines)]),
    ]
  })
  const summary = `<summary>${markdownHtmlCode(image)}: ${verbCounts(rows)}</summary>`
  return [`<details>\n${summary}`, ...blocks, "</details>"].join("\n\n")
}
