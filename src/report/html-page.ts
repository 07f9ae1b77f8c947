/**
 * A report as one page that needs nothing else: no request leaves it, and its policy forbids any. It can be read without
 * script; with it, placements can be filtered.
 */
import { htmlText } from "./escape-html.ts"
import { SCRIPT, SCRIPT_HASH } from "./plan-html-script.ts"
import { STYLE, STYLE_HASH } from "./plan-html-style.ts"

export interface Page {
  /** `plan`: what it is a report of. */
  readonly kind: string
  readonly title: string
  readonly stack: string
  readonly lede: string
  /** HTML. */
  readonly meta: string
  /** HTML, one section each; empty ones are left out. */
  readonly parts: readonly string[]
  /** HTML. */
  readonly footer: string
}

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

/** The page. Texts come out as text. */
export function pageHtml({ kind, title, stack, lede, meta, parts, footer }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${htmlText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#placements">Skip to the placements</a>
<header>
<p class="kicker">cvmimg ${kind}</p>
<h1>${htmlText(stack)}</h1>
<p class="lede">${htmlText(lede)}</p>
<p class="meta">${meta}</p>
<fieldset class="theme"><legend class="sr">Colours</legend>${THEMES.join("")}</fieldset>
</header>
<main>
${parts.filter((part) => part !== "").join("\n")}
</main>
<footer>${footer}</footer>
<script>${SCRIPT}</script>
</body>
</html>
`
}
