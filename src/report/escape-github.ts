/** The one door through which foreign text reaches a workflow command of GitHub. */
import { terminalText } from "./escape.ts"

/** As the runner reads a message: it decodes `%25`, `%0D` and `%0A`. Line ends stay line ends. */
export function commandData(text: string): string {
  return text
    .split("\n")
    .map((line) => terminalText(line).replaceAll("%", "%25"))
    .join("%0A")
}

/** As the runner reads the value of a property. */
export function commandProperty(text: string): string {
  return commandData(text).replaceAll(":", "%3A").replaceAll(",", "%2C")
}
