/**
 * Lines as spans of text with a tone. Everything is laid out on plain text and coloured last, so that a width is a
 * width; and every text becomes a span through `span`, so that nothing foreign reaches a terminal as it is.
 */
import pc from "picocolors"
import stringWidth from "string-width"
import { terminalText } from "./escape.ts"

export type Tone = "plain" | "dim" | "bold" | "add" | "change" | "replace" | "remove" | "wait" | "alarm"

export interface Span {
  readonly text: string
  readonly tone: Tone
}

export type Line = readonly Span[]

/** How text is to come out. */
export interface TextOptions {
  readonly color: boolean
  /** Columns of the terminal; less than 40 counts as 40. */
  readonly width: number
  /** False: ASCII only, but for what names and values hold. Default true. */
  readonly unicode?: boolean
}

/** What a renderer draws on. */
export interface Paper {
  readonly width: number
  readonly ellipsis: string
  readonly blank: string
}

/** The paper that the options ask for. */
export function paper(options: TextOptions): Paper {
  const unicode = options.unicode ?? true
  const width = Number.isFinite(options.width) ? Math.max(40, Math.floor(options.width)) : 80
  return { width, ellipsis: unicode ? "…" : "...", blank: unicode ? "·" : "." }
}

/** Text, made inert. */
export function span(text: string, tone: Tone = "plain"): Span {
  return { text: terminalText(text), tone }
}

/** Columns that a text takes. */
export function textWidth(text: string): number {
  return stringWidth(text)
}

/** Columns that a line takes. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, s) => sum + stringWidth(s.text), 0)
}

/** A span with blanks behind it, up to a width. */
export function padEnd(s: Span, width: number): Line {
  return [s, gap(width - stringWidth(s.text))]
}

/** A span with blanks before it, up to a width. */
export function padStart(s: Span, width: number): Line {
  return [gap(width - stringWidth(s.text)), s]
}

/** Blanks; none for a width below one. */
export function gap(width: number): Span {
  return { text: " ".repeat(Math.max(0, width)), tone: "plain" }
}

/** Lines as text, a newline after each, without blanks at their ends. */
export function paint(lines: readonly Line[], color: boolean): string {
  return paintEach(lines, color)
    .map((line) => `${line}\n`)
    .join("")
}

/** Lines as one text each. */
export function paintEach(lines: readonly Line[], color: boolean): string[] {
  const tones = colors(color)
  return lines.map((line) =>
    joined(trimEnd(line))
      .map((s) => (s.text.trim() === "" ? s.text : tones[s.tone](s.text)))
      .join(""),
  )
}

/** Neighbours of one tone as one span; a blank takes the tone before it. */
function joined(line: Line): Span[] {
  const spans: Span[] = []
  for (const s of line) {
    const last = spans.at(-1)
    if (last !== undefined && (last.tone === s.tone || s.text.trim() === "")) {
      spans[spans.length - 1] = { text: last.text + s.text, tone: last.tone }
    } else spans.push(s)
  }
  return spans
}

function trimEnd(line: Line): Line {
  const last = line.at(-1)
  if (last === undefined) return line
  const text = last.text.trimEnd()
  if (text === "") return trimEnd(line.slice(0, -1))
  return [...line.slice(0, -1), { text, tone: last.tone }]
}

function colors(color: boolean): Record<Tone, (text: string) => string> {
  const c = pc.createColors(color)
  return {
    plain: (text) => text,
    dim: c.dim,
    bold: c.bold,
    add: c.green,
    change: c.yellow,
    replace: c.magenta,
    remove: c.red,
    wait: c.cyan,
    alarm: (text) => c.bold(c.red(text)),
  }
}
