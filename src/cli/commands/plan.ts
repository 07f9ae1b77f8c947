import { planFormats } from "../../report/formats.ts"
import { planExitCode } from "../exit.ts"
import type { Io } from "../io.ts"
import { parseOutputs, writeOutputs } from "../outputs.ts"
import { type PlanningOptions, planDirectory } from "../world.ts"

export interface PlanCommandOptions extends PlanningOptions {
  readonly output: readonly string[]
  readonly detailedExitcode?: boolean
}

/** Shows what an apply would do; calls nothing that changes the cloud. */
export async function planCommand(io: Io, dir: string, options: PlanCommandOptions): Promise<number> {
  const requests = parseOutputs(options.output, Object.keys(planFormats))
  const planned = await planDirectory(io, dir, options, { mayWrite: false })
  if (typeof planned === "number") return planned
  planned.cloud.close()
  const renderers = Object.fromEntries(
    Object.entries(planFormats).map(([name, render]) => [
      name,
      (to: { readonly color: boolean; readonly width: number }) => render(planned.plan, to),
    ]),
  )
  writeOutputs(io, requests, renderers)
  return planExitCode(planned.plan, options.detailedExitcode === true)
}
