/**
 * Documents without any finding as a text, and back: what reading a file gave need not be found out again while its text
 * is the same. Positions are offsets into that text. Trees that cannot be told exactly are not packed.
 */
import type { Kind } from "./kinds.ts"
import type { SourceText } from "./text.ts"
import type { Entry, MapNode, Plain, Tree } from "./tree.ts"
import type { Checked } from "./validate.ts"

const SCALAR = 0
const LIST = 1
const MAP = 2

/** `[0, start, end, value, plain]`, `[1, start, end, ...items]` or `[2, start, end, ...(name, start, end, value)]`. */
type Packed = readonly [kind: number, start: number, end: number, ...rest: readonly unknown[]]

/** The documents as JSON, or none where a tree has what JSON cannot say, or is shared by aliases. */
export function pack(documents: readonly Pick<Checked, "kind" | "tree">[]): string | undefined {
  const seen = new Set<Tree>()
  const packed = documents.map(({ kind, tree }) => [kind, packTree(tree, seen)] as const)
  return packed.some(([, tree]) => tree === undefined) ? undefined : JSON.stringify(packed)
}

function packTree(tree: Tree, seen: Set<Tree>): Packed | undefined {
  // Written out once for each place, a tree that aliases share could grow without end.
  if (seen.has(tree)) return undefined
  seen.add(tree)
  const { start, end } = tree
  if (tree.kind === "scalar") {
    const { value, plain } = tree
    const exact = typeof value !== "number" || (Number.isFinite(value) && !Object.is(value, -0))
    return exact ? [SCALAR, start, end, value, plain ? 1 : 0] : undefined
  }
  const rest: unknown[] = []
  if (tree.kind === "list") {
    for (const item of tree.items) {
      const packed = packTree(item, seen)
      if (packed === undefined) return undefined
      rest.push(packed)
    }
    return [LIST, start, end, ...rest]
  }
  for (const entry of tree.entries.values()) {
    const packed = packTree(entry.value, seen)
    if (packed === undefined) return undefined
    rest.push(entry.name, entry.start, entry.end, packed)
  }
  return [MAP, start, end, ...rest]
}

const WHOLE: ReadonlySet<string> = new Set()

/** The documents again, as they were checked. `text` is what `pack` gave. */
export function unpack(text: string, source: SourceText): Checked[] {
  const documents = JSON.parse(text) as readonly (readonly [Kind, Packed])[]
  return documents.map(([kind, packed]) => {
    const { tree, value } = unpackTree(packed, source)
    return { kind, tree: tree as MapNode, value, broken: WHOLE }
  })
}

/** A tree, and its values as `toPlain` gives them. */
function unpackTree(packed: Packed, source: SourceText): { readonly tree: Tree; readonly value: Plain } {
  const [kind, start, end, ...rest] = packed
  if (kind === SCALAR) {
    const value = rest[0] as string | number | boolean | null
    return { tree: { kind: "scalar", value, plain: rest[1] === 1, source, start, end, size: 1 }, value }
  }
  let size = 1
  if (kind === LIST) {
    const items: Tree[] = []
    const value: Plain[] = []
    for (const item of rest as Packed[]) {
      const found = unpackTree(item, source)
      items.push(found.tree)
      value.push(found.value)
      size += found.tree.size
    }
    return { tree: { kind: "list", items, source, start, end, size }, value }
  }
  const entries = new Map<string, Entry>()
  const value: { [key: string]: Plain } = rest.includes("__proto__") ? Object.create(null) : {}
  for (let i = 0; i < rest.length; i += 4) {
    const [name, from, to, inner] = rest.slice(i, i + 4) as [string, number, number, Packed]
    const found = unpackTree(inner, source)
    entries.set(name, { name, value: found.tree, source, start: from, end: to })
    value[name] = found.value
    size += found.tree.size
  }
  return { tree: { kind: "map", entries, source, start, end, size }, value }
}
