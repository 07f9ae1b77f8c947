import type { Position } from "../model/position.ts"

/** One file's text, and where its lines begin. */
export class SourceText {
  readonly path: string
  readonly text: string
  #starts: number[] | undefined

  constructor(path: string, text: string) {
    this.path = path
    this.text = text
  }

  /** Line and column, both from 1, of an offset in UTF-16 code units; offsets beyond the end are the end. */
  position(offset: number): Position {
    const starts = this.#lineStarts()
    const at = Math.max(0, Math.min(offset, this.text.length))
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= at) low = middle
      else high = middle - 1
    }
    return { file: this.path, line: low + 1, column: at - (starts[low] ?? 0) + 1 }
  }

  #lineStarts(): number[] {
    if (this.#starts !== undefined) return this.#starts
    const starts = [0]
    for (let i = this.text.indexOf("\n"); i !== -1; i = this.text.indexOf("\n", i + 1)) starts.push(i + 1)
    this.#starts = starts
    return starts
  }
}

/** A file's text as it is read: a byte order mark at its start is no part of it. */
export function sourceText(path: string, raw: string): SourceText {
  return new SourceText(path, raw.charCodeAt(0) === 0xfeff ? raw.slice(1) : raw)
}
