/**
 * A plan for comments and job summaries of GitHub and GitLab: the counts, what stops the run, a table of everything
 * that changes, which is never cut, and below it the details, folded per image.
 */
import type { Plan } from "../model/plan.ts"
import { BRAKED, brakeFlag, brakeText } from "./brakes.ts"
import { diffLines } from "./diff-lines.ts"
import { markdownCode, markdownFence, markdownHtmlCode, markdownText } from "./escape-markdown.ts"
import { joinMarkdown, type MarkdownOptions, type MarkdownParts } from "./markdown-room.ts"
import { groupByImage, type ImageGroups, scopesText, whereText } from "./plan-groups.ts"
import { checkItems, familyTable, noticeItems, summaryTable } from "./plan-markdown-parts.ts"
import { hasAccounts } from "./plan-rows.ts"
import { summaryText } from "./plan-sections.ts"
import { emptyText, leftOutText } from "./plan-text.ts"
import { verbCounts } from "./plan-verbs.ts"
import { whyText } from "./reasons.ts"

/** The plan as Markdown, with a newline at its end. Foreign text comes out without any meaning. */
export function renderPlanMarkdown(plan: Plan, options: MarkdownOptions = {}): string {
  return joinMarkdown(planMarkdownParts(plan), options)
}

/** The same in parts. */
export function planMarkdownParts(plan: Plan): MarkdownParts {
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
  return { head, details: groupByImage(changed, accounts).map((image) => detailsOf(image, accounts)), foot }
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
