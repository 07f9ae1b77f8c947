/**
 * What a YAML document says, with the place of every key and value. Aliases and merge keys are resolved: a subtree that an
 * alias names is the same object in each of its places, so trees may be shared, but have no cycles.
 */
import type { Position } from "../model/position.ts"
import type { SourceText } from "./text.ts"

/** A piece of text: offsets in UTF-16 code units, the end exclusive. */
export interface Spot {
  readonly source: SourceText
  readonly start: number
  readonly end: number
  /** Remembered by `positionOf`. */
  at?: Position
}

export interface ScalarNode extends Spot {
  readonly kind: "scalar"
  readonly value: string | number | boolean | null
  /** Written without quotes, so that YAML guessed the type. */
  readonly plain: boolean
  readonly size: number
}

export interface ListNode extends Spot {
  readonly kind: "list"
  readonly items: readonly Tree[]
  readonly size: number
}

/** A key and its value; the spot is the key's. */
export interface Entry extends Spot {
  readonly name: string
  readonly value: Tree
}

export interface MapNode extends Spot {
  readonly kind: "map"
  readonly entries: Map<string, Entry>
  readonly size: number
}

export type Tree = ScalarNode | ListNode | MapNode

/** The position of a spot. */
export function positionOf(spot: Spot): Position {
  spot.at ??= spot.source.position(spot.start)
  return spot.at
}

/** The subtree below a path of keys. */
export function below(tree: Tree | undefined, ...keys: readonly string[]): Tree | undefined {
  let at = tree
  for (const key of keys) {
    if (at?.kind !== "map") return undefined
    at = at.entries.get(key)?.value
  }
  return at
}

/** The map below a path of keys. */
export function mapBelow(tree: Tree | undefined, ...keys: readonly string[]): MapNode | undefined {
  const found = below(tree, ...keys)
  return found?.kind === "map" ? found : undefined
}

/** Text as written, for spots that are one scalar or key. */
export function rawText(spot: Spot): string {
  return spot.source.text.slice(spot.start, spot.end)
}

export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain }

/**
 * The values alone. `__proto__` is a key like any other. What is looked up by keys that people choose goes through
 * `dictionary` first.
 */
export function toPlain(tree: Tree): Plain {
  switch (tree.kind) {
    case "scalar":
      return tree.value
    case "list":
      return tree.items.map(toPlain)
    case "map": {
      // An object without a prototype is slow to make; only this one key needs it.
      const out: { [key: string]: Plain } = tree.entries.has("__proto__") ? Object.create(null) : {}
      for (const [name, entry] of tree.entries) out[name] = toPlain(entry.value)
      return out
    }
  }
}

/** A map without a prototype: `constructor` is in it only if it was put there. */
export function dictionary<T>(map: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null), map)
}

/** `spec.dataDisks[0].url` from keys and indices. */
export function pathText(keys: readonly (string | number)[]): string {
  let out = ""
  for (const key of keys) {
    if (typeof key === "number") out += `[${key}]`
    else out += out === "" ? key : `.${key}`
  }
  return out
}
