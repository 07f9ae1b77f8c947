// node bench/parse-js-yaml.mjs DIRECTORY: parses every YAML file below it with js-yaml and does nothing else.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { loadAll } from "js-yaml"

for (const entry of readdirSync(process.argv[2], { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".yaml")) continue
  loadAll(readFileSync(join(entry.parentPath, entry.name), "utf8"))
}
