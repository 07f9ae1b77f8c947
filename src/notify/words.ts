/**
 * A notification as lines of text, before a chat has formatted them: what is foreign (names, values) is kept apart from
 * our own words, so that each format can take the meaning out of it in its own way. The head says everything that matters
 * and is never cut; of the rest comes as much as there is room for.
 */
import { VERDICTS } from "../model/drift.ts"
import type { Notification, NotifiedItem } from "../model/notification.ts"
import { terminalText } from "../report/escape.ts"
import { quotedValue } from "../report/value.ts"

/** Our own words, or text from outside. */
export type Part = string | { readonly foreign: string }
export type Sentence = readonly Part[]

export interface Message {
  readonly tone: "bad" | "good" | "quiet"
  readonly title: Sentence
  /** What is never cut. */
  readonly head: readonly Sentence[]
  /** A sentence for each placement. */
  readonly rows: readonly Sentence[]
  /** Rows that the notification itself has left out. */
  readonly left: number
}

/** Characters of a value or name that are shown. */
const MOST_CHARACTERS = 80
/** Changes of a placement that are shown. */
const MOST_CHANGES = 5

/** The words of a notification. */
export function messageOf(n: Notification): Message {
  const fresh = n.new.length + n.more.new
  const healed = n.healed.length + n.more.healed
  return {
    tone: n.event === "heartbeat" ? (n.unchanged > 0 ? "bad" : "quiet") : fresh > 0 ? "bad" : "good",
    title: titleOf(n, fresh, healed),
    head: [
      [
        n.event === "heartbeat"
          ? "No news since the last message."
          : `${fresh} new, ${healed} healed, ${n.unchanged} as before.`,
      ],
      ...(n.event === "heartbeat" && n.unchanged > 0 ? [[`Still not well: ${n.unchanged}.`]] : []),
      [`Placements: ${summaryText(n.summary)}.`],
      [`Looked at ${when(n.at)}.`],
    ],
    rows: [...n.new.flatMap(freshRows), ...n.healed.map(healedRow)],
    left: n.more.new + n.more.healed,
  }
}

function titleOf(n: Notification, fresh: number, healed: number): Sentence {
  const stack: Part = { foreign: cut(n.stack) }
  if (n.event === "heartbeat") return [n.unchanged > 0 ? "No news: " : "All quiet: ", stack]
  if (fresh > 0) return ["Drift: ", stack, ` (${fresh} new${healed > 0 ? `, ${healed} healed` : ""})`]
  return ["Healed: ", stack, ` (${healed})`]
}

/** `1 drifted, 3 in sync`, the most urgent first. */
function summaryText(summary: Notification["summary"]): string {
  const verdicts = Object.keys(VERDICTS) as (keyof typeof VERDICTS)[]
  const parts = verdicts.filter((v) => summary[v] > 0).map((v) => `${summary[v]} ${spaced(v)}`)
  return parts.join(", ") || "none"
}

function freshRows(item: NotifiedItem): Sentence[] {
  const { verdict, before, imageId, reasons, changes } = item
  const was = before === undefined || before === verdict ? "" : ` (was ${spaced(before)})`
  const first: Part[] = [`${spaced(verdict)}${was}: `, ...placeOf(item)]
  if (imageId !== undefined) first.push(", ", { foreign: cut(imageId) })
  if (reasons.length > 0) first.push(", ", { foreign: cut(reasons.join(", ")) })
  const shown = changes
    .slice(0, MOST_CHANGES)
    .map(
      (c): Sentence => [
        "• ",
        { foreign: cut(c.field) },
        ": wanted ",
        { foreign: cut(quotedValue(c.after)) },
        ", is ",
        { foreign: cut(quotedValue(c.before)) },
      ],
    )
  const rest = changes.length - shown.length
  return [first, ...shown, ...(rest > 0 ? [[`• ${rest} more`]] : [])]
}

function healedRow(item: NotifiedItem): Sentence {
  const now = item.verdict === "gone" ? "not asked for any more" : `now ${spaced(item.verdict)}`
  const was = item.before === undefined ? "" : `, was ${spaced(item.before)} since ${when(item.since)}`
  return ["healed: ", ...placeOf(item), `, ${now}${was}`]
}

function placeOf({ image, account, region }: NotifiedItem): Part[] {
  return [{ foreign: cut(image) }, " in ", { foreign: cut(account) }, "/", { foreign: cut(region) }]
}

/** An ISO 8601 time as people read it, to the minute. */
function when(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")} UTC`
}

function spaced(word: string): string {
  return word.replaceAll("_", " ")
}

/** Foreign text on one line, with everything that cannot be seen made visible, and not too long. */
function cut(text: string): string {
  const shown = terminalText(text)
  const characters = Array.from(shown)
  if (characters.length <= MOST_CHARACTERS) return shown === "" ? '""' : shown
  return `${characters.slice(0, MOST_CHARACTERS - 1).join("")}…`
}

/**
 * The rows that fit below the head, as one text, with a last line that counts the others. `size` measures what `write`
 * makes; the head is not measured here.
 */
export function fitRows(
  message: Message,
  write: (sentence: Sentence) => string,
  size: (text: string) => number,
  room: number,
): string[] {
  const lines = message.rows.map(write)
  const sizes = lines.map((line) => size(line) + 1)
  const total = sizes.reduce((sum, n) => sum + n, 0)
  const ending = (count: number): string =>
    `... and ${count} more ${count === 1 ? "line" : "lines"}; the report has all of them.`
  if (total <= room && message.left === 0) return lines
  const kept: string[] = []
  let used = size(ending(999_999)) + 1
  for (const [i, line] of lines.entries()) {
    used += sizes[i] ?? 0
    if (used > room) break
    kept.push(line)
  }
  const count = lines.length - kept.length + message.left
  return count > 0 ? [...kept, ending(count)] : kept
}
