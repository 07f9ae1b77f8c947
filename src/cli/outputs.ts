/** `-o FORMAT[=FILE]`: any number of formats from one value, to files or standard output. */
import { terminalText } from "../report/escape.ts"
import { EXIT, UnusableFile, UsageError } from "./exit.ts"
import { writeAllOf, writeNamed } from "./files.ts"
import type { Io, Output } from "./io.ts"

export interface OutputRequest {
  readonly format: string
  /** Absent: standard output. */
  readonly file?: string
}

/** What a text is written to. */
interface Look {
  readonly color: boolean
  readonly width: number
}

/** How a value is written in each format. */
export type Renderers = Readonly<Record<string, (to: Look) => string>>

/**
 * How a value will be written in the formats that are asked for. They are loaded here, before the work: what ends after
 * hours must not miss a file that an update of the package took away.
 */
export async function loadRenderers<T>(
  formats: Readonly<Record<string, () => Promise<(value: T, to: Look) => string>>>,
  requests: readonly OutputRequest[],
): Promise<(value: T) => Renderers> {
  const loaded: [string, (value: T, to: Look) => string][] = []
  for (const { format } of requests) {
    const load = formats[format]
    if (load !== undefined) loaded.push([format, await load()])
  }
  return (value) => Object.fromEntries(loaded.map(([format, render]) => [format, (to) => render(value, to)]))
}

/** Parses one `-o`; throws UsageError for a format that does not exist. */
export function parseOutput(text: string, formats: readonly string[]): OutputRequest {
  const at = text.indexOf("=")
  const format = at < 0 ? text : text.slice(0, at)
  const file = at < 0 ? undefined : text.slice(at + 1)
  if (!formats.includes(format)) {
    throw new UsageError(`unknown output format '${format}'; choose one of ${formats.join(", ")}`)
  }
  if (file === "") throw new UsageError(`-o ${format}= needs a file name`)
  return file === undefined ? { format } : { format, file }
}

/**
 * What goes to standard output: `text`, unless a format without a file is asked for, then that one alone. Two formats
 * on one stream would make neither readable.
 */
export function parseOutputs(texts: readonly string[], formats: readonly string[]): OutputRequest[] {
  const requests = texts.map((text) => parseOutput(text, formats))
  const onStdout = requests.filter((r) => r.file === undefined)
  if (onStdout.length > 1) {
    throw new UsageError(
      `only one -o can go to standard output; give the others a file, as in -o ${onStdout[1]?.format}=FILE`,
    )
  }
  return onStdout.length === 0 ? [{ format: "text" }, ...requests] : requests
}

/**
 * Writes every request. Files get no colour and the width of a log. Throws UnusableFile for those that cannot be
 * written, when all others are.
 */
export function writeOutputs(io: Io, requests: readonly OutputRequest[], renderers: Renderers): void {
  writeAllOf(
    requests.map(({ format, file }) => () => {
      const render = renderers[format]
      if (render === undefined) throw new UsageError(`unknown output format '${format}'`)
      if (file === undefined) io.stdout.write(render(look(io.stdout)))
      else writeNamed(io, file, render({ color: false, width: 120 }))
    }),
  )
}

/**
 * The same at the end of a run that has an exit code by then: what cannot be written is told and does not take the
 * code's place, unless that says that all went well.
 */
export function writeResults(
  io: Io,
  requests: readonly OutputRequest[],
  renderers: Renderers,
  code: number,
): number {
  try {
    writeOutputs(io, requests, renderers)
    return code
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error
    io.stderr.write(`cvmimg: ${terminalText(error.message)}\n`)
    return code === EXIT.done || code === EXIT.changes ? EXIT.failed : code
  }
}

function look(output: Output): Look {
  return { color: output.color, width: output.width }
}
