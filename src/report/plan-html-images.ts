/** The details of a page: an article for each image, its placements, their fields and findings, and the filter. */
import type { Placement } from "../model/placement.ts"
import { type Action, type Plan, VERBS } from "../model/plan.ts"
import { htmlText } from "./escape-html.ts"
import { fieldsHtml } from "./html-line.ts"
import { findingsOf } from "./plan-checks.ts"
import {
  type Group,
  groupByImage,
  type ImageGroups,
  type PlacedRow,
  scopesText,
  scopeText,
  whereText,
} from "./plan-groups.ts"
import { findingHtml, sectionHtml } from "./plan-html-parts.ts"
import { whyText } from "./reasons.ts"
import { SIGNS, type Sign } from "./symbols.ts"
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
  const look: HtmlLook<Action> = {
    sign: (row) => SIGNS[row.action],
    word: (row) => row.action,
    why: whyText,
    id: (row) => (row.action === "update" || row.action === "adopt" ? row.imageId : ""),
    below: (rows) => checksBelow(rows, accounts),
  }
  const images = groupByImage(changed, accounts).map((image) => imageHtml(image, accounts, ids, look))
  const kinds = VERBS.map((verb) => ({
    word: verb,
    sign: SIGNS[verb],
    count: changed.filter((action) => action.action === verb).length,
  }))
  const none = '<p id="filter-none" class="none" hidden>No placement fits the filter.</p>'
  const parts = [
    filterHtml(kinds.filter(({ count }) => count > 0)),
    ...images,
    none,
    keptHtml(plan, accounts),
  ]
  return sectionHtml("placements", "Placements", parts.join("\n"))
}

/** The kinds of rows that can be picked, with their signs. */
export function filterHtml(
  kinds: readonly { readonly word: string; readonly sign: Sign; readonly count: number }[],
): string {
  const count = kinds.reduce((sum, kind) => sum + kind.count, 0)
  const boxes = kinds.map(
    ({ word, sign: { symbol, tone }, count: n }) =>
      `<label class="chip"><input type="checkbox" name="verb" value="${word}"><b class="t-${tone}" aria-hidden="true">${htmlText(symbol)}</b> ${word} <small>${n}</small></label>`,
  )
  // Shown by the script, since it does nothing without.
  return [
    '<div id="filter" class="filter" role="search" aria-label="Placements" hidden>',
    '<input id="filter-text" type="search" placeholder="Image, region, reason, value" aria-label="Text in the placement" autocomplete="off" spellcheck="false">',
    `<fieldset><legend class="sr">Only these actions</legend>${boxes.join("")}</fieldset>`,
    `<p id="filter-count" role="status">${counted(count, "placement")}</p>`,
    "</div>",
  ].join("\n")
}

/** How a row of a page looks. */
export interface HtmlLook<R extends PlacedRow> {
  readonly sign: (row: R) => Sign
  readonly word: (row: R) => string
  readonly why: (row: R) => string
  readonly id: (row: R) => string
  /** HTML below the fields of rows that share them. */
  readonly below: (rows: readonly R[]) => string
}

/** An image: its placements, and what differs in each field. */
export function imageHtml<R extends PlacedRow>(
  { image, groups, at }: ImageGroups<R>,
  accounts: boolean,
  ids: ReadonlyMap<R, string>,
  look: HtmlLook<R>,
): string {
  const where = at === undefined ? "" : `<p class="at">${htmlText(at)}</p>`
  const blocks = groups.map((group) => groupHtml(group, at === undefined, accounts, ids, look))
  return `<article class="image"><header><h3>${htmlText(image)}</h3>${where}</header>\n${blocks.join("\n")}\n</article>`
}

function groupHtml<R extends PlacedRow>(
  { rows, fields }: Group<R>,
  placed: boolean,
  accounts: boolean,
  ids: ReadonlyMap<R, string>,
  look: HtmlLook<R>,
): string {
  const lines = rows.map((row) => {
    const { symbol, tone } = look.sign(row)
    const id = look.id(row) === "" ? "" : ` <code>${htmlText(look.id(row))}</code>`
    const at = placed ? ` <span class="at">${htmlText(whereText(row))}</span>` : ""
    return [
      `<li id="${ids.get(row) ?? ""}" class="row" data-verb="${look.word(row)}">`,
      `<span class="sign t-${tone}" aria-hidden="true">${htmlText(symbol)}</span>`,
      `<span class="scope">${htmlText(scopeText(row, accounts))}</span>`,
      `<span class="verb t-${tone}">${look.word(row)}</span>`,
      `<span class="why">${htmlText(look.why(row))}${id}${at}</span></li>`,
    ].join("")
  })
  return [
    `<div class="group"><ul class="rows">\n${lines.join("\n")}\n</ul>`,
    fieldsHtml(fields),
    look.below(rows),
    "</div>",
  ].join("\n")
}

function checksBelow(rows: readonly Action[], accounts: boolean): string {
  const findings = findingsOf(rows).map((finding) => {
    const all = finding.rows.length === rows.length
    return findingHtml(finding, all ? "" : scopesText(finding.rows, accounts))
  })
  return findings.length === 0 ? "" : `<ul class="findings">\n${findings.join("\n")}\n</ul>`
}

function keptHtml(plan: Plan, accounts: boolean): string {
  const kept = plan.actions.filter((action) => action.action === "keep")
  return foldedHtml(counted(kept.length, "unchanged placement"), kept, accounts)
}

/** Placements that there is nothing to say about, folded away. */
export function foldedHtml(title: string, rows: readonly Placement[], accounts: boolean): string {
  if (rows.length === 0) return ""
  const items = Array.from(new Set(rows.map((row) => row.image)), (image) => {
    const those = rows.filter((row) => row.image === image)
    return `<li><b>${htmlText(image)}</b> ${htmlText(scopesText(those, accounts))}</li>`
  })
  return `<details class="kept"><summary>${title}</summary><ul>\n${items.join("\n")}\n</ul></details>`
}
