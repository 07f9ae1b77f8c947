/** Drift as one page that needs nothing else. */
import type { DriftReport, DriftRow } from "../model/drift.ts"
import { remarksOf } from "./drift-sections.ts"
import {
  DRIFT_GATHERING,
  driftSummary,
  driftWhy,
  findings,
  leadingRow,
  newsSummary,
  notConsideredText,
  quietText,
  timeText,
  VERDICT_LIST,
  VERDICT_SIGNS,
  verdictText,
} from "./drift-words.ts"
import { htmlText } from "./escape-html.ts"
import { pageHtml } from "./html-page.ts"
import { gather } from "./plan-groups.ts"
import { filterHtml, foldedHtml, type HtmlLook, imageHtml } from "./plan-html-images.ts"
import { matrixOfHtml, sectionHtml } from "./plan-html-parts.ts"
import { severalAccounts } from "./plan-rows.ts"
import { counted } from "./value.ts"

/** The report as a page. Foreign text comes out as text. */
export function renderDriftHtml(report: DriftReport): string {
  const accounts = severalAccounts(report.placements)
  const shown = findings(report)
  const ids = new Map(shown.map((row, i) => [row, `p${i + 1}`]))
  const left = report.notConsidered > 0 ? ` · ${notConsideredText(report)}` : ""
  const news = newsSummary(report)
  return pageHtml({
    kind: "drift",
    title: `Drift of ${report.stack}`,
    stack: report.stack,
    lede: driftSummary(report).replace(/^Drift: /, ""),
    meta: `Read ${timeText(report.at)}${left}${news === "" ? "" : ` · ${news}`}`,
    parts: [
      shown.length === 0 ? `<p class="none">${quietText(report)}</p>` : "",
      matrixOfHtml(report.placements, accounts, ids, {
        leading: leadingRow,
        sign: ({ verdict }) => VERDICT_SIGNS[verdict],
        isShown: ({ verdict }) => verdict !== "in_sync",
        word: ({ verdict }) => verdictText(verdict),
        words: VERDICT_LIST.map(verdictText),
      }),
      ...remarksOf(report, accounts).map(({ id, title, items }) => {
        const list = items.map(({ about, text, where }) => {
          const end = where === undefined ? "" : ` <code>${htmlText(where)}</code>`
          return `<li><b>${htmlText(about)}</b> ${htmlText(text)}${end}</li>`
        })
        return sectionHtml(id, title, `<ul>\n${list.join("\n")}\n</ul>`)
      }),
      rowsHtml(report, shown, ids, accounts),
    ],
    footer: `Stack <code>${htmlText(report.stackId)}</code>`,
  })
}

function rowsHtml(
  report: DriftReport,
  shown: readonly DriftRow[],
  ids: ReadonlyMap<DriftRow, string>,
  accounts: boolean,
): string {
  const look: HtmlLook<DriftRow> = {
    sign: ({ verdict }) => VERDICT_SIGNS[verdict],
    word: ({ verdict }) => verdictText(verdict),
    why: (row) => driftWhy(row, report.at),
    id: ({ imageId }) => imageId ?? "",
    below: () => "",
  }
  const kinds = VERDICT_LIST.map((verdict) => ({
    word: verdictText(verdict),
    sign: VERDICT_SIGNS[verdict],
    count: shown.filter((row) => row.verdict === verdict).length,
  }))
  const quiet = report.placements.filter(({ verdict }) => verdict === "in_sync")
  const parts = [
    ...(shown.length === 0
      ? []
      : [
          '<p class="meta">Arrows lead from what the cloud has to what the manifest asks for.</p>',
          filterHtml(kinds.filter(({ count }) => count > 0)),
        ]),
    ...gather(shown, accounts, DRIFT_GATHERING).map((image) => imageHtml(image, accounts, ids, look)),
    ...(shown.length === 0
      ? []
      : ['<p id="filter-none" class="none" hidden>No placement fits the filter.</p>']),
    foldedHtml(counted(quiet.length, "placement in sync", "placements in sync"), quiet, accounts),
  ]
  return sectionHtml("placements", "Placements", parts.join("\n"))
}
