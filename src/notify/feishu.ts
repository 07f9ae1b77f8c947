/**
 * Custom robots of Feishu and Lark: a card whose texts are `plain_text`, in which neither Markdown nor `<at id=all>` is
 * read. The whole request may have 20 KB.
 */
import { bytesOf, inertSentence } from "./inert.ts"
import { feishuSignature } from "./sign.ts"
import { fitRows, type Message } from "./words.ts"

const BYTES = 18_000
/** Lines of one text of the card. */
const LINES = 20
const COLOR = { bad: "red", good: "green", quiet: "grey" } as const

/** The body of the request, signed if the robot has a secret. `at`: milliseconds since the epoch. */
export function feishuBody(message: Message, secret: string | undefined, at: number): object {
  const head = message.head.map(inertSentence)
  const size = (text: string): number => bytesOf(JSON.stringify(text)) + 8
  const rows = fitRows(message, inertSentence, size, BYTES - size(head.join("\n")) - 1_000)
  const texts: string[] = [head.join("\n")]
  for (let i = 0; i < rows.length; i += LINES) texts.push(rows.slice(i, i + LINES).join("\n"))
  return {
    ...(secret === undefined ? {} : feishuSignature(secret, at)),
    msg_type: "interactive",
    card: {
      config: { wide_screen_mode: true },
      header: {
        template: COLOR[message.tone],
        title: { tag: "plain_text", content: inertSentence(message.title) },
      },
      elements: texts.map((content) => ({ tag: "div", text: { tag: "plain_text", content } })),
    },
  }
}
