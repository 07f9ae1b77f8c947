import type { Declare } from "./declare.ts"
import { type OutputOptions, output, PLAN_FORMATS, planning } from "./options.ts"

export const plan: Declare = (program, { io, finish }) => {
  planning(output(program.command("plan"), PLAN_FORMATS))
    .summary("show what would change")
    .description("Compares the manifests with the cloud and shows what an apply would do. Only reads.")
    .option("--out <file>", "save the plan as an approval set for apply --plan")
    .option("--rehearse", "try each import with the API's own DryRun")
    .option("--detailed-exitcode", "exit with 2 where there is something to do")
    .action(async (dir: string, options: OutputOptions) => {
      const { planCommand } = await import("../commands/plan.ts")
      finish(await planCommand(io, dir, options))
    })
}
