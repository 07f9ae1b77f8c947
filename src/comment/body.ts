/** The whole text of a comment, within what its host takes: marker, tables, what moved, details, and where it is from. */
import { joinMarkdown } from "../report/markdown-room.ts"
import { counted } from "../report/value.ts"
import { type Memory, markerOf } from "./marker.ts"
import { sinceBlocks, sinceOf } from "./since.ts"
import type { Subject } from "./subject.ts"

export interface BodyOptions {
  /** Characters. */
  readonly limit: number
  /** Where the whole is; an https:// address. */
  readonly artifactUrl?: string
}

/** The part of a comment that its marker may take. */
const MARKER_SHARE = 1 / 5

/** `before`: what the comment that is there remembers. */
export function bodyOf(subject: Subject, before: Memory | undefined, options: BodyOptions): string {
  const { kind, stackId, parts, timeless = false } = subject
  const { limit, artifactUrl } = options
  const now = subject.memory
  const again = timeless && before?.fingerprint === now.fingerprint && before.commit === now.commit
  const since = sinceOf(before, now)
  const memory = { ...now, at: again ? before.at : now.at, ...(since === undefined ? {} : { since }) }
  const marker = markerOf(kind, stackId, memory, Math.floor(limit * MARKER_SHARE))
  const whole = artifactUrl === undefined ? undefined : linkTo("the whole report", artifactUrl)
  const elsewhere = whole === undefined ? "the HTML report has them" : `${whole} has them`
  const foot = [
    parts.foot,
    ...(subject.memory.commit === undefined ? [] : [`Commit ${subject.memory.commit}.`]),
    ...(whole === undefined ? [] : [`See ${whole}.`]),
  ].join(" ")
  const room = limit - marker.length - 1
  const head = [...parts.head, ...sinceBlocks(since)]
  const text = joinMarkdown({ head, details: parts.details, foot }, { limit: room, elsewhere })
  return `${marker}\n${text.length <= room ? text : cut(head, foot, elsewhere, room)}`
}

/** Tables that are longer than any comment: as many of their lines as there is room for, and how many there was none for. */
function cut(head: readonly string[], foot: string, elsewhere: string, room: number): string {
  const lines = head.join("\n\n").split("\n")
  const left = room - foot.length - elsewhere.length - 100
  let used = 0
  const end = lines.findIndex((line) => {
    used += line.length + 1
    return used > left
  })
  const shown = end < 0 ? lines : lines.slice(0, end)
  const missing = lines.slice(shown.length).filter((line) => line !== "").length
  const note = `${counted(missing, "more line")} and all details do not fit here; ${elsewhere}.`
  return `${shown.join("\n").trimEnd()}\n\n${note}\n\n${foot}\n`
}

/** A link; the address, an http(s) one, cannot end it or mean anything else. */
export function linkTo(text: string, address: string): string {
  const safe = new URL(address).href.replace(
    /[()[\]<>|\\`"'{}^\s]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  )
  return `[${text}](${safe})`
}
