/** Lines as HTML: what is gone and what is new are marked as such, everything else carries the class of its tone. */
import { htmlText } from "./escape-html.ts"
import { between, type Field, fieldSign, noteText } from "./field.ts"
import { type Line, type Span, span, textWidth } from "./line.ts"
import { bareValue, isUrl } from "./value.ts"
import { wordDiff } from "./word-diff.ts"

/** Texts longer than this stand one under the other. */
const LONG = 90

/** A line whose spans keep their tones. */
export function lineHtml(line: Line): string {
  return line.map(spanHtml).join("")
}

function spanHtml({ text, tone }: Span): string {
  // Spans are inert already; the page has its own arrow.
  const shown = text === " -> " ? " → " : htmlText(text)
  if (tone === "remove") return `<del>${shown}</del>`
  if (tone === "add") return `<ins>${shown}</ins>`
  return tone === "plain" ? shown : `<span class="t-${tone}">${shown}</span>`
}

/** A table of fields: sign, name, value. */
export function fieldsHtml(fields: readonly Field[]): string {
  if (fields.length === 0) return ""
  const rows = fields.map((field) => {
    const sign = fieldSign(field)
    const words = { "+": "added", "-": "removed", "~": "changed", "": "" }[sign]
    const mark = sign === "" ? "" : `<span aria-hidden="true">${sign}</span><span class="sr">${words}</span>`
    const label = field.label === undefined ? "" : `<span class="label">${htmlText(field.label)}</span> `
    const kind = { "+": "f-add", "-": "f-remove", "~": "f-change", "": "f-fact" }[sign]
    return `<tr class="${kind}"><td class="mark">${mark}</td><th scope="row">${htmlText(field.name)}</th><td>${label}${valueHtml(field)}</td></tr>`
  })
  return `<table class="fields"><tbody>\n${rows.join("\n")}\n</tbody></table>`
}

function valueHtml(field: Field): string {
  if (field.kind === "fact") return htmlText(field.text)
  const note = noteText(field)
  const end =
    note === undefined
      ? ""
      : ` <span class="${field.warn === true ? "forces" : "note"}">${htmlText(note.replace(/^\((.*)\)$/s, "$1"))}</span>`
  const { before, after } = field
  if (before === null || after === null) {
    const value = after ?? before
    const text = htmlText(bareValue(value))
    const shown = after === null ? `<del>${text}</del>` : text
    return (isUrl(value) ? `<code>${shown}</code>` : shown) + end
  }
  const line = between(before, after)
  const long = line.reduce((sum, s) => sum + textWidth(s.text), 0) > LONG
  if (!long || typeof before !== "string" || typeof after !== "string") return lineHtml(line) + end
  const diff = wordDiff(before, after, "…")
  return `<div class="long old">${marked(diff.before)}</div><div class="long new">${marked(diff.after)}${end}</div>`
}

/** Within a text only what differs is marked. */
function marked(line: Line): string {
  return lineHtml(line.map((s) => span(s.text, s.tone === "dim" ? "plain" : s.tone)))
}
