/**
 * Characters that a reader cannot see, or that change how the text around them is shown: control characters (C0 without
 * tab and line ends, DEL, C1), bidirectional marks, zero-width and filler characters, line separators, tags and
 * lone surrogates. Global: for `replace` and `matchAll`.
 */
export const HIDDEN_CHARACTERS: RegExp = pattern(
  "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f" +
    "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f" +
    "\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\ud800-\\udfff\\u{e0000}-\\u{e007f}",
)

/** The part that changes what is seen even in a comment: control characters and bidirectional marks. */
export const MISLEADING_CHARACTERS: RegExp = pattern(
  "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff",
)

/** Whether the text has a hidden character. */
export function hasHidden(text: string): boolean {
  return text.search(HIDDEN_CHARACTERS) !== -1
}

/** `U+202E`. */
export function codePointName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`
}

function pattern(characters: string): RegExp {
  return new RegExp(`[${characters}]`, "gu")
}
