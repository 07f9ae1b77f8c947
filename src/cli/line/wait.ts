import type { Declare } from "./declare.ts"
import { APPLY_FORMATS, DIRECTORY, ENDPOINT, type OutputOptions, output } from "./options.ts"

export const wait: Declare = (program, { io, finish, failed }) => {
  output(program.command("wait"), APPLY_FORMATS)
    .summary("go on with what an apply left under way")
    .description(
      "Waits for the stack's imports that are under way, and carries out what comes after them. Imports nothing.",
    )
    .argument("[dir]", DIRECTORY, ".")
    .option("--endpoint <url>", ENDPOINT)
    .option("--log-format <format>", "standard error as text, or as json: one event a line", "text")
    .action(async (dir: string, options: OutputOptions & { readonly logFormat: string }) => {
      const { waitCommand } = await import("../commands/wait.ts")
      const { withJsonLog } = await import("../events.ts")
      const told = options.logFormat === "json" ? withJsonLog(io) : io
      finish(await waitCommand(io, dir, options).catch((error: unknown) => failed(told, error)))
    })
}
