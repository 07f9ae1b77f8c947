/** Diagnostics of manifests: for people (the offending line with a mark), as JSON, and as annotations of GitHub. */
import type { Diagnostic, Severity } from "../model/diagnostic.ts"
import { commandData, commandProperty } from "./escape-github.ts"
import { excerptOf } from "./excerpt.ts"
import { hang } from "./fit.ts"
import { jsonText } from "./json.ts"
import { gap, type Line, paint, paper, span, type TextOptions, type Tone, textWidth } from "./line.ts"

const TONES: Readonly<Record<Severity, Tone>> = { error: "alarm", warning: "change", notice: "wait" }
const SEVERITIES = ["error", "warning", "notice"] as const

/**
 * Each diagnostic with its code, place, offending line and advice, and a last line with the numbers; nothing where there
 * is none. `sources`: the text of the files, by the name that positions use.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: TextOptions,
): string {
  if (diagnostics.length === 0) return ""
  const { width } = paper(options)
  const files = new Files(sources)
  const lines: Line[] = []
  for (const diagnostic of diagnostics) lines.push(...block(diagnostic, files, width), [])
  const counts = SEVERITIES.map((s) => count(diagnostics.filter((d) => d.severity === s).length, s)).filter(
    (c) => c !== "",
  )
  lines.push([span(`${counts.join(", ")}.`, "bold")])
  return paint(lines, options.color)
}

function count(n: number, noun: string): string {
  return n === 0 ? "" : `${n} ${noun}${n === 1 ? "" : "s"}`
}

function block(d: Diagnostic, files: Files, width: number): Line[] {
  const tone = TONES[d.severity]
  const head: Line = [span(`${d.severity}[${d.code}]`, tone), span(": ")]
  const number = String(d.line)
  const side = gap(number.length)
  const bar = span("|", "dim")
  const lines: Line[] = [
    ...hang(head, [span(d.message, "bold")], width).map((line, i) => (i === 0 ? line : unhang(line, 2))),
    ...hang([side, span("--> ", "dim")], [span(`${d.file}:${d.line}:${d.column}`)], width),
  ]
  const text = files.line(d.file, d.line)
  if (text !== undefined && text.trim() !== "") {
    const end =
      d.endLine === d.line ? (d.endColumn ?? d.column) : d.endLine === undefined ? d.column : text.length + 1
    const excerpt = excerptOf(text, d.column, end, width - number.length - 3, textWidth)
    lines.push(
      [gap(number.length + 1), bar],
      [span(number, "dim"), gap(1), bar, gap(1), span(excerpt.text)],
      [gap(number.length + 1), bar, gap(1 + excerpt.indent), span("^".repeat(excerpt.mark), tone)],
    )
  }
  if (d.advice !== undefined)
    lines.push(...hang([gap(number.length + 1), span("= ", "dim")], [span(d.advice)], width))
  return lines
}

/** A long message goes on below its own beginning, not below its end. */
function unhang(line: Line, indent: number): Line {
  return [gap(indent), ...line.slice(1)]
}

/** Lines of files, split once. */
class Files {
  readonly #sources: ReadonlyMap<string, string>
  readonly #lines = new Map<string, readonly string[]>()

  constructor(sources: ReadonlyMap<string, string>) {
    this.#sources = sources
  }

  line(file: string, number: number): string | undefined {
    let lines = this.#lines.get(file)
    if (lines === undefined) {
      const text = this.#sources.get(file)
      // A byte order mark is in the text but not in its columns.
      lines = text === undefined ? [] : text.replace(/^\ufeff/, "").split("\n")
      this.#lines.set(file, lines)
    }
    const line = lines[number - 1]
    return line?.endsWith("\r") === true ? line.slice(0, -1) : line
  }
}

/** The shape of `schemas/validate.schema.json`. */
export function renderDiagnosticsJson(diagnostics: readonly Diagnostic[]): string {
  const valid = diagnostics.every((d) => d.severity !== "error")
  return jsonText({
    formatVersion: 1,
    valid,
    diagnostics: diagnostics.map(
      ({ code, severity, message, file, line, column, advice, endLine, endColumn, path }) => ({
        code,
        severity,
        message,
        file,
        line,
        column,
        advice,
        endLine,
        endColumn,
        path: path === "" ? undefined : path,
      }),
    ),
  })
}

/** One workflow command a line, which GitHub shows at the line of the file. No text can begin another command. */
export function renderDiagnosticsGithub(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map((d) => {
      const properties = [
        `file=${commandProperty(d.file)}`,
        `line=${d.line}`,
        ...(d.endLine === undefined ? [] : [`endLine=${d.endLine}`]),
        `col=${d.column}`,
        ...(d.endColumn === undefined ? [] : [`endColumn=${d.endColumn}`]),
        `title=${commandProperty(d.code)}`,
      ]
      const message = d.advice === undefined ? d.message : `${d.message}\n${d.advice}`
      return `::${d.severity} ${properties.join(",")}::${commandData(message)}\n`
    })
    .join("")
}
