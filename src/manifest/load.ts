/** Texts to what they ask for. Reads no file, prints nothing, throws on no text. */
import type { Diagnostic } from "../model/diagnostic.ts"
import { assemble, type Loaded, type ManifestText } from "./assemble.ts"
import { readDocuments } from "./documents.ts"

export type { Loaded, ManifestText } from "./assemble.ts"

/**
 * What the texts ask for, and everything that is wrong with them. The order of the files does not matter.
 * `found`: diagnostics of those who read the files; they count like others.
 */
export function loadText(files: readonly ManifestText[], found: readonly Diagnostic[] = []): Loaded {
  return assemble(files, found, readDocuments)
}
