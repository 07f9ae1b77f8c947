import { Composer, type Document, Parser, Schema, type YAMLParseError, type YAMLWarning } from "yaml"
import { composeTree } from "./compose.ts"
import { Findings } from "./findings.ts"
import { checkHidden } from "./hidden.ts"
import { type SourceText, sourceText } from "./text.ts"
import type { Spot, Tree } from "./tree.ts"
import { withoutSecrets } from "./words.ts"

/** One YAML document. */
export interface ParsedDocument {
  readonly source: SourceText
  /** Where it starts. */
  readonly spot: Spot
  /** None: the document is empty, or what is wrong with it is among the findings. */
  readonly tree: Tree | undefined
  /** What is wrong with the text itself; nothing further can be said where it has errors. */
  readonly findings: Findings
}

/** Documents in one file. */
export const MAX_DOCUMENTS = 50_000
const MAX_SYNTAX_ERRORS = 5

// One schema for all documents: it saves the time of making one for each, and keeps a %YAML 1.1 line from changing
// what `no` and `<<` mean.
const CORE = new Schema({ schema: "core", resolveKnownTags: false })

/** The documents of a file, in order, each read when it is asked for. Never throws, whatever the text is. */
export function* parseDocuments(path: string, raw: string): Generator<ParsedDocument, void, undefined> {
  const source = sourceText(path, raw)
  let count = 0
  const composer = new Composer({
    schema: CORE,
    uniqueKeys: false,
    logLevel: "error",
    prettyErrors: false,
    keepSourceTokens: false,
  })
  try {
    for (const doc of composer.compose(new Parser().parse(source.text))) {
      if (++count > MAX_DOCUMENTS) {
        yield refused(source, doc.range[0], "too_many", `The file has more than ${MAX_DOCUMENTS} documents.`)
        return
      }
      yield documentOf(doc, source)
    }
  } catch (error) {
    // No text is known on which the parser fails but by its depth.
    const deep = error instanceof RangeError
    const message = deep ? "The nesting is too deep to be read." : "The parser cannot make sense of the text."
    yield refused(source, 0, deep ? "yaml_too_complex" : "yaml_syntax", message)
  }
}

function documentOf(doc: Document.Parsed, source: SourceText): ParsedDocument {
  const findings = new Findings()
  const start = (doc.contents as { range?: readonly number[] } | null)?.range?.[0] ?? doc.range[0]
  const spot = { source, start, end: start }
  // A tag that is not known leaves the rest as readable as before; other errors do not.
  const tags = [...doc.errors, ...doc.warnings].filter((e) => e.code === "TAG_RESOLVE_FAILED")
  const errors = doc.errors.filter((e) => e.code !== "TAG_RESOLVE_FAILED")
  const warnings = doc.warnings.filter((e) => e.code !== "TAG_RESOLVE_FAILED")
  if (errors.length > 0) {
    tellErrors(errors, source, findings)
    return { source, spot, tree: undefined, findings }
  }
  for (const tag of tags) {
    findings.at(spotOf(tag, source), { code: "yaml_tag", message: sentence(tag.message), advice: TAG_ADVICE })
  }
  for (const warning of warnings) {
    const message = sentence(warning.message)
    findings.at(spotOf(warning, source), { code: "yaml_syntax", severity: "warning", message })
  }
  const tree = composeTree(doc, source, findings)
  checkHidden(tree, source, doc.range[0], doc.range[2], findings)
  return { source, spot, tree, findings }
}

function tellErrors(errors: readonly YAMLParseError[], source: SourceText, findings: Findings): void {
  const deep = errors.find((e) => e.code === "RESOURCE_EXHAUSTION")
  if (deep !== undefined) {
    findings.at(spotOf(deep, source), {
      code: "yaml_too_complex",
      message: "The nesting is too deep to be read.",
      advice: "flatten the document",
    })
    return
  }
  // One slip makes a parser stumble on and on: the first error of a line is the one to mend.
  const lines = new Set<number>()
  for (const error of errors) {
    const spot = spotOf(error, source)
    const { line } = source.position(spot.start)
    if (lines.has(line)) continue
    if (lines.size === MAX_SYNTAX_ERRORS) break
    lines.add(line)
    const advice = ADVICE[error.code]
    findings.at(spot, {
      code: "yaml_syntax",
      message: sentence(error.message),
      ...(advice === undefined ? {} : { advice }),
    })
  }
}

const ADVICE: Partial<Record<YAMLParseError["code"], string>> = {
  TAB_AS_INDENT: "indent with spaces",
  BAD_INDENT: "indent the lines of one map or list by the same number of spaces",
  BLOCK_AS_IMPLICIT_KEY: 'put a text that holds ": " in quotes',
  MULTILINE_IMPLICIT_KEY: "a key needs a colon and a space after it, on one line",
  BAD_SCALAR_START: "put the text in quotes",
  BAD_DQ_ESCAPE: "use single quotes where a backslash is meant as such",
  MISSING_CHAR: "close the quotes or brackets, or add what is missing",
  UNEXPECTED_TOKEN: "check the indentation, and quotes and brackets that are open above",
}
const TAG_ADVICE = "remove the tag, or put a text that starts with ! in quotes"

function sentence(message: string): string {
  const line = withoutSecrets(message.split("\n", 1)[0] ?? "").slice(0, 200)
  return /[.!?…]$/u.test(line) ? line : `${line}.`
}

function spotOf(error: YAMLParseError | YAMLWarning, source: SourceText): Spot {
  const start = Math.max(0, error.pos[0])
  return { source, start, end: Math.max(start, error.pos[1]) }
}

function refused(
  source: SourceText,
  start: number,
  code: "too_many" | "yaml_too_complex" | "yaml_syntax",
  message: string,
): ParsedDocument {
  const spot = { source, start, end: start }
  const findings = new Findings()
  findings.at(spot, { code, message, advice: "split the file" })
  return { source, spot, tree: undefined, findings }
}
