import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { EXIT, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"
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

/** The package's folder, from the bundle (dist/bin) and from the sources (src/cli/commands) alike. */
function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  const inBundle = here.split(/[\\/]/).at(-2) === "bin"
  return join(here, inBundle ? "../../.." : "../../..")
}
