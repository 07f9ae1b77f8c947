import stringWidth from "string-width"

const ESC = "\u001b"
const PARTS = new RegExp(`${ESC}\\[[?0-9;]*[A-Za-z]|${ESC}[^[]|\\r|\\n|[^${ESC}\\r\\n]+`, "g")

/** As much of a terminal as log-update and this tool use: text, cursor up and to column, erasing, show and hide. */
export class Screen {
  readonly columns: number
  readonly rows: number
  lines: string[] = [""]
  cursorShown = true
  /** Sequences that it does not know, and rows that ran over the edge while they were repainted. */
  readonly complaints: string[] = []
  #row = 0
  #column = 0
  #bottom = 0

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  write(text: string): void {
    for (const [part] of text.matchAll(PARTS)) {
      if (part === "\r") this.#column = 0
      else if (part === "\n") this.#down()
      else if (part.startsWith(`${ESC}[`)) this.#control(part.slice(2))
      else if (part.startsWith(ESC)) this.complaints.push(JSON.stringify(part))
      else this.#print(part)
    }
  }

  /** What can be read now. */
  get text(): string {
    return this.lines.map((line) => line.trimEnd()).join("\n")
  }

  /** The first line that has not scrolled away: the cursor goes no higher. */
  get #top(): number {
    return Math.max(0, this.#bottom - this.rows + 1)
  }

  #print(part: string): void {
    const line = this.lines[this.#row] ?? ""
    const before = line.slice(0, this.#column).padEnd(this.#column)
    this.lines[this.#row] = before + part + line.slice(this.#column + part.length)
    this.#column += part.length
    const wide = stringWidth(this.lines[this.#row] ?? "") > this.columns
    if (wide && !this.cursorShown) this.complaints.push(`too wide: ${part}`)
  }

  #down(): void {
    this.#row += 1
    this.#bottom = Math.max(this.#bottom, this.#row)
    while (this.lines.length <= this.#row) this.lines.push("")
  }

  #control(sequence: string): void {
    const count = Number.parseInt(sequence, 10) || 1
    if (sequence === "?25h") this.cursorShown = true
    else if (sequence === "?25l") this.cursorShown = false
    else if (/^\d*A$/.test(sequence)) this.#row = Math.max(this.#top, this.#row - count)
    else if (/^\d*B$/.test(sequence)) for (let i = 0; i < count; i += 1) this.#down()
    else if (/^\d*G$/.test(sequence)) this.#column = count - 1
    else if (/^\d*C$/.test(sequence)) this.#column += count
    else if (/^\d*D$/.test(sequence)) this.#column = Math.max(0, this.#column - count)
    else if (sequence === "2K") this.lines[this.#row] = ""
    else if (/^0?K$/.test(sequence))
      this.lines[this.#row] = (this.lines[this.#row] ?? "").slice(0, this.#column)
    else if (/^0?J$/.test(sequence)) {
      this.lines[this.#row] = (this.lines[this.#row] ?? "").slice(0, this.#column)
      this.lines.length = this.#row + 1
    } else if (!/^[\d;]*m$/.test(sequence) && !/^\?2026[hl]$/.test(sequence)) this.complaints.push(sequence)
  }
}
