/** Tables and lists of a plan in Markdown. Every cell and item comes through the door of escape-markdown.ts. */
import type { Action, FamilyMember, FamilyMove, Plan } from "../model/plan.ts"
import { markdownCode, markdownText } from "./escape-markdown.ts"
import { checkCode, checksText, findingsOf, imagesOf } from "./plan-checks.ts"
import { scopesText, scopeText } from "./plan-groups.ts"
import { sameMoves } from "./plan-sections.ts"
import { verbRows } from "./plan-verbs.ts"
import { reasonsText, reasonText, whyReasons } from "./reasons.ts"
import { SIGNS } from "./symbols.ts"

/** Every image and verb with its regions. */
export function summaryTable(changed: readonly Action[], accounts: boolean): string[] {
  const checked = changed.some((row) => row.checks.some((check) => check.status !== "ok"))
  const rows = verbRows(changed).map(({ image, verb, rows: those }) => [
    `\`${SIGNS[verb].symbol}\``,
    markdownCode(image),
    verb,
    markdownText(scopesText(those, accounts)),
    markdownText(reasonsText(Array.from(new Set(those.flatMap(whyReasons))))),
    ...(checked ? [checksText(those)] : []),
  ])
  const heads = ["", "Image", "Action", "Regions", "Why", ...(checked ? ["Checks"] : [])]
  return [table(heads, rows)]
}

/** What consumers of a family boot after the run. */
export function familyTable(families: readonly FamilyMove[], accounts: boolean): string[] {
  if (families.length === 0) return []
  const rows = sameMoves(families).map(({ move, scopes }) => [
    markdownCode(move.family),
    markdownText(scopesText(scopes, accounts)),
    memberCell(move.before),
    memberCell(move.after),
  ])
  return ["### Families after this run", table(["Family", "Regions", "Before", "After"], rows)]
}

function memberCell(member: FamilyMember | null): string {
  if (member === null) return "no image"
  const id = member.imageId === undefined ? "to be imported" : markdownCode(member.imageId)
  return `${markdownCode(member.name)} (${id})`
}

/** Checks that are not ok. */
export function checkItems(changed: readonly Action[], accounts: boolean): string[] {
  const items = findingsOf(changed).map(({ check, rows }) => {
    const images = imagesOf(rows).map(
      ([image, those]) => `${markdownCode(image)} in ${markdownText(scopesText(those, accounts))}`,
    )
    const advice = (check.advice ?? "")
      .split("\n")
      .map((line) => markdownText(line.replace(/^\s*[-*] /, "")))
      .filter((line) => line !== "")
      .map((line) => `\n  - ${line}`)
    const request = check.requestId === undefined ? "" : ` (request id ${markdownCode(check.requestId)})`
    const head = `- **${check.status}** ${markdownCode(checkCode(check))}: `
    return `${head}${markdownText(check.message)}${request} (${images.join("; ")})${advice.join("")}`
  })
  const count = checksText(changed)
  if (count === "") return []
  return items.length === 0 ? [`Checks: ${count}.`] : ["### Checks", `${count}.`, items.join("\n")]
}

/** Notices of placements, then those of the stack. */
export function noticeItems(plan: Plan, accounts: boolean): string[] {
  const ofActions = plan.actions.flatMap((action) =>
    action.notices.map((notice) => {
      const id =
        "imageId" in action && action.imageId !== undefined ? ` (${markdownCode(action.imageId)})` : ""
      const where = markdownText(scopeText(action, accounts))
      return `- ${markdownCode(action.image)} in ${where}: ${markdownText(reasonText(notice))}${id}`
    }),
  )
  const ofStack = plan.notices.map(({ message, account, region, imageId }) => {
    const scope = [accounts ? account : undefined, region].filter((part) => part !== undefined).join("/")
    const head = scope === "" ? "Stack" : markdownText(scope)
    const id = imageId === undefined || message.includes(imageId) ? "" : ` (${markdownCode(imageId)})`
    return `- ${head}: ${markdownText(message)}${id}`
  })
  const items = [...ofActions, ...ofStack]
  return items.length === 0 ? [] : ["### Notices", items.join("\n")]
}

/** Heads are ours and cells are escaped, so that none holds a bar. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n")
}
