import type { Declare } from "./declare.ts"
import { type OutputOptions, output, PLAN_FORMATS } from "./options.ts"

export const show: Declare = (program, { io, finish }) => {
  output(program.command("show"), PLAN_FORMATS)
    .summary("print a saved plan")
    .description("Prints a plan that plan --out saved, in any format. Needs no network.")
    .argument("<file>", "an approval set")
    .action(async (file: string, options: OutputOptions) => {
      const { show } = await import("../commands/show.ts")
      finish(await show(io, file, options))
    })
}
