import type { Declare } from "./declare.ts"
import { type OutputOptions, output } from "./options.ts"

export const validate: Declare = (program, { io, finish }) => {
  output(
    program
      .command("validate")
      .summary("check manifests, without network and credentials")
      .description(
        "Checks manifests: files, directories, or - for standard input. Needs no network and no credentials.",
      )
      .argument("[path...]", "files, directories or -; the directory of a stack counts as a whole", ["."]),
    "text, json or github",
  ).action(async (paths: string[], options: OutputOptions) => {
    const { validate } = await import("../commands/validate.ts")
    finish(await validate(io, paths, options))
  })
}
