/** JSON as it is written to files and terminals. */

/** What a terminal would obey or a reader cannot see, beyond what JSON escapes itself. */
const UNSEEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/**
 * Two blanks of indentation, keys in the order given, a newline at the end. Characters that a terminal would obey are
 * written as escapes, which mean the same to every reader of JSON.
 */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)
    .replace(UNSEEN, escaped)
    .replace(/##(?=\[|vso\[)/g, "#\\u0023")}\n`
}

function escaped(char: string): string {
  return char.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
}
