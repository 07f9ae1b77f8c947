import type { Declare } from "./declare.ts"
import { collect, DIRECTORY, ENDPOINT, type OutputOptions, output } from "./options.ts"

export const explain: Declare = (program, { io, finish }) => {
  output(program.command("explain"), "text or json")
    .summary("say why an image is planned as it is")
    .description(
      "Prints an image's manifest as it is resolved, with where each value comes from, its spec hash, and how each placement was decided.",
    )
    .argument("<image>", "metadata.name of an image")
    .argument("[dir]", DIRECTORY, ".")
    .option("--offline", "only the manifest: ask no cloud")
    .option("--region <region>", "only this region (repeatable)", collect)
    .option("--account <name>", "only this account (repeatable)", collect)
    .option("--endpoint <url>", ENDPOINT)
    .action(async (image: string, dir: string, options: OutputOptions) => {
      const { explainCommand } = await import("../commands/explain.ts")
      finish(await explainCommand(io, image, dir, options))
    })
}
