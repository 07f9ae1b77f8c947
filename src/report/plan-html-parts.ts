/** The sections of a page above its details: safety limits, matrix, families, checks, notices. */
import type { Placement } from "../model/placement.ts"
import type { Action, FamilyMember, Plan } from "../model/plan.ts"
import { BRAKED, brakeFlag, brakeText } from "./brakes.ts"
import { htmlText } from "./escape-html.ts"
import { checkCode, checksText, type Finding, findingsOf, imagesOf } from "./plan-checks.ts"
import { scopesText, scopeText } from "./plan-groups.ts"
import { type Cells, leadingAction, matrixRowsOf, regionsOf } from "./plan-matrix.ts"
import { sameMoves } from "./plan-sections.ts"
import { reasonText } from "./reasons.ts"
import { SIGNS } from "./symbols.ts"

/** More regions than this get upright heads. */
const DENSE = 6

/** A section with its heading; nothing without a body. */
export function sectionHtml(id: string, title: string, body: string, kind = ""): string {
  if (body === "") return ""
  const classes = kind === "" ? "" : ` class="${kind}"`
  return `<section${classes} aria-labelledby="${id}">\n<h2 id="${id}">${htmlText(title)}</h2>\n${body}\n</section>`
}

/** Limits that stop the run. */
export function brakesHtml({ brakes }: Plan): string {
  const items = brakes.map((brake) => {
    const images = brake.images.map((image) => `<code>${htmlText(image)}</code>`).join(", ")
    return `<li><strong>${brake.limit}</strong>: ${htmlText(brakeText(brake))} (${images}). <code class="flag">${brakeFlag(brake)}</code> lifts it for one run.</li>`
  })
  return sectionHtml("limits", BRAKED, items.length === 0 ? "" : `<ul>\n${items.join("\n")}\n</ul>`, "alarm")
}

/** Images by regions; each sign leads to its row. */
export function matrixHtml(plan: Plan, accounts: boolean, ids: ReadonlyMap<Action, string>): string {
  return matrixOfHtml(plan.actions, accounts, ids, {
    leading: leadingAction,
    sign: (action) => SIGNS[action.action],
    isShown: (action) => action.action !== "keep",
    word: (action) => action.action,
    words: Object.keys(SIGNS),
  })
}

/** The cells of a matrix and their words. */
export interface HtmlCells<R> extends Cells<R> {
  readonly word: (row: R) => string
  /** Every word there can be, in the order of the legend. */
  readonly words: readonly string[]
}

/** The same of any rows. */
export function matrixOfHtml<R extends Placement>(
  all: readonly R[],
  accounts: boolean,
  ids: ReadonlyMap<R, string>,
  cells: HtmlCells<R>,
): string {
  const regions = regionsOf(all)
  const rows = matrixRowsOf(all, accounts, cells.isShown)
  if (rows.length === 0) return ""
  const heads = regions.map((region) => `<th scope="col"><span>${htmlText(region)}</span></th>`)
  const lines = rows.map(({ label, cells: those }) => {
    const signs = regions.map((region) => cellHtml(those.get(region) ?? [], ids, cells))
    return `<tr><th scope="row">${htmlText(label)}</th>${signs.join("")}</tr>`
  })
  const dense = regions.length > DENSE ? " dense" : ""
  const table = `<table class="matrix${dense}"><thead><tr><td></td>${heads.join("")}</tr></thead><tbody>\n${lines.join("\n")}\n</tbody></table>`
  const scroll = `<div class="scroll" role="region" aria-labelledby="regions" tabindex="0">\n${table}\n</div>`
  return sectionHtml("regions", "Images and regions", `${scroll}\n${legendHtml(all, cells)}`)
}

function cellHtml<R>(
  rows: readonly R[],
  ids: ReadonlyMap<R, string>,
  { leading, sign: signOf, word }: HtmlCells<R>,
): string {
  const row = leading(rows)
  if (row === undefined) {
    return '<td><span class="t-dim" aria-hidden="true">·</span><span class="sr">nothing</span></td>'
  }
  const { symbol, tone } = signOf(row)
  const sign = `<span aria-hidden="true">${htmlText(symbol)}</span><span class="sr">${word(row)}</span>`
  const id = ids.get(row)
  const more = rows.length > 1 ? ` <small>${rows.length}</small>` : ""
  return id === undefined
    ? `<td class="t-${tone}">${sign}</td>`
    : `<td><a class="t-${tone}" href="#${id}">${sign}</a>${more}</td>`
}

