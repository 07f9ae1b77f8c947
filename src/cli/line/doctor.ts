import type { Declare } from "./declare.ts"
import { collect, DIRECTORY, ENDPOINT, type OutputOptions, output } from "./options.ts"

export const doctor: Declare = (program, { io, finish }) => {
  output(program.command("doctor"), "text or json")
    .summary("look at keys, rights, network and disc")
    .description(
      "Looks at what a run needs: keys, rights, network, clock, source objects, .cvmimg. Changes nothing; rights to write are tried with the API's own DryRun where it has one.",
    )
    .argument("[dir]", DIRECTORY, ".")
    .option(
      "--policy <command>",
      "plan or apply; print the least CAM policy for the manifests, and nothing else",
    )
    .option("--account <name>", "only this account (repeatable)", collect)
    .option("--region <region>", "look at this region instead of the manifests' (repeatable)", collect)
    .option("--endpoint <url>", ENDPOINT)
    .action(async (dir: string, options: OutputOptions) => {
      const { doctorCommand } = await import("../commands/doctor.ts")
      finish(await doctorCommand(io, dir, options))
    })
}
