/**
 * A plan as one page that needs nothing else: no request leaves it, and its policy forbids any. It can be read without
 * script; with it, placements can be filtered.
 */
import type { Plan } from "../model/plan.ts"
import { htmlText } from "./escape-html.ts"
import { detailsHtml, rowIds } from "./plan-html-images.ts"
import { brakesHtml, checksHtml, familiesHtml, matrixHtml, noticesHtml } from "./plan-html-parts.ts"
import { SCRIPT, SCRIPT_HASH } from "./plan-html-script.ts"
import { STYLE, STYLE_HASH } from "./plan-html-style.ts"
import { hasAccounts } from "./plan-rows.ts"
import { summaryText } from "./plan-sections.ts"
import { emptyText, leftOutText } from "./plan-text.ts"

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  `script-src 'sha256-${SCRIPT_HASH}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ")

const THEMES = ["auto", "light", "dark"].map((name) => {
  const checked = name === "auto" ? " checked" : ""
  return `<label><input type="radio" name="theme" id="theme-${name}"${checked}>${name}</label>`
})

/** The plan as a page. Foreign text comes out as text. */
export function renderPlanHtml(plan: Plan): string {
  const accounts = hasAccounts(plan)
  const ids = rowIds(plan)
  const changed = plan.actions.some((action) => action.action !== "keep")
  const left = plan.notConsidered > 0 ? ` · ${leftOutText(plan)}` : ""
  const parts = [
    brakesHtml(plan),
    changed ? "" : `<p class="none">${htmlText(emptyText(plan))}</p>`,
    matrixHtml(plan, accounts, ids),
    familiesHtml(plan, accounts),
    checksHtml(plan, accounts),
    noticesHtml(plan, accounts),
    detailsHtml(plan, accounts, ids),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Plan of ${htmlText(plan.stack)}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#placements">Skip to the placements</a>
<header>
<p class="kicker">cvmimg plan</p>
<h1>${htmlText(plan.stack)}</h1>
<p class="lede">${htmlText(summaryText(plan).replace(/^Plan: /, ""))}</p>
<p class="meta">Site ${plan.site} · plan <code>${htmlText(plan.fingerprint.slice(0, 12))}</code>${left}</p>
<fieldset class="theme"><legend class="sr">Colours</legend>${THEMES.join("")}</fieldset>
</header>
<main>
${parts.filter((part) => part !== "").join("\n")}
</main>
<footer>Fingerprint <code>${htmlText(plan.fingerprint)}</code></footer>
<script>${SCRIPT}</script>
</body>
</html>
`
}
