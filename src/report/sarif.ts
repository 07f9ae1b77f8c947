/** SARIF 2.1.0 for code scanning: one run of rules, and results on the lines of manifests. */
import type { Position } from "../model/position.ts"
import { terminalText } from "./escape.ts"
import { jsonText } from "./json.ts"
import type { Level } from "./plan-severity.ts"

export interface SarifRule {
  readonly id: string
  readonly text: string
  readonly level: Level
}

export interface SarifResult {
  readonly ruleId: string
  readonly level: Level
  /** Empty ones are left out. */
  readonly lines: readonly string[]
  readonly at: Position | undefined
  /** Under which name the result is known again, and by what. */
  readonly fingerprint: readonly [name: string, key: string]
  /** Against an earlier state, where there is one to compare with. */
  readonly baseline?: "new" | "unchanged"
}

/** A run in the shape of the official schema, a newline at the end. `kind`: `plan`. */
export function sarifText(
  kind: string,
  stack: string,
  rules: readonly SarifRule[],
  results: readonly SarifResult[],
): string {
  const indices = new Map(rules.map(({ id }, i) => [id, i]))
  return jsonText({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "cvmimg", rules: rules.map(ruleShape) } },
        automationDetails: { id: `cvmimg/${kind}/${encodeURIComponent(terminalText(stack))}/` },
        columnKind: "utf16CodeUnits",
        results: results.map((result) => resultShape(result, indices.get(result.ruleId) ?? -1)),
      },
    ],
  })
}

/** A phrase as a sentence. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function ruleShape({ id, text, level }: SarifRule): object {
  const name = id.replace(/(?:^|[/_])(\w)/g, (_, letter: string) => letter.toUpperCase())
  return {
    id,
    name,
    shortDescription: { text },
    fullDescription: { text },
    help: { text },
    defaultConfiguration: { level },
  }
}

function resultShape(
  { ruleId, level, lines, at, fingerprint, baseline }: SarifResult,
  ruleIndex: number,
): object {
  const text = lines
    .filter((line) => line !== "")
    .map(messageText)
    .join("\n")
  const [name, key] = fingerprint
  return {
    ruleId,
    ruleIndex,
    level,
    message: { text },
    locations: at === undefined || at.file === "<stdin>" ? [] : [locationShape(at)],
    partialFingerprints: { [name]: key, primaryLocationLineHash: `${key}:1` },
    baselineState: baseline,
  }
}

function locationShape({ file, line, column }: Position): object {
  const uri = terminalText(file).split("/").map(encodeURIComponent).join("/")
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: column } } }
}

/** The one door of foreign text: brackets would be links to places. */
function messageText(text: string): string {
  return terminalText(text).replace(/[\\[\]]/g, "\\$&")
}
