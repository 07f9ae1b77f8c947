/** Text and lines made to fit a width: cut at the end, cut in the middle, or wrapped between words. */
import { gap, type Line, lineWidth, type Span, textWidth } from "./line.ts"

/** Made when first needed: it takes a tenth of the time that Node takes to start. */
let segmenter: Intl.Segmenter | undefined

function clusters(text: string): string[] {
  if (/^[ -~]*$/.test(text)) return text.split("")
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" })
  return Array.from(segmenter.segment(text), (s) => s.segment)
}

/** As many of the clusters as fit, from the front. */
function take(parts: readonly string[], width: number): number {
  let used = 0
  let count = 0
  for (const part of parts) {
    used += textWidth(part)
    if (used > width) break
    count += 1
  }
  return count
}

/** The text, or its beginning and an ellipsis. */
export function cutEnd(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text
  const parts = clusters(text)
  return parts.slice(0, take(parts, width - textWidth(ellipsis))).join("") + ellipsis
}

/** The text, or its beginning and a longer end with an ellipsis between: the end of a URL or name tells more. */
export function cutMiddle(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text
  const room = Math.max(0, width - textWidth(ellipsis))
  const head = Math.floor(room * 0.4)
  const parts = clusters(text)
  const front = parts.slice(0, take(parts, head)).join("")
  const reversed = parts.slice().reverse()
  const back = reversed.slice(0, take(reversed, room - textWidth(front))).reverse()
  return front + ellipsis + back.join("")
}

/** A URL, cut so that its path stays whole where that is possible: the path tells what it is, the host where. */
export function cutUrl(url: string, width: number, ellipsis: string): string {
  if (textWidth(url) <= width) return url
  const path = /^[a-z]+:\/\/[^/]+(\/.*)$/i.exec(url)?.[1] ?? ""
  const front = width - textWidth(path) - textWidth(ellipsis)
  if (path === "" || front < width / 4) return cutMiddle(url, width, ellipsis)
  const parts = clusters(url.slice(0, url.length - path.length))
  return parts.slice(0, take(parts, front)).join("") + ellipsis + path
}

interface Word {
  readonly space: boolean
  readonly spans: Line
  readonly width: number
}

function words(line: Line): Word[] {
  const found: { space: boolean; spans: Span[] }[] = []
  for (const s of line) {
    for (const text of s.text.match(/ +|[^ ]+/g) ?? []) {
      const space = text.startsWith(" ")
      const last = found.at(-1)
      if (last === undefined || last.space !== space) found.push({ space, spans: [{ text, tone: s.tone }] })
      else last.spans.push({ text, tone: s.tone })
    }
  }
  return found.map((w) => ({ ...w, width: lineWidth(w.spans) }))
}

/** A line wrapped between words; a word longer than the width is broken. Blanks at a break are dropped. */
export function wrap(line: Line, width: number): Line[] {
  const room = Math.max(2, width)
  const lines: Span[][] = []
  let current: Span[] = []
  let used = 0
  let pending: Word | undefined
  const flush = () => {
    lines.push(current)
    current = []
    used = 0
  }
  for (const word of words(line)) {
    if (word.space) {
      pending = word
      continue
    }
    const before = used === 0 ? 0 : (pending?.width ?? 0)
    if (used > 0 && used + before + word.width > room) flush()
    else if (before > 0 && pending !== undefined) {
      current.push(...pending.spans)
      used += before
    }
    pending = undefined
    for (const piece of broken(word.spans, room - used, room)) {
      if (piece === "break") flush()
      else {
        current.push(piece)
        used += textWidth(piece.text)
      }
    }
  }
  if (current.length > 0 || lines.length === 0) flush()
  return lines
}

/** A word as it is, or in pieces with breaks between. */
function broken(spans: Line, first: number, room: number): (Span | "break")[] {
  if (lineWidth(spans) <= first) return [...spans]
  const pieces: (Span | "break")[] = []
  let left = first
  for (const s of spans) {
    let parts = clusters(s.text)
    while (parts.length > 0) {
      let count = take(parts, left)
      // No line begins with two colons: a CI log would take it for a command.
      if (count > 0 && parts[count] === ":" && parts[count + 1] === ":") count -= 1
      if (count === 0 && left === room) count = 1
      if (count > 0) {
        const text = parts.slice(0, count).join("")
        pieces.push({ text, tone: s.tone })
        left -= textWidth(text)
        parts = parts.slice(count)
      }
      if (parts.length > 0) {
        pieces.push("break")
        left = room
      }
    }
  }
  return pieces
}

/** A first part and a body wrapped beside it, its further lines aligned under its first. */
export function hang(first: Line, body: Line, width: number): Line[] {
  const indent = lineWidth(first)
  return wrap(body, width - indent).map((line, i) => [...(i === 0 ? first : [gap(indent)]), ...line])
}
