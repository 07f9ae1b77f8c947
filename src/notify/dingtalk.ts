/** DingTalk's custom robots: Markdown, of which the whole request may have 20,000 bytes. Nobody is called by it. */
import { bytesOf, inertSentence } from "./inert.ts"
import { dingtalkSignature } from "./sign.ts"
import { fitRows, type Message, type Sentence } from "./words.ts"

const BYTES = 18_000

/** The body of the request. A line ends with two blanks, or its successor would go on in the same line. */
export function dingtalkBody(message: Message): object {
  const title = inertSentence(message.title)
  const head = [`### ${title}`, "", ...message.head.map((s) => `> ${inertSentence(s)}  `), ""]
  // A row counts as it will stand in JSON, with its line end as two characters.
  const line = (s: Sentence): string => `${inertSentence(s)}  `
  const size = (text: string): number => bytesOf(JSON.stringify(text)) + 2
  const rows = fitRows(message, line, size, BYTES - size(head.join("\n")))
  return {
    msgtype: "markdown",
    markdown: { title, text: [...head, ...rows].join("\n") },
    at: { atMobiles: [], atUserIds: [], isAtAll: false },
  }
}

/** The address with what the robot's signing secret asks for. */
export function dingtalkUrl(url: URL, secret: string | undefined, at: number): URL {
  if (secret === undefined) return url
  const { timestamp, sign } = dingtalkSignature(secret, at)
  const signed = new URL(url)
  signed.searchParams.set("timestamp", timestamp)
  signed.searchParams.set("sign", sign)
  return signed
}
