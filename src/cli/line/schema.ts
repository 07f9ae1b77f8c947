import { SCHEMAS } from "../schema-names.ts"
import type { Declare } from "./declare.ts"

export const schema: Declare = (program, { io, finish }) => {
  program
    .command("schema")
    .summary("print a JSON Schema")
    .description("Prints the JSON Schema of a manifest or of a command's output; without a name, the names.")
    .argument("[name]", `${SCHEMAS.slice(0, -1).join(", ")} or ${SCHEMAS.at(-1)}`)
    .action(async (name: string | undefined) => {
      const { schema } = await import("../commands/schema.ts")
      finish(schema(io, name))
    })
}
