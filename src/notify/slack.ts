/**
 * Slack's incoming webhooks: blocks of mrkdwn. Foreign text stands in code, where neither emphasis nor emoji are read;
 * `&`, `<` and `>` are entities there too, and without them no mention (`<!here>`, `<@U1>`) and no link can begin.
 * `verbatim` keeps Slack from looking for names and addresses in plain words.
 *
 * Limits: 150 characters of a header, 3,000 of a section, 50 blocks; and some 13,000 in all, which no page tells.
 */
import { fitRows, type Message, type Part, type Sentence } from "./words.ts"

const HEADER = 150
const SECTION = 2_800
const ALL = 10_000

/** The body of the request. */
export function slackBody(message: Message): object {
  const head = message.head.map(mrkdwn).join("\n")
  const rows = fitRows(message, mrkdwn, (text) => text.length, ALL - head.length)
  const title = Array.from(message.title.map(plain).join("")).slice(0, HEADER).join("")
  return {
    // What notifications and readers of screens show; its text is mrkdwn.
    text: message.title.map((part) => (typeof part === "string" ? part : escaped(part.foreign))).join(""),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "header", text: { type: "plain_text", emoji: false, text: title } },
      section(head),
      ...sections(rows).map(section),
    ],
  }
}

function section(text: string): object {
  return { type: "section", text: { type: "mrkdwn", verbatim: true, text } }
}

function sections(rows: readonly string[]): string[] {
  const found: string[] = []
  let current = ""
  for (const row of rows) {
    if (current !== "" && current.length + 1 + row.length > SECTION) {
      found.push(current)
      current = ""
    }
    current = current === "" ? row : `${current}\n${row}`
  }
  return current === "" ? found : [...found, current]
}

function mrkdwn(sentence: Sentence): string {
  return sentence
    .map((part) =>
      typeof part === "string" ? escaped(part) : `\`${escaped(part.foreign).replaceAll("`", "'")}\``,
    )
    .join("")
}

function plain(part: Part): string {
  return typeof part === "string" ? part : part.foreign.replace(/[<>]/g, (c) => (c === "<" ? "＜" : "＞"))
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}
