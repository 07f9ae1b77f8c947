import { terminalText } from "./escape.ts"
import { maskSecrets } from "./mask.ts"

/** A line of a file cut to a width, and which of its columns to underline. */
export interface Excerpt {
  readonly text: string
  /** Columns before the mark. */
  readonly indent: number
  /** Columns of the mark, at least 1. */
  readonly mark: number
}

const TAB = "    "
/** What is shown around the mark; no terminal is wider. */
const AROUND = 1_000
/** What is looked at for secrets, which may begin far before the mark. */
const CONTEXT = 20_000

/**
 * The line that holds the mark, inert, without secrets, and cut on both sides where it is longer than `width`. Columns are
 * those of a terminal: wide characters count two, a tab four, an escape as many as it has characters.
 *
 * `from`, `to`: columns of the source in UTF-16 code units from 1, `to` exclusive.
 */
export function excerptOf(
  line: string,
  from: number,
  to: number,
  width: number,
  measure: (text: string) => number,
): Excerpt {
  const skipped = Math.max(0, from - 1 - CONTEXT)
  const masked = maskSecrets(line.slice(skipped, from - 1 + CONTEXT))
  const start = Math.min(Math.max(0, from - 1 - skipped), masked.length)
  const end = Math.min(Math.max(start, to - 1 - skipped), masked.length)
  const before = cellsOf(masked.slice(Math.max(0, start - AROUND), start), measure)
  const marked = cellsOf(masked.slice(start, Math.min(end, start + AROUND)), measure)
  const after = cellsOf(masked.slice(Math.min(end, start + AROUND), end + AROUND), measure)
  const markWidth = sum(marked)
  // The mark keeps its place on the right where the line is long: what leads to it is what a reader needs.
  const roomBefore = Math.max(0, width - Math.min(markWidth, Math.floor(width / 2)) - 2)
  const head = takeLast(before, roomBefore)
  const cutHead = head.length < before.length || start > AROUND
  let used = sum(head) + (cutHead ? 1 : 0)
  const shownMark = takeFirst(marked, width - used - 1)
  const cutMark = shownMark.length < marked.length
  const indent = used
  used += sum(shownMark)
  const tail = cutMark ? [] : takeFirst(after, width - used - 1)
  const cutTail = cutMark || tail.length < after.length || end + AROUND < masked.length
  const text = [
    cutHead ? "…" : "",
    ...[...head, ...shownMark, ...tail].map((c) => c.text),
    cutTail ? "…" : "",
  ].join("")
  return { text: text.trimEnd(), indent, mark: Math.max(1, sum(shownMark)) }
}

interface Cell {
  readonly text: string
  readonly width: number
}

// Made at its first use: it takes longer than all else of a start.
let segmenter: Intl.Segmenter | undefined

/** Cut between what a reader sees as one character. */
function cellsOf(text: string, measure: (text: string) => number): Cell[] {
  const parts = /^[ -~]*$/.test(text) ? text.split("") : clusters(text)
  return parts.map((part) => {
    const shown = part === "\t" ? TAB : terminalText(part)
    return { text: shown, width: shown.length === 1 && shown < "\u007f" ? 1 : measure(shown) }
  })
}

function clusters(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" })
  return Array.from(segmenter.segment(text), (s) => s.segment)
}

function sum(cells: readonly Cell[]): number {
  return cells.reduce((total, cell) => total + cell.width, 0)
}

function takeFirst(cells: readonly Cell[], width: number): readonly Cell[] {
  let used = 0
  const count = cells.findIndex((cell) => {
    used += cell.width
    return used > width
  })
  return count === -1 ? cells : cells.slice(0, count)
}

function takeLast(cells: readonly Cell[], width: number): readonly Cell[] {
  const count = takeFirst(cells.toReversed(), width).length
  return cells.slice(cells.length - count)
}
