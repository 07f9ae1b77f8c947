/**
 * The one door through which foreign text (names, values, messages of the service, lines of manifests) reaches a
 * terminal or a CI log. What a terminal would obey, what a reader cannot see and what a CI runner would take for a
 * command comes out as a visible escape; everything else, wide characters and emoji included, stays as it is.
 */

/** Controls, formats (bidi, zero width), lone surrogates, separators of lines, what renders as nothing, private use, unassigned. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu

/** Spaces that look like a plain one. The ideographic space is as wide as its neighbours and stays. */
const ODD_SPACE = /[^\P{Zs} \u3000]/gu

/** A mark without a base would sit on our own text; a tower of marks would climb over the lines above. */
const STRAY_MARKS = /^\p{M}+|(?<=\p{M}{4})\p{M}+|(?<=[\s"'(\\[])\p{M}+/gu

/** Starts of commands in the logs of GitHub (`::x::`, `##[x]`), Azure (`##vso[`) and TeamCity. No run of colons stays. */
const LOG_COMMAND = /(?<!\S):(?=:)|:(?=::)|#(?=#(?:\[|vso\[|teamcity\[))/gu

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }

function escapeChar(char: string): string {
  const short = SHORT[char]
  if (short !== undefined) return short
  const code = char.codePointAt(0) ?? 0
  const hex = code.toString(16)
  return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`
}

function escapeEach(text: string): string {
  return Array.from(text, escapeChar).join("")
}

/**
 * Foreign text, safe to print on one line of a terminal or CI log. The result holds no control, bidirectional or
 * zero-width character and no line break; a newline reads `\n`, an ESC `\u001b`. Escaping twice changes nothing.
 */
export function terminalText(text: string): string {
  // The tables of the other patterns take milliseconds to build, and none of them is about printable ASCII.
  if (/^[ -~]*$/.test(text)) return text.replace(LOG_COMMAND, escapeChar)
  return text
    .replace(UNSEEN, escapeChar)
    .replace(ODD_SPACE, escapeChar)
    .replace(STRAY_MARKS, escapeEach)
    .replace(LOG_COMMAND, escapeChar)
}
