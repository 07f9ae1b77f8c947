/**
 * From the nodes of `yaml` to a `Tree`.
 *
 * `yaml` could give plain values itself, but then positions are lost at every alias and merge key, its check of duplicate
 * keys is quadratic, and `__proto__` needs care. This walk visits each written node once. An alias adds no nodes, it
 * shares those of its anchor; what it would add is counted as size, because later stages visit shared nodes once for each
 * place. The size is limited, so that a few lines of nested aliases cannot grow into millions of values.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml"
import type { Findings } from "./findings.ts"
import type { SourceText } from "./text.ts"
import type { Entry, ListNode, MapNode, ScalarNode, Spot, Tree } from "./tree.ts"
import { shown } from "./words.ts"

/** Levels of maps and lists. */
export const MAX_DEPTH = 64
/** Values that aliases and merge keys of one document may add. */
export const MAX_EXPANSION = 100_000

/** The document's tree, or none where it is empty or too complex. */
export function composeTree(doc: Document.Parsed, source: SourceText, findings: Findings): Tree | undefined {
  if (doc.contents === null) return undefined
  const walk = new Walk(source, findings)
  const tree = walk.node(doc.contents as Node, 0, 0)
  return walk.tooComplex ? undefined : tree
}

class Walk {
  readonly #source: SourceText
  readonly #findings: Findings
  /** Null: the anchor's node is still being read. */
  readonly #anchors = new Map<string, Tree | null>()
  #expansion = 0
  tooComplex = false

  constructor(source: SourceText, findings: Findings) {
    this.#source = source
    this.#findings = findings
  }

  /** `at`: where the value of an empty node would stand. */
  node(node: Node | null | undefined, at: number, depth: number): Tree {
    if (node === null || node === undefined) return this.#empty(at)
    const anchor = isAlias(node) ? undefined : (node as { anchor?: string }).anchor
    if (anchor === undefined) return this.#own(node, at, depth)
    this.#anchors.set(anchor, null)
    const tree = this.#own(node, at, depth)
    this.#anchors.set(anchor, tree)
    return tree
  }

  #own(node: Node, at: number, depth: number): Tree {
    const start = node.range?.[0] ?? at
    const end = Math.max(start, node.range?.[1] ?? at)
    if (isScalar(node)) return this.#scalar(node.value, node.type === "PLAIN", start, end)
    if (isAlias(node)) return this.#alias(node.source, start, end)
    if (depth > MAX_DEPTH) {
      const message = `Maps and lists are nested deeper than ${MAX_DEPTH} levels.`
      this.#refuse(this.#spot(start, end), message, "flatten the document")
      return this.#empty(start)
    }
    if (isMap(node)) return this.#map(node, start, end, depth)
    if (isSeq(node)) return this.#list(node, start, end, depth)
    return this.#empty(start)
  }

  #scalar(value: unknown, plain: boolean, start: number, end: number): ScalarNode {
    const known =
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null
        ? value
        : String(value)
    return { kind: "scalar", value: known, plain, source: this.#source, start, end, size: 1 }
  }

  #list(seq: YAMLSeq, start: number, end: number, depth: number): ListNode {
    const items: Tree[] = []
    let size = 1
    for (const item of seq.items) {
      const tree = this.node(item as Node | null, start, depth + 1)
      items.push(tree)
      size += tree.size
    }
    return { kind: "list", items, source: this.#source, start, end, size }
  }

  #map(map: YAMLMap, start: number, end: number, depth: number): MapNode {
    const source = this.#source
    const entries = new Map<string, Entry>()
    let merges: Tree[] | undefined
    let size = 1
    for (const pair of map.items as Pair<Node | null, Node | null>[]) {
      const { key } = pair
      const from = key?.range?.[0] ?? start
      const to = Math.max(from, key?.range?.[1] ?? start)
      const name = this.#name(key, from, to)
      const value = this.node(pair.value, to, depth + 1)
      size += value.size
      if (name === undefined) continue
      if (name === "<<" && isScalar(key) && key.type === "PLAIN") {
        merges ??= []
        merges.push(value)
        continue
      }
      const first = entries.get(name)
      if (first === undefined) entries.set(name, { name, value, source, start: from, end: to })
      else {
        this.#findings.at(this.#spot(from, to), {
          code: "duplicate_key",
          message: `The key ${shown(name)} stands twice in one map; the first is on line ${source.position(first.start).line}.`,
          advice: "keep one of them",
        })
      }
    }
    for (const merge of merges ?? []) size += this.#merge(entries, merge)
    return { kind: "map", entries, source, start, end, size }
  }

  /** Keys are text, however they are written: `1`, `true` and `"1"` are what stands there. */
  #name(key: Node | null, start: number, end: number): string | undefined {
    if (key === null) return ""
    if (isScalar(key)) {
      const { anchor } = key as { anchor?: string }
      if (anchor !== undefined)
        this.#anchors.set(anchor, this.#scalar(key.value, key.type === "PLAIN", start, end))
      return typeof key.value === "string" ? key.value : (key.source ?? String(key.value))
    }
    const target = isAlias(key) ? this.#alias(key.source, start, end) : undefined
    if (target?.kind === "scalar") return String(target.value)
    this.#findings.at(this.#spot(start, end), {
      code: "wrong_type",
      message: "A key is a map or a list.",
      advice: "write a plain text before the colon",
    })
    return undefined
  }

  /** Own keys win, then the maps in the order of the list. Returns what the merge adds to the size. */
  #merge(entries: Map<string, Entry>, from: Tree): number {
    const maps = from.kind === "list" ? from.items : [from]
    let size = 0
    for (const map of maps) {
      if (map.kind !== "map") {
        this.#findings.at(map, {
          code: "yaml_syntax",
          message: "A merge key takes a map or a list of maps.",
          advice: "write `<<: *anchor`, with the anchor on a map",
        })
        continue
      }
      // The work counts, not what it adds: a list of one and the same map adds nothing.
      if (!this.#expand(map.entries.size + 1, map)) return size
      for (const [name, entry] of map.entries) {
        if (entries.has(name)) continue
        entries.set(name, entry)
        size += entry.value.size
      }
    }
    return size
  }

  #alias(anchor: string, start: number, end: number): Tree {
    const target = this.#anchors.get(anchor)
    const spot = this.#spot(start, end)
    if (target === undefined) {
      this.#findings.at(spot, {
        code: "yaml_syntax",
        message: `No anchor ${shown(`&${anchor}`)} stands before the alias.`,
        advice: "define the anchor further up, or put a text that starts with * in quotes",
      })
      return this.#empty(start)
    }
    if (target === null) {
      this.#refuse(spot, "The alias stands inside of the value that its anchor names.", "write the value out")
      return this.#empty(start)
    }
    return this.#expand(target.size, spot) ? target : this.#empty(start)
  }

  #expand(size: number, spot: Spot): boolean {
    this.#expansion += size
    if (this.#expansion <= MAX_EXPANSION) return true
    const message = `Aliases and merge keys expand to more than ${MAX_EXPANSION} values.`
    this.#refuse(spot, message, "write fewer aliases of aliases")
    return false
  }

  #refuse(spot: Spot, message: string, advice: string): void {
    if (this.tooComplex) return
    this.tooComplex = true
    this.#findings.at(spot, { code: "yaml_too_complex", message, advice })
  }

  #spot(start: number, end: number): Spot {
    return { source: this.#source, start, end }
  }

  #empty(at: number): ScalarNode {
    return this.#scalar(null, true, at, at)
  }
}
