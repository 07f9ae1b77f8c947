/** A review as one page that needs nothing else, in the look of a plan's. */
import { type ReviewDiagnostic, RISKS } from "../model/review.ts"
import { htmlText } from "./escape-html.ts"
import { fieldsHtml } from "./html-line.ts"
import { pageHtml } from "./html-page.ts"
import { scopesText } from "./plan-groups.ts"
import { sectionHtml } from "./plan-html-parts.ts"
import {
  candidatesText,
  comparedText,
  hasAccounts,
  isSame,
  notComparedText,
  type ReviewOutput,
  type ReviewRow,
  RISK_TONES,
  reviewRows,
  reviewSummary,
  SAME,
} from "./review-rows.ts"

/** The review as a page. Foreign text comes out as text. */
export function renderReviewHtml({ review }: ReviewOutput): string {
  const accounts = hasAccounts(review)
  const rows = reviewRows(review)
  const moves = review.moves.map(({ family, scopes, before, after, imported }) => [
    family,
    scopesText(scopes, accounts),
    candidatesText(before, false),
    candidatesText(after, imported),
  ])
  const left = notComparedText(review)
  const [fresh, old] = [true, false].map((isNew) => review.diagnostics.filter((d) => d.isNew === isNew))
  return pageHtml({
    kind: "review",
    title: `Review of ${review.stack}`,
    stack: review.stack,
    lede: reviewSummary(review),
    meta: htmlText(comparedText(review)),
    parts: [
      diagnosticsHtml("new", "Wrong at the head, and not at the base", fresh ?? [], "alarm"),
      left === "" ? "" : `<p class="none">${htmlText(left)}</p>`,
      isSame(review) ? `<p class="none">${htmlText(SAME)}</p>` : "",
      sectionHtml("summary", "What changes", rows.length === 0 ? "" : summaryHtml(rows)),
      sectionHtml(
        "families",
        "Families, as far as manifests tell",
        moves.length === 0 ? "" : tableHtml(["Family", "Regions", "Before", "After"], moves),
      ),
      sectionHtml("placements", "Details", rows.map(rowHtml).join("\n")),
      diagnosticsHtml("known", "Wrong at the base already", old ?? []),
    ],
    footer: `Base <code>${htmlText(review.base.compared ?? "")}</code> · head <code>${htmlText(review.head.commit ?? "work tree")}</code>`,
  })
}

function summaryHtml(rows: readonly ReviewRow[]): string {
  const cells = rows.map((row) => [row.sign.symbol, row.subject, row.what, row.effect, row.risk])
  return tableHtml(["", "What", "Change", "Effect", "Risk"], cells, [0, 4])
}

/** `short`: columns of single words, which are never broken. */
function tableHtml(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  short: readonly number[] = [],
): string {
  const cellHtml = (cell: string, column: number): string =>
    `<td${short.includes(column) ? ' class="short"' : ""}>${htmlText(cell)}</td>`
  const head = heads.map((name) => `<th scope="col">${htmlText(name)}</th>`).join("")
  const body = rows.map((cells) => `<tr>${cells.map(cellHtml).join("")}</tr>`)
  return `<div class="scroll"><table class="list"><thead><tr>${head}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table></div>`
}

function rowHtml(row: ReviewRow): string {
  const where = row.at === undefined ? "" : `<p class="at">${htmlText(`${row.at.file}:${row.at.line}`)}</p>`
  const risks = row.risks.filter((code) => RISKS[code].level !== "none")
  const items = risks.map((code) => {
    const { level, text } = RISKS[code]
    return `<li><strong class="t-${RISK_TONES[level]}">${level}</strong> <code>${code}</code> ${htmlText(text)}</li>`
  })
  return [
    `<article class="image"><header><h3><span class="t-${row.sign.tone}">${row.sign.symbol}</span> ${htmlText(row.subject)}</h3>${where}</header>`,
    `<div class="group"><p>${htmlText(row.what)} <span class="t-dim">${htmlText(row.effect)}</span></p>`,
    fieldsHtml(row.fields),
    items.length === 0 ? "" : `<ul class="findings">\n${items.join("\n")}\n</ul>`,
    "</div></article>",
  ].join("\n")
}

function diagnosticsHtml(id: string, title: string, list: readonly ReviewDiagnostic[], kind = ""): string {
  const items = list.map((d) => {
    const advice = d.advice === undefined ? "" : `<span class="advice">${htmlText(d.advice)}</span>`
    const place = htmlText(`${d.file}:${d.line}:${d.column}`)
    return `<li><strong>${d.severity}</strong> <code>${d.code}</code> <code>${place}</code> ${htmlText(d.message)}${advice}</li>`
  })
  return sectionHtml(id, title, items.length === 0 ? "" : `<ul>\n${items.join("\n")}\n</ul>`, kind)
}
