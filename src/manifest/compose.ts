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
import type { Finding, Findings } from "./findings.ts"
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
  const tree = walk.node(doc.contents as Node, 0)
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

  node(node: Node | null | undefined, at: number, depth = 0): Tree {
    if (node === null || node === undefined) return this.#empty(at)
    if (isAlias(node)) return this.#alias(node.source, this.#spot(node, at))
    const anchor = (node as { anchor?: string }).anchor
    if (anchor !== undefined) this.#anchors.set(anchor, null)
    const tree = this.#own(node, at, depth)
    if (anchor !== undefined) this.#anchors.set(anchor, tree)
    return tree
  }

  #own(node: Node, at: number, depth: number): Tree {
    const spot = this.#spot(node, at)
    if (depth > MAX_DEPTH) {
      this.#refuse(spot, `Maps and lists are nested deeper than ${MAX_DEPTH} levels.`, "flatten the document")
      return this.#empty(spot.start)
    }
    if (isMap(node)) return this.#map(node, spot, depth)
    if (isSeq(node)) return this.#list(node, spot, depth)
    if (isScalar(node)) return this.#scalar(node.value, node.type === "PLAIN", spot)
    return this.#empty(spot.start)
  }

  #scalar(value: unknown, plain: boolean, spot: Spot): ScalarNode {
    const known =
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null
        ? value
        : String(value)
    return { kind: "scalar", value: known, plain, ...spot, size: 1 }
  }

  #list(seq: YAMLSeq, spot: Spot, depth: number): ListNode {
    const items: Tree[] = []
    let size = 1
    for (const item of seq.items) {
      const tree = this.node(item as Node | null, spot.start, depth + 1)
      items.push(tree)
      size += tree.size
    }
    return { kind: "list", items, ...spot, size }
  }

  #map(map: YAMLMap, spot: Spot, depth: number): MapNode {
    const entries = new Map<string, Entry>()
    const merges: Tree[] = []
    let size = 1
    for (const pair of map.items as Pair<Node | null, Node | null>[]) {
      const key = this.#key(pair.key, spot)
      const value = this.node(pair.value, key.end, depth + 1)
      size += value.size
      if (key.name === undefined) continue
      if (key.merges) {
        merges.push(value)
        continue
      }
      const first = entries.get(key.name)
      if (first !== undefined) {
        const line = this.#source.position(first.start).line
        this.#say(key, {
          code: "duplicate_key",
          message: `The key ${shown(key.name)} stands twice in one map; the first is on line ${line}.`,
          advice: "keep one of them",
        })
        continue
      }
      entries.set(key.name, { name: key.name, value, source: key.source, start: key.start, end: key.end })
    }
    for (const merge of merges) size += this.#merge(entries, merge)
    return { kind: "map", entries, ...spot, size }
  }

  /** Keys are text, however they are written: `1`, `true` and `"1"` are what stands there. */
  #key(key: Node | null, map: Spot): Spot & { name: string | undefined; merges: boolean } {
    if (key === null) return { ...this.#empty(map.start), name: "", merges: false }
    const spot = this.#spot(key, map.start)
    if (isAlias(key)) {
      const target = this.#alias(key.source, spot)
      if (target.kind === "scalar") return { ...spot, name: String(target.value), merges: false }
    } else if (isScalar(key)) {
      const anchor = (key as { anchor?: string }).anchor
      const plain = key.type === "PLAIN"
      if (anchor !== undefined) this.#anchors.set(anchor, this.#scalar(key.value, plain, spot))
      const name = typeof key.value === "string" ? key.value : (key.source ?? String(key.value))
      return { ...spot, name, merges: plain && key.value === "<<" }
    }
    this.#say(spot, {
      code: "wrong_type",
      message: "A key is a map or a list.",
      advice: "write a plain text before the colon",
    })
    return { ...spot, name: undefined, merges: false }
  }

  /** Own keys win, then the maps in the order of the list. Returns what the merge adds to the size. */
  #merge(entries: Map<string, Entry>, from: Tree): number {
    const maps = from.kind === "list" ? from.items : [from]
    let size = 0
    for (const map of maps) {
      if (map.kind !== "map") {
        this.#say(map, {
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

  #alias(anchor: string, spot: Spot): Tree {
    const target = this.#anchors.get(anchor)
    if (target === undefined) {
      this.#say(spot, {
        code: "yaml_syntax",
        message: `No anchor ${shown(`&${anchor}`)} stands before the alias.`,
        advice: "define the anchor further up, or put a text that starts with * in quotes",
      })
      return this.#empty(spot.start)
    }
    if (target === null) {
      this.#refuse(spot, "The alias stands inside of the value that its anchor names.", "write the value out")
      return this.#empty(spot.start)
    }
    return this.#expand(target.size, spot) ? target : this.#empty(spot.start)
  }

  #expand(size: number, spot: Spot): boolean {
    this.#expansion += size
    if (this.#expansion <= MAX_EXPANSION) return true
    this.#refuse(
      spot,
      `Aliases and merge keys expand to more than ${MAX_EXPANSION} values.`,
      "write fewer aliases of aliases",
    )
    return false
  }

  #refuse(spot: Spot, message: string, advice: string): void {
    if (this.tooComplex) return
    this.tooComplex = true
    this.#say(spot, { code: "yaml_too_complex", message, advice })
  }

  #say(spot: Spot, finding: Finding): void {
    this.#findings.at(spot, finding)
  }

  #spot(node: Node, at: number): Spot {
    const [start, end] = node.range ?? [at, at]
    return { source: this.#source, start, end: Math.max(start, end) }
  }

  #empty(at: number): ScalarNode {
    return { kind: "scalar", value: null, plain: true, source: this.#source, start: at, end: at, size: 1 }
  }
}
