/** What moved since the last push: from the memory of the comment that is there to that of the one to come. */
import { markdownCode, markdownText } from "../report/escape-markdown.ts"
import { counted } from "../report/value.ts"
import type { Memory, MemoryRow, Since, SinceRow } from "./marker.ts"

/** Rows that are shown and remembered. */
const MOST_ROWS = 40

/**
 * The difference to show, or undefined where there is nothing before. A run for the same commit with the same outcome
 * shows what the first one did: the last push has not moved.
 */
export function sinceOf(before: Memory | undefined, now: Memory): Since | undefined {
  if (before === undefined) return undefined
  const same = before.fingerprint === now.fingerprint
  if (same && before.commit === now.commit) return before.since
  const commit = before.commit === undefined ? {} : { commit: before.commit }
  if (same) return { ...commit, rows: [], more: 0 }
  if (before.rows === undefined || now.rows === undefined) return { ...commit, more: 0 }
  const rows = differences(before.rows, now.rows)
  return { ...commit, rows: rows.slice(0, MOST_ROWS), more: Math.max(0, rows.length - MOST_ROWS) }
}

function differences(before: readonly MemoryRow[], now: readonly MemoryRow[]): SinceRow[] {
  const keyOf = (row: MemoryRow): string => JSON.stringify([row.image, row.verb])
  const old = new Map(before.map((row) => [keyOf(row), row]))
  const changed = now.flatMap((row): SinceRow[] => {
    const was = old.get(keyOf(row))
    old.delete(keyOf(row))
    if (was?.digest === row.digest) return []
    return [rowOf(was === undefined ? "new" : "other", row)]
  })
  return [...changed, ...Array.from(old.values(), (row) => rowOf("gone", row))]
}

function rowOf(how: SinceRow["how"], { image, verb, scopes }: MemoryRow): SinceRow {
  return { how, image, verb, scopes }
}

const HOW = { new: "new", other: "other than before", gone: "not any more" } as const

/** The difference as Markdown. Everything in it is foreign. */
export function sinceBlocks(since: Since | undefined): string[] {
  if (since === undefined) return []
  const when =
    since.commit === undefined ? "the last run" : `the last push, ${markdownCode(since.commit.slice(0, 8))}`
  if (since.rows === undefined)
    return [`Since ${when}: not the same; too much was planned to tell what moved.`]
  if (since.rows.length === 0) return [`Since ${when}: nothing moved.`]
  const items = since.rows.map(
    ({ how, image, verb, scopes }) =>
      `- ${HOW[how]}: ${markdownCode(image)}, ${markdownText([verb, scopes.join(", ")].filter(has).join(" in "))}`,
  )
  const more = since.more > 0 ? [`- and ${counted(since.more, "further row")}`] : []
  return [`### Since ${when}`, [...items, ...more].join("\n")]
}

function has(text: string): boolean {
  return text !== ""
}
