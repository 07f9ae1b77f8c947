import {
  renderDiagnostics,
  renderDiagnosticsGithub,
  renderDiagnosticsJson,
} from "../../report/diagnostics.ts"
import { EXIT } from "../exit.ts"
import type { Io } from "../io.ts"
import { load } from "../load.ts"
import { parseOutputs, type Renderers, writeOutputs } from "../outputs.ts"

export interface ValidateOptions {
  readonly output: readonly string[]
}

/** Checks manifests: no network, no credentials. */
export async function validate(io: Io, paths: readonly string[], options: ValidateOptions): Promise<number> {
  const requests = parseOutputs(options.output, ["text", "json", "github"])
  const { diagnostics, sources, desired } = await load(io, paths)
  const renderers: Renderers = {
    text: (to) => {
      const images = new Set(desired?.placements.map((p) => p.image)).size
      const verdict =
        desired === undefined
          ? ""
          : `Valid: ${count(images, "image")} in ${count(desired.placements.length, "placement")}.\n`
      return renderDiagnostics(diagnostics, sources, to) + verdict
    },
    json: () => renderDiagnosticsJson(diagnostics),
    github: () => renderDiagnosticsGithub(diagnostics),
  }
  writeOutputs(io, requests, renderers)
  return diagnostics.some((d) => d.severity === "error") ? EXIT.failed : EXIT.done
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`
}
