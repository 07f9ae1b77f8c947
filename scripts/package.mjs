// Packs what is published: build/package, one folder without runtime dependencies, and build/cvmimg-VERSION.tgz of it.
// `npm run build` has bundled everything; the repository's own package.json keeps its dependencies as dependencies.
// The same commit gives the same bytes: nothing here or in the bundles tells a time or a place.
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const folder = "build/package"
rmSync("build", { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

const ours = JSON.parse(readFileSync("package.json", "utf8"))
const KEPT = [
  "name",
  "version",
  "description",
  "keywords",
  "license",
  "type",
  "sideEffects",
  "engines",
  "bin",
  "exports",
  "files",
  "peerDependencies",
  "peerDependenciesMeta",
  "publishConfig",
]
const published = Object.fromEntries(KEPT.map((key) => [key, ours[key]]))
writeFileSync(join(folder, "package.json"), `${JSON.stringify(published, null, 2)}\n`)
for (const path of ["dist", "schemas", "templates", "README.md", "LICENSE"]) {
  cpSync(path, join(folder, path), { recursive: true })
}
execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", "build", `./${folder}`], {
  stdio: ["ignore", "inherit", "inherit"],
})
