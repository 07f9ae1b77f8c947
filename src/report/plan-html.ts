/** A plan as one page that needs nothing else. */
import type { Plan } from "../model/plan.ts"
import { htmlText } from "./escape-html.ts"
import { pageHtml } from "./html-page.ts"
import { detailsHtml, rowIds } from "./plan-html-images.ts"
import { brakesHtml, checksHtml, familiesHtml, matrixHtml, noticesHtml } from "./plan-html-parts.ts"
import { hasAccounts } from "./plan-rows.ts"
import { summaryText } from "./plan-sections.ts"
import { emptyText, leftOutText } from "./plan-text.ts"

/** The plan as a page. Foreign text comes out as text. */
export function renderPlanHtml(plan: Plan): string {
  const accounts = hasAccounts(plan)
  const ids = rowIds(plan)
  const changed = plan.actions.some((action) => action.action !== "keep")
  const left = plan.notConsidered > 0 ? ` · ${leftOutText(plan)}` : ""
  return pageHtml({
    kind: "plan",
    title: `Plan of ${plan.stack}`,
    stack: plan.stack,
    lede: summaryText(plan).replace(/^Plan: /, ""),
    meta: `Site ${plan.site} · plan <code>${htmlText(plan.fingerprint.slice(0, 12))}</code>${left}`,
    parts: [
      brakesHtml(plan),
      changed ? "" : `<p class="none">${htmlText(emptyText(plan))}</p>`,
      matrixHtml(plan, accounts, ids),
      familiesHtml(plan, accounts),
      checksHtml(plan, accounts),
      noticesHtml(plan, accounts),
      detailsHtml(plan, accounts, ids),
    ],
    footer: `Fingerprint <code>${htmlText(plan.fingerprint)}</code>`,
  })
}
