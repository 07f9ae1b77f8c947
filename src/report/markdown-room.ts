/** A Markdown document whose details give way to a host's limit, the last ones first. */
import { counted } from "./value.ts"

/** A document in parts, each without a newline at its end. */
export interface MarkdownParts {
  /** What is never left out: title, counts, tables, notices. */
  readonly head: readonly string[]
  /** Folded. */
  readonly details: readonly string[]
  readonly foot: string
  /** What each of the details is about; an image where it is absent. */
  readonly noun?: string
}

export interface MarkdownOptions {
  /** Characters that the host takes. Details that do not fit are left out one by one; nothing else is. */
  readonly limit?: number
  /** Where the details are that do not fit: the end of a sentence, as Markdown. */
  readonly elsewhere?: string
}

/** What the note on missing details and the blank lines take at most. */
const NOTE = 200

/** The whole, with a newline at its end; longer than the limit only where head and foot alone are. */
export function joinMarkdown(parts: MarkdownParts, options: MarkdownOptions = {}): string {
  const { head, details, foot, noun = "image" } = parts
  const elsewhere = options.elsewhere ?? "the HTML report has them"
  const rest = [...head, foot].join("\n\n").length + NOTE + elsewhere.length
  const shown = fitting(details, (options.limit ?? Number.POSITIVE_INFINITY) - rest)
  const missing = details.length - shown.length
  const note = `The details of ${counted(missing, noun)} do not fit here; ${elsewhere}.`
  const folded = details.length === 0 ? [] : ["### Details", ...shown, ...(missing > 0 ? [note] : [])]
  return `${[...head, ...folded, foot].join("\n\n")}\n`
}

function fitting(details: readonly string[], room: number): readonly string[] {
  let used = 0
  const end = details.findIndex((one) => {
    used += one.length + 2
    return used > room
  })
  return end < 0 ? details : details.slice(0, end)
}
