/**
 * Foreign text for chats whose Markdown knows no reliable escape (WeCom, DingTalk, Feishu): signs that could be markup,
 * mention or link are written by their full-width twins, which look alike and mean nothing. A backslash would be shown by
 * one chat and obeyed by another.
 */
import type { Sentence } from "./words.ts"

const TWINS = new Map(
  Array.from("<>@[]()*`#!|\\~&$", (c) => [c, String.fromCodePoint(c.charCodeAt(0) + 0xfee0)] as const),
)

/** Addresses that a chat would make a link of by itself. */
const LINK = /:\/\/|\bwww\./gi

/** A dot between letters makes a domain; most of ours are versions, with a digit on one side. */
const DOMAIN = /(?<=[\p{L}\d-])\.(?=\p{L}{2,})/gu

/** Text that is no markup, mention or link. */
export function inertText(text: string): string {
  return Array.from(text, (c) => TWINS.get(c) ?? c)
    .join("")
    .replace(LINK, (found) => (found === "://" ? "：／／" : `${found.slice(0, -1)}．`))
    .replace(DOMAIN, "．")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "＿")
}

/** A sentence whose foreign parts are inert. */
export function inertSentence(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === "string" ? part : inertText(part.foreign))).join("")
}

/** Bytes of a text as UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}