/** The signs that the rows hold, each with its words. */
function legendHtml<R>(rows: readonly R[], { sign, word, words: order }: HtmlCells<R>): string {
  const signs = new Map<string, { tone: string; words: Set<string> }>()
  const sorted = [...rows].sort((a, b) => order.indexOf(word(a)) - order.indexOf(word(b)))
  for (const row of sorted) {
    const { symbol, tone } = sign(row)
    const known = signs.get(symbol) ?? { tone, words: new Set() }
    known.words.add(word(row) === "keep" ? "unchanged" : word(row))
    signs.set(symbol, known)
  }
  const items = Array.from(
    signs,
    ([symbol, { tone, words }]) =>
      `<li><b class="t-${tone}">${htmlText(symbol)}</b> ${Array.from(words).join(", ")}</li>`,
  )
  return `<ul class="legend" aria-hidden="true">${items.join("")}</ul>`
}

/** What consumers of a family boot after the run. */
export function familiesHtml({ families }: Plan, accounts: boolean): string {
  if (families.length === 0) return ""
  const rows = sameMoves(families).map(
    ({ move, scopes }) =>
      `<tr><th scope="row">${htmlText(move.family)}</th><td>${htmlText(scopesText(scopes, accounts))}</td><td>${memberHtml(move.before)}</td><td>${memberHtml(move.after)}</td></tr>`,
  )
  const head = ["Family", "Regions", "Before", "After"].map((name) => `<th scope="col">${name}</th>`).join("")
  const table = `<table class="list"><thead><tr>${head}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table>`
  const scroll = `<div class="scroll" role="region" aria-labelledby="families" tabindex="0">${table}</div>`
  return sectionHtml("families", "Families after this run", scroll)
}

function memberHtml(member: FamilyMember | null): string {
  if (member === null) return '<span class="t-dim">no image</span>'
  const id = member.imageId === undefined ? "to be imported" : htmlText(member.imageId)
  return `${htmlText(member.name)} <span class="t-dim">${id}</span>`
}

/** Checks that are not ok, and how many are. */
export function checksHtml(plan: Plan, accounts: boolean): string {
  const text = checksText(plan.actions)
  const images = (rows: readonly Action[]): string =>
    imagesOf(rows)
      .map(([image, those]) => `${image} in ${scopesText(those, accounts)}`)
      .join("; ")
  const items = findingsOf(plan.actions).map((finding) => findingHtml(finding, images(finding.rows)))
  const list = items.length === 0 ? "" : `\n<ul class="findings">\n${items.join("\n")}\n</ul>`
  return sectionHtml("checks", "Checks", text === "" ? "" : `<p>${htmlText(text)}</p>${list}`)
}

/** A finding with what to do about it. */
export function findingHtml({ check }: Finding, where: string): string {
  const tone = { error: "alarm", warning: "change", skipped: "dim", ok: "add" }[check.status]
  const advice = (check.advice ?? "").split("\n").filter((line) => line !== "")
  const request = check.requestId === undefined ? "" : ` (request id ${check.requestId})`
  return [
    `<li><strong class="t-${tone}">${check.status}</strong> <code>${htmlText(checkCode(check))}</code> ${htmlText(check.message + request)}`,
    where === "" ? "" : ` <span class="t-dim">${htmlText(where)}</span>`,
    ...advice.map((line) => `<span class="advice">${htmlText(line)}</span>`),
    "</li>",
  ].join("")
}

/** Notices of placements, then those of the stack. */
export function noticesHtml(plan: Plan, accounts: boolean): string {
  const item = (head: string, text: string, id: string | undefined): string =>
    `<li><b>${htmlText(head)}</b> ${htmlText(text)}${id === undefined ? "" : ` <code>${htmlText(id)}</code>`}</li>`
  const items = [
    ...plan.actions.flatMap((action) =>
      action.notices.map((notice) => {
        const id = "imageId" in action ? action.imageId : undefined
        return item(`${action.image} in ${scopeText(action, accounts)}`, reasonText(notice), id)
      }),
    ),
    ...plan.notices.map(({ message, account, region, imageId }) => {
      const scope = [accounts ? account : undefined, region].filter((part) => part !== undefined).join("/")
      const told = imageId !== undefined && message.includes(imageId)
      return item(scope === "" ? "Stack" : scope, message, told ? undefined : imageId)
    }),
  ]
  return sectionHtml("notices", "Notices", items.length === 0 ? "" : `<ul>\n${items.join("\n")}\n</ul>`)
}
