import type { Declare } from "./declare.ts"
import { type OutputOptions, output } from "./options.ts"

export const diffPlans: Declare = (program, { io, finish }) => {
  output(program.command("diff-plans"), "text or json")
    .summary("compare two saved plans")
    .description("Says what moved between two plans that plan --out saved. Needs no network.")
    .argument("<before>", "an approval set")
    .argument("<after>", "an approval set")
    .action(async (before: string, after: string, options: OutputOptions) => {
      const { diffPlans } = await import("../commands/diff-plans.ts")
      finish(diffPlans(io, before, after, options))
    })
}
