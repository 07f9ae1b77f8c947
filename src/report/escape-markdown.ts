/**
 * The one door through which foreign text reaches Markdown, on GitHub and GitLab, in tables and outside. Neither
 * backslashes nor entities help against mentions, references and autolinks, which both hosts look for in the rendered
 * text; but neither looks into code. So a word is plain only if it cannot mean anything, and code otherwise.
 */
import { terminalText } from "./escape.ts"
import { htmlText } from "./escape-html.ts"

/** Letters and digits, joined by marks that mean nothing between them, with quotes, brackets or an end of sentence. */
const PLAIN =
  /^["(]*[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:[-./',+=:]{1,2}[\p{L}\p{N}\p{M}]+)*(?:%|[")]*)[.,;:?!]?[")]*$/u

/** Addresses, commits, `GH-12`, `ABC-12`, `:smile:`; what would become a link or picture without any sign of it. */
const MEANING = /www\.|:\/\/|[0-9a-f]{7}|[A-Z]{2,}-\d|gh-\d|:[\w+-]+:/i

/** A number that begins an item of a list. */
const ITEM = /^\d+[.)]$/

/** Sentences: words that could be read as markup, reference or address come out as code. */
export function markdownText(text: string): string {
  const parts: { code: boolean; words: string[] }[] = []
  for (const word of terminalText(text).split(" ")) {
    if (word === "") continue
    const code = !PLAIN.test(word) || MEANING.test(word) || (parts.length === 0 && ITEM.test(word))
    const last = parts.at(-1)
    if (last !== undefined && last.code === code) last.words.push(word)
    else parts.push({ code, words: [word] })
  }
  return parts.map(({ code, words }) => (code ? markdownCode(words.join(" ")) : words.join(" "))).join(" ")
}

/** A code span, safe in a cell of a table too: hosts differ in how they read a backslash before a bar. */
export function markdownCode(text: string): string {
  const shown = terminalText(text).replaceAll("|", "\\u007c")
  if (shown.trim() === "") return "` `"
  const ticks = "`".repeat(longestRun(shown) + 1)
  const pad = /^[` ]|[` ]$/.test(shown) ? " " : ""
  return `${ticks}${pad}${shown}${pad}${ticks}`
}

/** A block of code with a language; each line has to begin with something of ours, and none can end the block. */
export function markdownFence(language: string, lines: readonly string[]): string {
  const shown = lines.map((line) => terminalText(line))
  const ticks = "`".repeat(Math.max(3, longestRun(shown.join("\n")) + 1))
  return [`${ticks}${language}`, ...shown, ticks].join("\n")
}

/** Code inside of HTML that Markdown lets through, such as a summary. */
export function markdownHtmlCode(text: string): string {
  return `<code>${htmlText(text)}</code>`
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
}
