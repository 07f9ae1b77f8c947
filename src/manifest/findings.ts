import type { Diagnostic, DiagnosticCode, Severity } from "../model/diagnostic.ts"
import { compareText } from "../model/placement.ts"
import { positionOf, type Spot } from "./tree.ts"

export interface Finding {
  readonly code: DiagnosticCode
  readonly severity?: Severity
  readonly message: string
  readonly advice?: string
  readonly path?: string
}

/** Shown in one run; the others are counted. */
export const MAX_SHOWN = 1_000
const MAX_KEPT = 20_000

/** Collects diagnostics: each place and code once, in the order of the text. */
export class Findings {
  readonly #kept = new Map<string, Diagnostic>()
  readonly #errorFiles = new Set<string>()
  #errors = 0
  #lost = 0

  /** Says something about a piece of text. The same code at the same place is said once. */
  at(spot: Spot, finding: Finding): void {
    const start = positionOf(spot)
    if (spot.end > spot.start) {
      const end = spot.source.position(spot.end)
      this.add({ ...start, severity: "error", ...finding, endLine: end.line, endColumn: end.column })
    } else {
      this.add({ ...start, severity: "error", ...finding })
    }
  }

  add(diagnostic: Diagnostic): void {
    const { file, line, column, code, path = "" } = diagnostic
    const key = `${file}\u0000${line}\u0000${column}\u0000${code}\u0000${path}`
    if (this.#kept.has(key)) return
    if (diagnostic.severity === "error") {
      this.#errors++
      this.#errorFiles.add(file)
    }
    if (this.#kept.size >= MAX_KEPT) this.#lost++
    else this.#kept.set(key, diagnostic)
  }

  /** Counts errors that are not looked at one by one. */
  addUnseen(errors: number): void {
    this.#errors += errors
    this.#lost += errors
  }

  /** Takes over everything that another one holds. */
  addAll(other: Findings): void {
    for (const diagnostic of other.#kept.values()) this.add(diagnostic)
    for (const file of other.#errorFiles) this.#errorFiles.add(file)
    this.addUnseen(other.#lost)
  }

  /** Files with an error, also where it is not among those that are kept. */
  get errorFiles(): ReadonlySet<string> {
    return this.#errorFiles
  }

  get isEmpty(): boolean {
    return this.#kept.size === 0 && this.#lost === 0
  }

  get hasErrors(): boolean {
    return this.#errors > 0
  }

  /** Sorted by file, line and column; at most `MAX_SHOWN`, and one more that counts the rest. */
  list(): Diagnostic[] {
    const all = [...this.#kept.values()].sort(compareDiagnostics)
    const rest = all.length - MAX_SHOWN + this.#lost
    const first = all[0]
    if (rest <= 0 || first === undefined) return all
    const shown = all.slice(0, MAX_SHOWN)
    const last = shown.at(-1) ?? first
    shown.push({
      file: last.file,
      line: last.line,
      column: last.column,
      code: "too_many",
      severity: this.hasErrors ? "error" : "notice",
      message: `${rest} more ${rest === 1 ? "diagnostic is" : "diagnostics are"} not shown.`,
      advice: "mend those above and validate again",
    })
    return shown
  }
}

export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    compareText(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    compareText(a.code, b.code) ||
    compareText(a.path ?? "", b.path ?? "")
  )
}
