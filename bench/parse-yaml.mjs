// node bench/parse-yaml.mjs DIRECTORY: parses every YAML file below it with `yaml` and does nothing else, on one thread.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseAllDocuments } from "yaml"

for (const entry of readdirSync(process.argv[2], { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".yaml")) continue
  for (const document of parseAllDocuments(readFileSync(join(entry.parentPath, entry.name), "utf8"))) {
    if (document.errors.length > 0) throw document.errors[0]
    document.toJS()
  }
}
