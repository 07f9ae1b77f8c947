import type { Declare } from "./declare.ts"
import { integer, type OutputOptions, output } from "./options.ts"

export const comment: Declare = (program, { io, finish }) => {
  output(program.command("comment"), "text or json")
    .summary("show a plan or review in one comment of a pull request")
    .description(
      "Makes a pull or merge request have one comment of the stack, and keeps it up to date. Finds out from the variables of GitHub Actions or GitLab CI where it runs.",
    )
    .option("--plan <file>", "show this plan (of plan --out)")
    .option("--review <file>", "show this review (of review -o json=FILE)")
    .option("--previous <file>", "tell what moved since this plan, instead of since what the comment shows")
    .option("--artifact-url <url>", "where the whole report is; details that do not fit lead there")
    .option("--label", "keep labels such as cvmimg/replaces on the request")
    .option("--always", "comment even if there is nothing to say, and no comment yet")
    .option("--dry-run", "print the comment, and ask nobody")
    .option("--host <host>", "github or gitlab")
    .option("--repo <repo>", "owner/name; of GitLab the id or path of the project")
    .option("--pr <n>", "number of the pull or merge request", integer(1))
    .option("--api-url <url>", "the host's API, such as https://ghe.example.com/api/v3")
    .option("--commit <sha>", "the commit that it is about")
    .option(
      "--token-env <name>",
      "variable that holds the token (default: GITHUB_TOKEN or GH_TOKEN; GITLAB_TOKEN)",
    )
    .option("--limit <n>", "characters of the comment (default: what the host takes)", integer(2_000))
    .option("--allow-http", "send the token over plain http to other machines too")
    .action(async (options: OutputOptions) => {
      const { commentCommand } = await import("../commands/comment.ts")
      finish(await commentCommand(io, options))
    })
}
