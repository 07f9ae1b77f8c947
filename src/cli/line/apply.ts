import type { Declare } from "./declare.ts"
import { APPLY_FORMATS, type OutputOptions, output, planning } from "./options.ts"

export const apply: Declare = (program, { io, finish, failed }) => {
  planning(output(program.command("apply"), APPLY_FORMATS))
    .summary("carry a plan out")
    .description(
      "Plans, asks, rehearses every import with the API's own DryRun, imports, waits until each image is NORMAL.",
    )
    .option("--plan <file>", "carry out only what this approval set holds (of plan --out)")
    .option("-y, --yes", "do not ask")
    .option("--no-wait", "end when every import is accepted; wait, or the next apply, goes on from there")
    .option("--keep-going", "import what can be imported even if a check or a rehearsal failed")
    .option("--log-format <format>", "standard error as text, or as json: one event a line", "text")
    .action(async (dir: string, options: OutputOptions & { readonly logFormat: string }) => {
      const { applyCommand } = await import("../commands/apply.ts")
      const { withJsonLog } = await import("../events.ts")
      const told = options.logFormat === "json" ? withJsonLog(io) : io
      finish(await applyCommand(io, dir, options).catch((error: unknown) => failed(told, error)))
    })
}
