import { readFileSync } from "node:fs"
import { join } from "node:path"
import { EXIT, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"
import { packageRoot } from "../package-root.ts"
import { SCHEMAS } from "../schema-names.ts"

/** Prints a schema. */
export function schema(io: Io, name: string | undefined): number {
  if (name === undefined) {
    io.stdout.write(`${SCHEMAS.join("\n")}\n`)
    return EXIT.done
  }
  if (!(SCHEMAS as readonly string[]).includes(name)) {
    throw new UsageError(`unknown schema '${name}'; choose one of ${SCHEMAS.join(", ")}`)
  }
  io.stdout.write(readFileSync(join(packageRoot(), "schemas", `${name}.schema.json`), "utf8"))
  return EXIT.done
}
