import type { Declare } from "./declare.ts"

export const issue: Declare = (program, { io, finish }) => {
  program
    .command("issue")
    .summary("keep one issue about drift")
    .description(
      "Opens, updates or closes the one issue of a stack on GitHub or GitLab, as a drift report says. Runs in their pipelines; the token comes from GITHUB_TOKEN or GITLAB_TOKEN.",
    )
    .requiredOption("--drift <file>", "what drift -o json=FILE wrote")
    .requiredOption("--body <file>", "what drift -o markdown=FILE wrote in the same run")
    .option("--dry-run", "print the issue, and call nobody")
    .action(async (options: { readonly drift: string; readonly body: string; readonly dryRun?: boolean }) => {
      const { issueCommand } = await import("../commands/issue.ts")
      finish(await issueCommand(io, options))
    })
}
