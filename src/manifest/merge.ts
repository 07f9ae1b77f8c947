import type { Position } from "../model/position.ts"
import { type Entry, type MapNode, positionOf, type Tree } from "./tree.ts"

/** `over` merged onto `under`: maps key by key at every depth, all else is replaced. Places stay those of the text. */
export function mergeMaps(under: MapNode, over: MapNode): MapNode {
  const entries = new Map<string, Entry>(over.entries)
  for (const [name, entry] of under.entries) {
    const own = entries.get(name)
    if (own === undefined) entries.set(name, entry)
    else if (own.value.kind === "map" && entry.value.kind === "map") {
      entries.set(name, { ...own, value: mergeMaps(entry.value, own.value) })
    }
  }
  return { ...over, entries }
}

/** Where each value of the tree stands, by its path; lists count as one value. */
export function originsOf(tree: Tree | undefined): Record<string, Position> {
  // Keys are those of the schema or have a dot in them: none can be that of a prototype.
  const out: Record<string, Position> = {}
  const walk = (node: Tree, path: string): void => {
    if (node.kind !== "map") {
      out[path] = positionOf(node)
      return
    }
    for (const [name, entry] of node.entries) walk(entry.value, path === "" ? name : `${path}.${name}`)
  }
  if (tree !== undefined) walk(tree, "")
  return out
}
