import type { DriftReport } from "../../model/drift.ts"
import { driftFormats } from "../../report/formats.ts"
import { driftExitCode, type LookOptions, lookForDrift } from "../drift.ts"
import { type DriftEnd, type DriftHooks, type DriftServiceOptions, driftService } from "../drift-service.ts"
import { writeDriftState } from "../drift-state.ts"
import type { Io } from "../io.ts"
import { loadRenderers, type OutputRequest, parseOutputs, type Renderers, writeResults } from "../outputs.ts"

export interface DriftCommandOptions extends LookOptions, DriftServiceOptions {
  readonly output: readonly string[]
}

/** Says how the cloud and the manifests stand to each other, once or again and again; changes nothing. */
export async function driftCommand(io: Io, dir: string, options: DriftCommandOptions): Promise<number> {
  const requests = parseOutputs(options.output, Object.keys(driftFormats))
  const renderers = await loadRenderers(driftFormats, requests)
  return driftService(io, options, (own, hooks) =>
    driftOnce(own, dir, { options, requests, renderers, hooks }),
  )
}

interface Once {
  readonly options: DriftCommandOptions
  readonly requests: readonly OutputRequest[]
  readonly renderers: (report: DriftReport) => Renderers
  readonly hooks: DriftHooks
}

async function driftOnce(
  io: Io,
  dir: string,
  { options, requests, renderers, hooks }: Once,
): Promise<DriftEnd> {
  const look = await lookForDrift(io, dir, options, { onRequest: hooks.onRequest })
  if (typeof look === "number") return { code: look }
  const { report, after } = look
  const code = writeResults(io, requests, renderers(report), driftExitCode(report))
  if (options.state !== undefined) {
    // Before anybody is told: a file that cannot be written would let everybody be told again and again.
    writeDriftState(io, options.state, after)
    const before = after.told ?? {}
    const told = await hooks.tell(report, before)
    if (told !== before) writeDriftState(io, options.state, { ...after, told })
  }
  return { code, stack: report.stack, report }
}
