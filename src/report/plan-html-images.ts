/** The details of a page: an article for each image, its placements, their fields and findings, and the filter. */
import { type Action, type Plan, VERBS } from "../model/plan.ts"
import { htmlText } from "./escape-html.ts"
import { fieldsHtml } from "./html-line.ts"
import { findingsOf } from "./plan-checks.ts"
import {
  type Group,
  groupByImage,
  type ImageGroups,
  scopesText,
  scopeText,
  whereText,
} from "./plan-groups.ts"
import { findingHtml, sectionHtml } from "./plan-html-parts.ts"
import { whyText } from "./reasons.ts"
import { SIGNS } from "./symbols.ts"
import { counted } from "./value.ts"

/** Names of rows that links lead to: numbers, so that nothing foreign is in an address. */
export function rowIds(plan: Plan): Map<Action, string> {
  const changed = plan.actions.filter((action) => action.action !== "keep")
  return new Map(changed.map((action, i) => [action, `p${i + 1}`]))
}

/** Everything that changes, and the unchanged ones folded away. */
export function detailsHtml(plan: Plan, accounts: boolean, ids: ReadonlyMap<Action, string>): string {
  const changed = plan.actions.filter((action) => action.action !== "keep")
  if (changed.length === 0) return keptHtml(plan, accounts)
  const images = groupByImage(changed, accounts).map((image) => imageHtml(image, accounts, ids))
  const none = '<p id="filter-none" class="none" hidden>No placement fits the filter.</p>'
  const parts = [filterHtml(changed), ...images, none, keptHtml(plan, accounts)]
  return sectionHtml("placements", "Placements", parts.join("\n"))
}

/** Shown by the script, since it does nothing without. */
function filterHtml(changed: readonly Action[]): string {
  const boxes = VERBS.flatMap((verb) => {
    const count = changed.filter((action) => action.action === verb).length
    if (count === 0) return []
    const { symbol, tone } = SIGNS[verb]
    return [
      `<label class="chip"><input type="checkbox" name="verb" value="${verb}"><b class="t-${tone}" aria-hidden="true">${symbol}</b> ${verb} <small>${count}</small></label>`,
    ]
  })
  return [
    '<div id="filter" class="filter" role="search" aria-label="Placements" hidden>',
    '<input id="filter-text" type="search" placeholder="Image, region, reason, value" aria-label="Text in the placement" autocomplete="off" spellcheck="false">',
    `<fieldset><legend class="sr">Only these actions</legend>${boxes.join("")}</fieldset>`,
    `<p id="filter-count" role="status">${counted(changed.length, "placement")}</p>`,
    "</div>",
  ].join("\n")
}

function imageHtml(
  { image, groups, at }: ImageGroups,
  accounts: boolean,
  ids: ReadonlyMap<Action, string>,
): string {
  const where = at === undefined ? "" : `<p class="at">${htmlText(at)}</p>`
  const blocks = groups.map((group) => groupHtml(group, at === undefined, accounts, ids))
  return `<article class="image"><header><h3>${htmlText(image)}</h3>${where}</header>\n${blocks.join("\n")}\n</article>`
}

function groupHtml(
  { rows, fields }: Group,
  placed: boolean,
  accounts: boolean,
  ids: ReadonlyMap<Action, string>,
): string {
  const lines = rows.map((row) => {
    const { symbol, tone } = SIGNS[row.action]
    const id =
      row.action === "update" || row.action === "adopt" ? ` <code>${htmlText(row.imageId)}</code>` : ""
    const at = placed ? ` <span class="at">${htmlText(whereText(row))}</span>` : ""
    return [
      `<li id="${ids.get(row) ?? ""}" class="row" data-verb="${row.action}">`,
      `<span class="sign t-${tone}" aria-hidden="true">${symbol}</span>`,
      `<span class="scope">${htmlText(scopeText(row, accounts))}</span>`,
      `<span class="verb t-${tone}">${row.action}</span>`,
      `<span class="why">${htmlText(whyText(row))}${id}${at}</span></li>`,
    ].join("")
  })
  const findings = findingsOf(rows).map((finding) => {
    const all = finding.rows.length === rows.length
    return findingHtml(finding, all ? "" : scopesText(finding.rows, accounts))
  })
  return [
    `<div class="group"><ul class="rows">\n${lines.join("\n")}\n</ul>`,
    fieldsHtml(fields),
    findings.length === 0 ? "" : `<ul class="findings">\n${findings.join("\n")}\n</ul>`,
    "</div>",
  ].join("\n")
}

function keptHtml(plan: Plan, accounts: boolean): string {
  const kept = plan.actions.filter((action) => action.action === "keep")
  if (kept.length === 0) return ""
  const items = Array.from(new Set(kept.map((row) => row.image)), (image) => {
    const rows = kept.filter((row) => row.image === image)
    return `<li><b>${htmlText(image)}</b> ${htmlText(scopesText(rows, accounts))}</li>`
  })
  const title = counted(kept.length, "unchanged placement")
  return `<details class="kept"><summary>${title}</summary><ul>\n${items.join("\n")}\n</ul></details>`
}
