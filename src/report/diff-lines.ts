/** Fields as the lines of a `diff`, which hosts colour: `+` comes, `-` goes, `!` changes. One line holds one value. */
import { type Field, fieldSign, noteText } from "./field.ts"
import { padEnd, span, textWidth } from "./line.ts"
import { bareValue, quotedValue } from "./value.ts"

/** Texts longer than this stand one under the other. */
const LONG = 40
const NAME_COLUMN = 22

/** Lines that each begin with a sign or two blanks, names in one column. */
export function diffLines(fields: readonly Field[]): string[] {
  const column = Math.min(NAME_COLUMN, Math.max(0, ...fields.map((f) => textWidth(span(f.name).text))))
  return fields.flatMap((field) => {
    const name = padEnd(span(field.name), column)
      .map((s) => s.text)
      .join("")
    const label = field.label === undefined ? "" : `${field.label}: `
    if (field.kind === "fact") return [`  ${name}  ${label}${field.text}`]
    const note = noteText(field)
    const end = note === undefined ? "" : `  ${note}`
    const { before, after } = field
    const sign = fieldSign(field)
    if (sign !== "~") return [`${sign} ${name}  ${label}${bareValue(after ?? before)}${end}`]
    const [old, now] = [quotedValue(before), quotedValue(after)]
    if (textWidth(old) <= LONG && textWidth(now) <= LONG) return [`! ${name}  ${label}${old} -> ${now}${end}`]
    return [`- ${name}  ${label}${old}`, `+ ${name}  ${label}${now}${end}`]
  })
}
