/** Foreign text in YAML: as a value, and in a comment. */
import { HIDDEN_CHARACTERS } from "../model/characters.ts"

/** Words that some reader of YAML takes for something else than text. */
const WORDS = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i
/** An item of a list or a value, as it can stand without quotes in any reader, and in [] too. */
const PLAIN = /^[A-Za-z][A-Za-z0-9._/-]*(?: [A-Za-z0-9._/-]+)*$/

/** A text as a YAML scalar on one line, which every reader takes for this very text. */
export function scalar(text: string): string {
  return PLAIN.test(text) && !WORDS.test(text) ? text : escaped(text)
}

/** A text for a comment: in quotes, on one line, with what cannot be seen as escapes. */
export function visible(text: string): string {
  return escaped(text)
}

/** JSON's quotes are YAML's; what cannot be seen is written as an escape of four or eight digits. */
function escaped(text: string): string {
  return JSON.stringify(text).replace(HIDDEN_CHARACTERS, (char) => {
    const code = char.codePointAt(0) ?? 0
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`
  })
}
