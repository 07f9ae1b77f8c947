/** The pure core: documents to what they ask for. Reads no file, prints nothing. */
import type { Desired } from "../model/desired.ts"
import type { Diagnostic } from "../model/diagnostic.ts"
import { compareText } from "../model/placement.ts"
import type { Stack } from "../model/stack.ts"
import { Findings } from "./findings.ts"
import type { ImageSpec } from "./manifest.gen.ts"
import { type Claim, Resolution } from "./resolve.ts"
import type { Checked } from "./validate.ts"

/** A file of manifests. */
export interface ManifestText {
  /** As positions name it: relative to the working directory with forward slashes, or `<stdin>`. */
  readonly path: string
  readonly text: string
  /** Named by the user or the stack's own file: it must hold manifests. Else other YAML is passed over with a notice. */
  readonly named?: boolean
}

export interface Loaded {
  /** What the manifests ask for; only where no diagnostic is an error. */
  readonly desired?: Desired
  /** The Stack as far as it can be told, whatever is wrong with other manifests. */
  readonly stack?: Stack
  /** Regions of images that name none, from the stack's defaults, and what else those say of every image. */
  readonly defaults?: ImageSpec
  /** What the Images ask for, those with errors included. Sorted. */
  readonly claims: readonly Claim[]
  /** Sorted by file, line and column. */
  readonly diagnostics: readonly Diagnostic[]
  /** The text of every file that was read, by its path, for excerpts. */
  readonly sources: ReadonlyMap<string, string>
}

/** The documents of one file, each when it is asked for; in the end false where one could not be told for what it is. */
export type DocumentsOf = (file: ManifestText, findings: Findings) => Generator<Checked, boolean, void>

/** What the documents of all files ask for; `found` counts like what is found. */
export function assemble(
  files: readonly ManifestText[],
  found: readonly Diagnostic[],
  documentsOf: DocumentsOf,
): Loaded {
  const findings = new Findings()
  for (const diagnostic of found) findings.add(diagnostic)
  // The Stack's own file first: what it says is needed for all others.
  const sorted = [...files].sort(
    (a, b) => Number(isStackFile(b)) - Number(isStackFile(a)) || compareText(a.path, b.path),
  )
  const resolution = new Resolution(findings)
  // Where a document could not be read, nothing is said about what is missing.
  let clear = !findings.hasErrors
  for (const file of sorted) {
    const documents = documentsOf(file, findings)
    let next = documents.next()
    for (; next.done !== true; next = documents.next()) resolution.add(next.value)
    if (!next.value) clear = false
  }
  const desired = resolution.finish()
  const at = desired?.stack.at ?? { file: sorted[0]?.path ?? ".", line: 1, column: 1 }
  if (clear && !resolution.hasStack) {
    findings.add({
      ...at,
      code: "no_stack",
      severity: "error",
      message: "There is no Stack manifest.",
      advice: "write `apiVersion: cvmimg/v1`, `kind: Stack` and `metadata: { name: … }` in cvmimg.yaml",
    })
  } else if (clear && !resolution.hasImages) {
    findings.add({
      ...at,
      code: "no_manifests",
      severity: "warning",
      message: "The stack holds no Image manifest.",
      advice: "write one in a *.yaml file below the stack's directory",
    })
  }
  const { stack, defaults } = resolution
  return {
    ...(findings.hasErrors || desired === undefined ? {} : { desired }),
    ...(stack === undefined ? {} : { stack }),
    ...(defaults === undefined ? {} : { defaults }),
    claims: resolution.claims(),
    diagnostics: findings.list(),
    sources: new Map(sorted.map((f) => [f.path, f.text])),
  }
}

function isStackFile({ path }: ManifestText): boolean {
  return path === "cvmimg.yaml" || path.endsWith("/cvmimg.yaml")
}
