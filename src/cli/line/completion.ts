import type { Declare } from "./declare.ts"

export const completion: Declare = (program, { io, finish }) => {
  program
    .command("completion")
    .summary("print a completion script")
    .description("Prints the completion script of a shell; the script says how to use it.")
    .argument("<shell>", "bash, zsh or fish")
    .action(async (shell: string) => {
      const { completion } = await import("../commands/completion.ts")
      finish(completion(io, shell, program))
    })
}
