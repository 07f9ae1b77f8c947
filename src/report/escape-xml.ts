/** The one door through which foreign text reaches XML, in text and in attributes with double quotes alike. */
import { terminalText } from "./escape.ts"

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
}

/** Text on one line. Characters that XML 1.0 forbids are among those that come out as visible escapes. */
export function xmlText(text: string): string {
  return terminalText(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
}
