import { driftFormats } from "../../report/formats.ts"
import { driftExitCode, type LookOptions, lookForDrift } from "../drift.ts"
import { writeDriftState } from "../drift-state.ts"
import type { Io } from "../io.ts"
import { parseOutputs, renderersOf, writeOutputs } from "../outputs.ts"

export interface DriftCommandOptions extends LookOptions {
  readonly output: readonly string[]
}

/** Says how the cloud and the manifests stand to each other; changes nothing. */
export async function driftCommand(io: Io, dir: string, options: DriftCommandOptions): Promise<number> {
  const requests = parseOutputs(options.output, Object.keys(driftFormats))
  const look = await lookForDrift(io, dir, options)
  if (typeof look === "number") return look
  const { report, after } = look
  writeOutputs(io, requests, renderersOf(driftFormats, report))
  if (options.state !== undefined) writeDriftState(io, options.state, after)
  return driftExitCode(report)
}
