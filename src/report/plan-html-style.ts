/** The look of a page: system fonts, one column, light and dark by the reader's choice. */

/** In the page as it is; the policy of the page names its hash. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfbfa, #14161a);
  --card: light-dark(#ffffff, #1b1e24);
  --ink: light-dark(#1d2127, #e4e7eb);
  --soft: light-dark(#5b6470, #9aa4b1);
  --line: light-dark(#e2e4e8, #2c313a);
  --fill: light-dark(#f2f3f5, #23272f);
  --add: light-dark(#17693a, #6fcf97);
  --add-fill: light-dark(#def4e5, #12371f);
  --remove: light-dark(#b3261e, #ff8f87);
  --remove-fill: light-dark(#fde4e2, #4a1c1a);
  --change: light-dark(#8a5300, #eab65c);
  --change-fill: light-dark(#fff1d6, #3a2b0f);
  --replace: light-dark(#7a2f9e, #d7a0f2);
  --wait: light-dark(#0b5f92, #78c1f0);
  --focus: light-dark(#1a66d6, #7fb2ff);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
:root:has(#theme-light:checked) { color-scheme: light }
:root:has(#theme-dark:checked) { color-scheme: dark }
* { box-sizing: border-box }
[hidden] { display: none !important }
html { scroll-padding-top: 9rem }
body {
  margin: 0; padding: 0 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
body > header, main, body > footer { max-width: 70rem; margin: 0 auto }
h1, h2, h3, p, ul, table { margin: 0; padding: 0 }
ul { list-style: none }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.015em }
h2 { font-size: 1.0625rem; margin-bottom: 0.75rem }
h3 { font-size: 1rem }
code { font: 0.875em/1.5 var(--mono) }
small { font-size: 0.8125em; color: var(--soft) }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px }
.skip { position: absolute; left: -100rem; padding: 0.5rem 1rem; background: var(--card); color: var(--ink) }
.skip:focus { left: 1rem; top: 0.5rem; z-index: 3 }
body > header { display: grid; grid-template-columns: 1fr auto; gap: 0.25rem 1.5rem; padding: 2.25rem 0 1.5rem }
.kicker, .meta, .at { color: var(--soft); font-size: 0.875rem }
.kicker { grid-column: 1 }
h1, .lede, .meta { grid-column: 1 / -1 }
.theme { grid-area: 1 / 2; display: flex; gap: 0.125rem; margin: 0; padding: 0.125rem; border: 1px solid var(--line); border-radius: 999px; font-size: 0.8125rem }
.theme label { padding: 0.0625rem 0.75rem; border-radius: 999px; color: var(--soft); cursor: pointer }
.theme input { position: absolute; opacity: 0 }
.theme label:has(:checked) { background: var(--fill); color: var(--ink) }
.theme label:has(:focus-visible), .chip:has(:focus-visible) { outline: 3px solid var(--focus); outline-offset: 2px }
.lede { margin-top: 0.75rem; font-size: 1.0625rem }
.meta { margin-top: 0.25rem }
section { margin-top: 2.25rem }
main > section:first-child { margin-top: 0.75rem }
.alarm { padding: 1rem 1.25rem; border: 1px solid var(--remove); border-left-width: 4px; border-radius: 8px; background: var(--remove-fill) }
.alarm h2 { color: var(--remove); margin-bottom: 0.375rem }
.scroll { position: relative; overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--card) }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 600 }
.matrix { min-width: 100% }
.matrix th, .matrix td { padding: 0.4375rem 0.875rem; border-bottom: 1px solid var(--line); text-align: center }
.matrix tbody tr:last-child > * { border-bottom: 0 }
.matrix thead th { color: var(--soft); font-weight: 500; font-size: 0.8125rem; white-space: nowrap; vertical-align: bottom }
.matrix tbody th { position: sticky; left: 0; background: var(--card); text-align: left; font-weight: 500; white-space: nowrap; width: 1% }
.matrix.dense thead span { writing-mode: vertical-rl; transform: rotate(180deg) }
.matrix.dense th, .matrix.dense td { padding-inline: 0.5rem }
.matrix a, .matrix td > span { font: 600 0.9375rem/1 var(--mono) }
.matrix td.t-dim > span { font-weight: 400 }
.matrix a { display: inline-block; min-width: 2.25rem; padding: 0.3125rem; border-radius: 5px; background: var(--fill); text-decoration: none }
.matrix a:hover { box-shadow: inset 0 0 0 1px currentColor }
.legend { display: flex; flex-wrap: wrap; gap: 0.125rem 1.25rem; margin-top: 0.625rem; color: var(--soft); font-size: 0.8125rem }
.legend b { font-family: var(--mono) }
.list { width: 100%; min-width: 34rem }
.flag { white-space: nowrap }
.list th, .list td { padding: 0.4375rem 0.875rem; border-bottom: 1px solid var(--line); vertical-align: top; text-align: left }
.list thead th { color: var(--soft); font-weight: 500; font-size: 0.8125rem }
.list tbody tr:last-child > * { border-bottom: 0 }
.list .short { white-space: nowrap }
main section > ul:not(.legend) > li, .findings > li { padding: 0.1875rem 0 }
.findings { margin-top: 0.5rem }
.advice { display: block; padding-left: 1rem; color: var(--soft) }
.advice::before { content: "→ " }
.t-add { color: var(--add) } .t-change { color: var(--change) } .t-replace { color: var(--replace) }
.t-remove, .t-alarm { color: var(--remove) } .t-wait { color: var(--wait) } .t-dim { color: var(--soft) }
.filter { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem; margin: 0 -0.5rem 1rem; padding: 0.625rem 0.5rem; background: var(--paper); border-bottom: 1px solid var(--line) }
.filter input[type=search] { flex: 1 1 15rem; min-width: 0; padding: 0.4375rem 0.75rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); color: var(--ink); font: inherit }
.filter fieldset { display: flex; flex-wrap: wrap; gap: 0.375rem; margin: 0; padding: 0; border: 0 }
.filter p { color: var(--soft); font-size: 0.8125rem; min-width: 8rem; text-align: right; margin-left: auto }
.chip { display: inline-flex; align-items: baseline; gap: 0.375rem; padding: 0.1875rem 0.6875rem; border: 1px solid var(--line); border-radius: 999px; background: var(--card); font-size: 0.8125rem; cursor: pointer }
.chip input { position: absolute; opacity: 0 }
.chip b { font-family: var(--mono) }
.chip:has(:checked) { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink) }
.none { padding: 2rem; text-align: center; color: var(--soft) }
.image { margin-bottom: 1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--card) }
.image > header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 1rem; padding: 0.75rem 1.25rem; border-bottom: 1px solid var(--line) }
.image .at { font: 0.8125rem var(--mono) }
.group { padding: 0.75rem 1.25rem 1rem }
.group + .group { border-top: 1px solid var(--line) }
.rows { display: grid; grid-template-columns: 2.625rem fit-content(18rem) max-content 1fr; gap: 0 0.75rem; margin: 0 -0.375rem }
.row { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: baseline; padding: 0.125rem 0.375rem; border-radius: 5px }
.row:target { background: var(--change-fill) }
.sign { font: 600 0.9375rem/1.5 var(--mono); text-align: right }
.scope { font-weight: 600 }
.why { color: var(--soft) }
.fields { width: 100%; margin-top: 0.5rem; font: 0.8125rem/1.6 var(--mono) }
.fields td, .fields th { padding: 0.125rem 0; vertical-align: baseline }
.fields .mark { width: 2.25rem; text-align: right; font-weight: 600 }
.fields th { width: 11.5rem; padding: 0.125rem 0.75rem; font-weight: 400; color: var(--soft) }
.fields code { font-size: 1em }
.f-add .mark { color: var(--add) } .f-remove .mark { color: var(--remove) } .f-change .mark { color: var(--change) }
.f-fact > td:last-child { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-size: 0.875rem }
del, ins { padding: 0 0.1875rem; border-radius: 3px; text-decoration: none }
del { background: var(--remove-fill); color: var(--remove); text-decoration: line-through }
ins { background: var(--add-fill); color: var(--add) }
.long { padding-left: 1rem; text-indent: -1rem }
.long::before { font-weight: 600 }
.long.old::before { content: "- "; color: var(--remove) }
.long.new::before { content: "+ "; color: var(--add) }
.label { color: var(--soft) }
.label::after { content: ":" }
.note { color: var(--soft); font-style: italic }
.forces { padding: 0 0.375rem; border-radius: 3px; background: var(--change-fill); color: var(--change); font-weight: 600 }
.group .findings { padding: 0.5rem 0.75rem; border-radius: 6px; background: var(--fill) }
.kept { margin-top: 1.25rem }
.kept summary { cursor: pointer; color: var(--soft); width: fit-content }
.kept ul { padding: 0.5rem 1.125rem }
.kept b { font-weight: 600; margin-right: 0.5rem }
body > footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.8125rem }
@media (max-width: 40rem) {
  body { padding: 0 0.875rem 3rem }
  body > header { padding-top: 1.25rem }
  .filter { position: static; margin: 0 0 1rem; padding: 0.5rem 0 }
  html { scroll-padding-top: 1rem }
  .image > header, .group { padding-inline: 0.875rem }
  .rows { grid-template-columns: 2rem 1fr max-content }
  .why { grid-column: 2 / -1 }
  .fields, .fields tbody { display: block }
  .fields tr { display: grid; grid-template-columns: 1.25rem 1fr; padding: 0.125rem 0 }
  .fields th { width: auto; padding: 0 0.375rem }
  .fields .mark { width: auto; text-align: left }
  .fields td:last-child { grid-column: 2; padding-left: 0.375rem }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth } }
@media print {
  :root { color-scheme: light !important }
  body { font-size: 10.5pt; padding: 0 }
  .theme, .filter, .skip { display: none }
  .image, .row, .fields tr, section.alarm { break-inside: avoid }
  h2, .image > header { break-after: avoid }
  .scroll { overflow: visible; border: 0 }
  .matrix a { background: none }
  * { print-color-adjust: exact }
}
`

/** sha256 of the style, in base64. */
export const STYLE_HASH = "5mZosmNoNYquuA22Q86WWX1oc5mzraiqOXIRm+MY6M4="
