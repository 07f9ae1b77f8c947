import type { Declare } from "./declare.ts"
import { collect, ENDPOINT, type OutputOptions, output } from "./options.ts"

export const exportImages: Declare = (program, { io, finish }) => {
  output(program.command("export"), "text, json or yaml")
    .summary("write manifests for images that exist")
    .description(
      "Writes manifests that adopt the private images of the stack's accounts and regions which no manifest asks for yet. Only reads the cloud, and never writes over a file.",
    )
    .argument(
      "[dir]",
      "a directory of the stack; new files come into it, or into images/ of the stack's own",
      ".",
    )
    .option("--account <name>", "only this account (repeatable)", collect)
    .option("--region <region>", "this region, one of the stack's or not (repeatable)", collect)
    .option("--family <name>", "only images of this family (repeatable)", collect)
    .option("--name <glob>", "only images whose name fits, with * and ? (repeatable)", collect)
    .option("--dry-run", "write nothing; -o yaml shows what would be written")
    .option("--endpoint <url>", ENDPOINT)
    .action(async (dir: string, options: OutputOptions) => {
      const { exportCommand } = await import("../commands/export.ts")
      finish(await exportCommand(io, dir, options))
    })
}
