/** An Image manifest with the stack's defaults merged under it, and where each of its values is written. */
import type { ImageManifest, ImageMetadata, ImageSpec } from "./manifest.gen.ts"
import { mergeMaps } from "./merge.ts"
import type { StackContext } from "./resolve-stack.ts"
import { below, type MapNode, mapBelow, type Spot, type Tree, toPlain } from "./tree.ts"
import type { Checked } from "./validate.ts"

/** An Image with everything that its checks need. */
export interface ImageDraft {
  readonly name: string
  readonly nameSpot: Spot
  readonly formerNames: readonly string[]
  readonly match: "name" | "family"
  readonly family: string | undefined
  /** The effective spec: defaults and own values, with their places. */
  readonly merged: MapNode
  readonly spec: ImageSpec
  readonly checked: Checked
  readonly context: StackContext
}

/** The defaults of the stack merged under an Image. */
export function draftOf(checked: Checked, context: StackContext): ImageDraft {
  const { tree } = checked
  const manifest = checked.value as Partial<ImageManifest>
  const metadata: Partial<ImageMetadata> = manifest.metadata ?? {}
  const own = mapBelow(tree, "spec") ?? emptyMap(tree)
  const merged = context.defaults === undefined ? own : mergeMaps(context.defaults, own)
  const spec = toPlain(merged) as ImageSpec
  return {
    name: metadata.name ?? "",
    nameSpot: below(tree, "metadata", "name") ?? tree,
    formerNames: metadata.formerNames ?? [],
    match: spec.match ?? "name",
    family: spec.family,
    merged,
    spec,
    checked,
    context,
  }
}

function emptyMap(tree: MapNode): MapNode {
  return { kind: "map", entries: new Map(), source: tree.source, start: tree.start, end: tree.start, size: 1 }
}

/** Whether the value at a path below `spec` was wrong, in the Image or in the defaults: then it is not missing. */
export function isBroken({ checked, context }: ImageDraft, path: string): boolean {
  return covers(checked.broken, "spec", path) || covers(context.broken, "spec.defaults", path)
}

function covers(broken: ReadonlySet<string>, prefix: string, path: string): boolean {
  if (broken.size === 0) return false
  if (broken.has("") || broken.has("spec") || broken.has(prefix)) return true
  let at = prefix
  for (const part of path.split(".")) {
    at += `.${part}`
    if (broken.has(at)) return true
  }
  return false
}

/** The path of a value of the spec in the document that holds it. */
export function pathIn({ context }: ImageDraft, node: Spot, path: string): string {
  const defaults = context.defaults
  const inherited =
    defaults !== undefined &&
    node.source === defaults.source &&
    node.start >= defaults.start &&
    node.end <= defaults.end
  return inherited ? `spec.defaults.${path}` : `spec.${path}`
}

/** Where a value of the spec is written, else where the spec is. */
export function spotOf(draft: ImageDraft, ...keys: readonly string[]): Tree {
  return below(draft.merged, ...keys) ?? draft.merged
}
