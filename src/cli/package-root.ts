import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The package's folder, from the bundle (dist/bin, dist/bin/chunks) and from the sources (src/cli) alike. */
export function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  return join(here, /[\\/]chunks$/.test(here) ? "../../.." : "../..")
}
