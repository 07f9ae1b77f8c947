import type { Declare } from "./declare.ts"
import { DIRECTORY, ENDPOINT, type OutputOptions, output } from "./options.ts"

export const status: Declare = (program, { io, finish }) => {
  output(program.command("status"), "text or json")
    .summary("show what is under way")
    .description(
      "Shows which imports of the stack are under way, since when, and of which nobody knows. Only reads.",
    )
    .argument("[dir]", DIRECTORY, ".")
    .option("--endpoint <url>", ENDPOINT)
    .action(async (dir: string, options: OutputOptions) => {
      const { statusCommand } = await import("../commands/status.ts")
      finish(await statusCommand(io, dir, options))
    })
}
