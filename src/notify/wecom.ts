/** WeCom's group robots: Markdown of at most 4,096 bytes. `<@all>` would call everybody, so no `<` of others gets in. */
import { bytesOf, inertSentence } from "./inert.ts"
import { fitRows, type Message } from "./words.ts"

const BYTES = 4_096
/** Of their Markdown's three colours: orange, green, grey. */
const COLOR = { bad: "warning", good: "info", quiet: "comment" } as const

/** The body of the request. */
export function wecomBody(message: Message): object {
  const title = `**<font color="${COLOR[message.tone]}">${inertSentence(message.title)}</font>**`
  const head = [title, ...message.head.map((s) => `> ${inertSentence(s)}`)].join("\n")
  const rows = fitRows(message, inertSentence, bytesOf, BYTES - bytesOf(head) - 2)
  return { msgtype: "markdown", markdown: { content: [head, ...rows].join("\n") } }
}
