/**
 * Makes a request have one comment of a stack and kind: look, create or edit, look again. So two runs at once end with
 * one comment as well, a reply that got lost makes no second one, and a run that is late does not write over a newer.
 */
import { linkTo } from "./body.ts"
import { type Host, type HostComment, HostError } from "./host.ts"
import { type Memory, PREFIX, readMarker } from "./marker.ts"
import type { Subject } from "./subject.ts"

export interface Order {
  readonly subject: Subject
  /** The text, given what the comment that is there remembers. */
  readonly body: (before: Memory | undefined) => string
  /** Create a comment even if it says nothing. */
  readonly always: boolean
  readonly wait: (ms: number) => Promise<void>
}

export interface Settled {
  /** `none`: nothing to say, and no comment. `superseded`: the comment shows something newer, and was left alone. */
  readonly outcome: "created" | "updated" | "unchanged" | "none" | "superseded"
  readonly comment?: HostComment
  /** Superseded comments of ours that were folded. */
  readonly folded: number
  /** What the newest comments of other stacks and kinds remember. */
  readonly others: readonly Memory[]
}

const ROUNDS = 4
const WAIT_MS = 2_000

/** Rejects with a HostError. */
export async function settle(host: Host, order: Order): Promise<Settled> {
  let created: HostComment | undefined
  for (let round = 1; ; round++) {
    const { mine, others } = await look(host, order.subject)
    const newest = mine.at(-1)
    if (newest === undefined) {
      // A list may lag behind what was written.
      if (created !== undefined) return { outcome: "created", comment: created, folded: 0, others }
      if (order.subject.empty && !order.always) return { outcome: "none", folded: 0, others }
    }
    try {
      if (newest === undefined) {
        created = await host.create(order.body(undefined))
        continue
      }
      const done = await update(host, order, newest)
      const folded = await foldAll(host, mine.slice(0, -1), done.comment)
      const first = created !== undefined && done.outcome === "unchanged" && created.id === newest.id
      return { ...done, outcome: first ? "created" : done.outcome, folded, others }
    } catch (error) {
      // It may have been done, or the comment was deleted in between: look again.
      const gone = error instanceof HostError && error.code === "comment_not_found" && newest !== undefined
      if (!(error instanceof HostError) || !(error.ambiguous || gone) || round >= ROUNDS) throw error
      await order.wait(WAIT_MS * round)
    }
  }
}

async function look(
  host: Host,
  { kind, stackId }: Subject,
): Promise<{ readonly mine: readonly HostComment[]; readonly others: readonly Memory[] }> {
  const mine: HostComment[] = []
  const others = new Map<string, Memory | undefined>()
  for (const comment of await host.own(PREFIX)) {
    const marked = readMarker(comment.body)
    if (marked === undefined) continue
    if (marked.kind === kind && marked.stackId === stackId) mine.push(comment)
    else others.set(`${marked.kind} ${marked.stackId}`, marked.memory)
  }
  return { mine, others: [...others.values()].filter((memory) => memory !== undefined) }
}

async function update(
  host: Host,
  { subject, body }: Order,
  comment: HostComment,
): Promise<Pick<Settled, "outcome"> & { readonly comment: HostComment }> {
  const before = readMarker(comment.body)?.memory
  if (before !== undefined && before.at > subject.memory.at) return { outcome: "superseded", comment }
  const text = body(before)
  // A host may keep line ends of its own, and none at the end.
  const plain = (t: string): string => t.replaceAll("\r\n", "\n").trimEnd()
  if (plain(text) === plain(comment.body)) return { outcome: "unchanged", comment }
  return { outcome: "updated", comment: await host.edit(comment.id, text) }
}

async function foldAll(host: Host, old: readonly HostComment[], now: HostComment): Promise<number> {
  const where = URL.canParse(now.url) ? linkTo("another comment", now.url) : "another comment"
  for (const { id } of old) {
    try {
      await host.edit(id, `<!-- cvmimg:superseded:1 -->\nSuperseded by ${where}.\n`)
      await host.fold(id)
    } catch (error) {
      // Another run deleted or folded it.
      if (!(error instanceof HostError) || error.code !== "comment_not_found") throw error
    }
  }
  return old.length
}
