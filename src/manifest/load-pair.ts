/** Two states of one stack, such as two commits. What stands in both is read once. */
import type { Diagnostic } from "../model/diagnostic.ts"
import { compareText } from "../model/placement.ts"
import { type Assembled, Assembly, inOrder, type ManifestText } from "./assemble.ts"
import { readDocuments } from "./documents.ts"
import { Findings } from "./findings.ts"
import { Resolver } from "./resolve.ts"

/** The files of one state, and the diagnostics of those who read them. */
export interface Side {
  readonly files: readonly ManifestText[]
  readonly found: readonly Diagnostic[]
}

export interface LoadedPair {
  readonly base: Assembled
  readonly head: Assembled
}

/**
 * What both states ask for. A file of the same path and text is parsed once; where the Stack is the same too, its
 * placements are the same objects on both sides, so that a comparison can pass over them.
 */
export function loadPair(base: Side, head: Side): LoadedPair {
  const resolver = new Resolver()
  const [before, after] = [new Assembly(base.found, resolver), new Assembly(head.found, resolver)]
  const [old, now] = [inOrder(base.files), inOrder(head.files)]
  const olds = new Map(old.map((file) => [file.path, file]))
  const nows = new Map(now.map((file) => [file.path, file]))
  // Both Stacks come first, whatever their files are called: the merged list keeps the order of each.
  for (const [was, is] of sideBySide(old, now, olds, nows)) {
    if (was !== undefined && is !== undefined && was.text === is.text && was.named === is.named) {
      readInto(is, [before, after])
      continue
    }
    if (was !== undefined) readInto(was, [before])
    if (is !== undefined) readInto(is, [after])
  }
  return { base: before.finish(old[0]?.path), head: after.finish(now[0]?.path) }
}

/** Reads one file, document by document, for everybody who wants it. */
function readInto(file: ManifestText, assemblies: readonly Assembly[]): void {
  const findings = new Findings()
  const documents = readDocuments(file, findings)
  let next = documents.next()
  for (; next.done !== true; next = documents.next()) for (const one of assemblies) one.add(next.value)
  for (const one of assemblies) {
    one.findings.addAll(findings)
    one.endFile(next.value)
  }
}

type Both = readonly [was: ManifestText | undefined, is: ManifestText | undefined]

function sideBySide(
  old: readonly ManifestText[],
  now: readonly ManifestText[],
  olds: ReadonlyMap<string, ManifestText>,
  nows: ReadonlyMap<string, ManifestText>,
): Both[] {
  const ranks = new Map([...old, ...now].map((file): [string, number] => [file.path, 1]))
  for (const list of [old, now]) if (list[0] !== undefined) ranks.set(list[0].path, 0)
  return Array.from(ranks.keys())
    .sort((a, b) => (ranks.get(a) ?? 1) - (ranks.get(b) ?? 1) || compareText(a, b))
    .map((path): Both => [olds.get(path), nows.get(path)])
}
