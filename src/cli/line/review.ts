import type { Declare } from "./declare.ts"
import { DIRECTORY, type OutputOptions, output } from "./options.ts"

export const review: Declare = (program, { io, finish }) => {
  output(program.command("review"), "text, json, markdown, html, sarif or github")
    .summary("compare the manifests of two commits, as in a pull request")
    .description(
      "Says what a pull request does to a stack and how much of a risk it is, from the manifests of two commits alone. Needs no network and no credentials, runs nothing of the repository, and leaves the work tree alone.",
    )
    .argument("[dir]", DIRECTORY, ".")
    .requiredOption("--base <rev>", "where the change goes, such as origin/main")
    .option("--head <rev>", "the change (default: HEAD)")
    .option("--worktree", "the directory as it is, in place of a commit")
    .option("--exact", "compare with the base itself, not with the commit where the two part")
    .option("--fail-on <risk>", "exit with 3 from this risk on: low, medium or high")
    .action(async (dir: string, options: OutputOptions & { readonly base: string }) => {
      const { reviewCommand } = await import("../commands/review.ts")
      finish(await reviewCommand(io, dir, options))
    })
}
