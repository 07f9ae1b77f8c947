/** One file's text to its documents, each checked against the schema of its kind. Throws on no text. */
import type { ManifestText } from "./assemble.ts"
import { Findings } from "./findings.ts"
import { classify } from "./kinds.ts"
import { type ParsedDocument, parseDocuments } from "./parse.ts"
import { type Checked, validateTree } from "./validate.ts"

/** Parses, tells apart and checks the documents of one file; what is wrong with them goes to `findings`. */
export function* readDocuments(file: ManifestText, findings: Findings): Generator<Checked, boolean, void> {
  const documents = parseDocuments(file.path, file.text)
  let foreign: ParsedDocument | undefined
  let filled = 0
  let clear = true
  for (const document of documents) {
    const { tree } = document
    if (tree === undefined || (tree.kind === "scalar" && tree.value === null)) {
      findings.addAll(document.findings)
      if (document.findings.hasErrors) {
        clear = false
        filled++
      }
      continue
    }
    filled++
    const own = new Findings()
    const { kind, ...rest } = classify(document, own)
    if (kind === "foreign" && file.named !== true) {
      foreign ??= document
      continue
    }
    findings.addAll(document.findings)
    findings.addAll(own)
    if (kind === "foreign") tellForeign(document, findings, "error")
    if (kind === "foreign" || kind === "broken" || !("tree" in rest)) clear = false
    else yield validateTree(kind, rest.tree, findings)
  }
  if (foreign !== undefined) tellForeign(foreign, findings, "notice")
  if (filled === 0) {
    findings.add({
      file: file.path,
      line: 1,
      column: 1,
      code: "empty_document",
      severity: "warning",
      message: "The file holds no document.",
    })
  }
  return clear
}

function tellForeign({ spot }: ParsedDocument, findings: Findings, severity: "error" | "notice"): void {
  findings.at(spot, {
    code: "unknown_kind",
    severity,
    message:
      severity === "error"
        ? "The document is not a manifest of cvmimg."
        : "The file is not a manifest of cvmimg and is passed over.",
    ...(severity === "error"
      ? { advice: "write `apiVersion: cvmimg/v1` and `kind: Stack`, `Image` or `Family`" }
      : {}),
  })
}
