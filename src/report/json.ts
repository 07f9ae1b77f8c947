/** JSON as it is written to files and terminals. */

/** What a terminal would obey or a reader cannot see, beyond what JSON escapes itself. */
const UNSEEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/**
 * Two blanks of indentation, keys in the order given, a newline at the end. Characters that a terminal would obey are
 * written as escapes, which mean the same to every reader of JSON.
 */
export function jsonText(value: unknown): string {
  return `${inert(JSON.stringify(value, null, 2))}\n`
}

/** The same on one line, without the newline at its end. */
export function jsonLine(value: unknown): string {
  return inert(JSON.stringify(value))
}

function inert(json: string): string {
  return json.replace(UNSEEN, escaped).replace(/##(?=\[|vso\[)/g, "#\\u0023")
}

function escaped(char: string): string {
  return char.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
}
