import type { Declare } from "./declare.ts"

export const init: Declare = (program, { io, finish }) => {
  program
    .command("init")
    .summary("begin a manifests repository")
    .description(
      "Writes a stack with an example, settings for editors, and pipelines that review, apply and look for drift. Asks on a terminal; never writes over a file.",
    )
    .argument("[dir]", "the root of the repository; it need not exist", ".")
    .option("--name <name>", "name of the stack (default: that of the directory)")
    .option("--site <site>", "intl or cn (default: intl)")
    .option("--regions <list>", "regions of the images: ap-singapore,ap-hongkong")
    .option("--ci <host>", "github, gitlab, both or none (default: github)")
    .option("--branch <name>", "the branch whose manifests are applied (default: main)")
    .option("--package <spec>", "what the pipelines install (default: cvmimg of this version)")
    .option("-y, --yes", "do not ask")
    .action(async (dir: string, options: object) => {
      const { initCommand } = await import("../commands/init.ts")
      finish(await initCommand(io, dir, options))
    })
}
