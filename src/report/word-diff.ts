/** Two long texts against each other, word by word; long runs that both share are shortened. */
import { diffWordsWithSpace } from "diff"
import { terminalText } from "./escape.ts"
import { type Line, type Span, span } from "./line.ts"
import { innerText } from "./value.ts"

/** Shared runs longer than this lose their middle. */
const LONG = 60
const CONTEXT = 24
/** Texts of more than this many changed words are shown whole. */
const MOST_EDITS = 300

export interface WordDiff {
  /** The text before, what is gone from it marked. */
  readonly before: Line
  /** The text after, what is new in it marked. */
  readonly after: Line
}

/** Both texts in quotes. */
export function wordDiff(before: string, after: string, ellipsis: string): WordDiff {
  const parts = diffWordsWithSpace(before, after, { maxEditLength: MOST_EDITS })
  if (parts === undefined) return whole(before, after)
  const old: Span[] = []
  const now: Span[] = []
  parts.forEach((part) => {
    if (part.removed) old.push(span(innerText(part.value), "remove"))
    else if (part.added) now.push(span(innerText(part.value), "add"))
    else {
      const text = span(parts.length === 1 ? innerText(part.value) : shortened(part.value, ellipsis))
      old.push(text)
      now.push(text)
    }
  })
  return together(old) && together(now) ? { before: quote(old), after: quote(now) } : whole(before, after)
}

function whole(before: string, after: string): WordDiff {
  return {
    before: quote([span(innerText(before), "remove")]),
    after: quote([span(innerText(after), "add")]),
  }
}

/** What is inert piece by piece may spell a command of a CI log when the pieces stand side by side. */
function together(pieces: readonly Span[]): boolean {
  const text = pieces.map((piece) => piece.text).join("")
  return terminalText(text) === text
}

function shortened(text: string, ellipsis: string): string {
  const parts = Array.from(text)
  if (parts.length <= LONG) return innerText(text)
  // Cut at a blank where there is one near.
  const head = parts
    .slice(0, CONTEXT)
    .join("")
    .replace(/ +[^ ]{0,11}$/, "")
  const tail = parts
    .slice(-CONTEXT)
    .join("")
    .replace(/^[^ ]{0,11} +/, "")
  return innerText(`${head} ${ellipsis} ${tail}`)
}

function quote(line: readonly Span[]): Line {
  return [span('"'), ...line, span('"')]
}
