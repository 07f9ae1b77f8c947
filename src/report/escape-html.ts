/** The one door through which foreign text reaches a page, in text and in attributes with double quotes alike. */
import { terminalText } from "./escape.ts"

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
}

/** Text without markup; what a reader cannot see comes out as a visible escape. */
export function htmlText(text: string): string {
  return terminalText(text).replace(/[&<>"'`]/g, (char) => ENTITIES[char] ?? char)
}
