/** The pure core: documents to what they ask for. Reads no file, prints nothing. */
import type { Desired } from "../model/desired.ts"
import type { Diagnostic } from "../model/diagnostic.ts"
import { compareText } from "../model/placement.ts"
import type { Stack } from "../model/stack.ts"
import { Findings } from "./findings.ts"
import type { ImageSpec } from "./manifest.gen.ts"
import { type Claim, Resolution, type Resolver, type StackPlace } from "./resolve.ts"
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
  const sorted = inOrder(files)
  const assembly = new Assembly(found)
  for (const file of sorted) {
    const documents = documentsOf(file, assembly.findings)
    let next = documents.next()
    for (; next.done !== true; next = documents.next()) assembly.add(next.value)
    assembly.endFile(next.value)
  }
  const { loaded } = assembly.finish(sorted[0]?.path)
  return { ...loaded, sources: new Map(sorted.map((f) => [f.path, f.text])) }
}

/** The Stack's own file first: what it says is needed for all others. */
export function inOrder(files: readonly ManifestText[]): ManifestText[] {
  return [...files].sort(
    (a, b) => Number(isStackFile(b)) - Number(isStackFile(a)) || compareText(a.path, b.path),
  )
}

/** What was assembled, and what a comparison with another set needs beside. */
export interface Assembled {
  readonly loaded: Omit<Loaded, "sources">
  /** What could be made of the manifests although something is wrong with them; it lacks parts. */
  readonly partial?: Desired
  /** Files in which something is wrong, whatever is shown of it. */
  readonly errorFiles: ReadonlySet<string>
  readonly stackPlace?: StackPlace
}

/** One set of manifests while it is read. */
export class Assembly {
  readonly findings: Findings = new Findings()
  readonly #resolution: Resolution
  /** False where a document could not be read: then nothing is said about what is missing. */
  #clear: boolean

  /** `resolver`: shared by those who are given the same documents. */
  constructor(found: readonly Diagnostic[], resolver?: Resolver) {
    for (const diagnostic of found) this.findings.add(diagnostic)
    this.#resolution = new Resolution(this.findings, resolver)
    this.#clear = !this.findings.hasErrors
  }

  add(document: Checked): void {
    this.#resolution.add(document)
  }

  /** `clear`: every document of the file could be told for what it is. */
  endFile(clear: boolean): void {
    if (!clear) this.#clear = false
  }

  /** `first`: the file to name where there is no Stack. */
  finish(first = "."): Assembled {
    const { findings } = this
    const resolution = this.#resolution
    const desired = resolution.finish()
    const at = desired?.stack.at ?? { file: first, line: 1, column: 1 }
    if (this.#clear && !resolution.hasStack) {
      findings.add({
        ...at,
        code: "no_stack",
        severity: "error",
        message: "There is no Stack manifest.",
        advice: "write `apiVersion: cvmimg/v1`, `kind: Stack` and `metadata: { name: … }` in cvmimg.yaml",
      })
    } else if (this.#clear && !resolution.hasImages) {
      findings.add({
        ...at,
        code: "no_manifests",
        severity: "warning",
        message: "The stack holds no Image manifest.",
        advice: "write one in a *.yaml file below the stack's directory",
      })
    }
    const { stack, defaults, stackPlace } = resolution
    return {
      loaded: {
        ...(findings.hasErrors || desired === undefined ? {} : { desired }),
        ...(stack === undefined ? {} : { stack }),
        ...(defaults === undefined ? {} : { defaults }),
        claims: resolution.claims(),
        diagnostics: findings.list(),
      },
      ...(desired === undefined ? {} : { partial: desired }),
      errorFiles: findings.errorFiles,
      ...(stackPlace === undefined ? {} : { stackPlace }),
    }
  }
}

function isStackFile({ path }: ManifestText): boolean {
  return path === "cvmimg.yaml" || path.endsWith("/cvmimg.yaml")
}
