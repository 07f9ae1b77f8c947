/** Fields of an action: what they are, and how their lines look. */
import type { FieldValue } from "../model/plan.ts"
import { cutMiddle, cutUrl, hang, wrap } from "./fit.ts"
import {
  gap,
  type Line,
  lineWidth,
  type Paper,
  padEnd,
  type Span,
  span,
  type Tone,
  textWidth,
} from "./line.ts"
import { bareValue, isUrl, quotedValue } from "./value.ts"
import { wordDiff } from "./word-diff.ts"

/** A field whose value comes, changes or goes, or a fact to know beside it. */
export type Field =
  | {
      readonly kind: "change"
      readonly name: string
      readonly before: FieldValue
      readonly after: FieldValue
      /** Which of several placements the value belongs to. */
      readonly label?: string
      /** Our own words behind the value. */
      readonly note?: string
      /** The note is a warning. */
      readonly warn?: boolean
    }
  | {
      readonly kind: "fact"
      readonly name: string
      readonly text: string
      readonly tone?: Tone
      /** Which of several placements it is true of. */
      readonly label?: string
      /** It names images of its own placement, so that others have the same fact with other ids. */
      readonly own?: boolean
    }

/** The widest name that others are aligned to. */
const NAME_COLUMN = 22

/** The lines of fields, names in one column. */
export function fieldLines(fields: readonly Field[], indent: number, paper: Paper): Line[] {
  const widest = Math.max(0, ...fields.map((f) => textWidth(span(f.name).text)))
  const column = Math.min(widest, NAME_COLUMN, Math.floor(paper.width / 3))
  return fields.flatMap((field) => {
    const sign = signOf(field)
    const name = span(cutMiddle(span(field.name).text, column, paper.ellipsis), "dim")
    const first = [gap(indent), sign, gap(2 - textWidth(sign.text)), ...padEnd(name, column), gap(2)]
    if (field.kind === "fact") {
      return hang(first, [...labelOf(field), span(field.text, field.tone)], paper.width)
    }
    return changeLines(field, first, paper)
  })
}

function labelOf(field: Field): Line {
  return field.label === undefined ? [] : [span(`${field.label}: `, "dim")]
}

/** The words behind a value; what forces a replacement is set apart as a comment. */
export function noteText(field: Field & { kind: "change" }): string | undefined {
  if (field.note === undefined) return undefined
  return field.warn === true ? `# ${field.note}` : `(${field.note})`
}

/** What joins, leaves or changes, as one character; nothing for a fact. */
export function fieldSign(field: Field): "+" | "-" | "~" | "" {
  if (field.kind === "fact") return ""
  if (field.before === null && field.after !== null) return "+"
  if (field.after === null && field.before !== null) return "-"
  return "~"
}

const SIGN_TONES = { "+": "add", "-": "remove", "~": "change", "": "plain" } as const

function signOf(field: Field): Span {
  const sign = fieldSign(field)
  return span(sign, SIGN_TONES[sign])
}

function changeLines(field: Field & { kind: "change" }, first: Line, paper: Paper): Line[] {
  const room = paper.width - lineWidth(first)
  const note = noteText(field)
  const tail: Line = note === undefined ? [] : [gap(2), span(note, field.warn === true ? "alarm" : "dim")]
  const label = labelOf(field)
  if (field.before === null || field.after === null) {
    const value = field.after ?? field.before
    const url = isUrl(value) && tail.length === 0
    const text = url
      ? cutUrl(span(value).text, Math.max(12, room - lineWidth(label)), paper.ellipsis)
      : bareValue(value)
    return hang(first, [...label, span(text), ...tail], paper.width)
  }
  const body = [...label, ...between(field.before, field.after), ...tail]
  if (lineWidth(body) <= room || typeof field.before !== "string" || typeof field.after !== "string") {
    return hang(first, body, paper.width)
  }
  return longTexts(field.before, field.after, first, [...label, ...tail], paper)
}

/** Before and after on one line; of two lists, what leaves and what joins. */
export function between(before: FieldValue, after: FieldValue): Line {
  if (typeof before === "object" && before !== null && typeof after === "object" && after !== null) {
    const gone = before.filter((v) => !after.includes(v))
    const come = after.filter((v) => !before.includes(v))
    const same = after.length - come.length
    if (gone.length + come.length > 0) {
      return [
        ...gone.map((v) => span(`-${v} `, "remove")),
        ...come.map((v) => span(`+${v} `, "add")),
        ...(same > 0 ? [span(`(${same} unchanged)`, "dim")] : []),
      ]
    }
  }
  return [span(quotedValue(before), "remove"), span(" -> ", "dim"), span(quotedValue(after), "add")]
}

/** Two texts too long for one line: one under the other, what differs marked, under a line for the name. */
function longTexts(before: string, after: string, first: Line, rest: Line, paper: Paper): Line[] {
  const diff = wordDiff(before, after, paper.ellipsis)
  const name = first.slice(0, -1)
  // The narrower the paper, the further left the texts begin.
  const indent = Math.min(lineWidth(first), 10)
  return [
    ...wrap(rest, paper.width - lineWidth(name) - 2).map((line) => [...name, gap(2), ...line]),
    ...hang([gap(indent), span("- ", "remove")], diff.before, paper.width),
    ...hang([gap(indent), span("+ ", "add")], diff.after, paper.width),
  ]
}
