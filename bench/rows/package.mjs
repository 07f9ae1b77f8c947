import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { withDirectory } from "../fleet.mjs"

export default {
  goal: "G9",
  name: "package",
  what: "what is published, unpacked; it installs as one package",
  most: 5,
  unit: " MB",
  anchor: "the SDK alone 58 MB in 3,507 files",
  measure: ({ root }) => {
    execFileSync(process.execPath, ["scripts/package.mjs"], { cwd: root, stdio: "ignore" })
    const build = join(root, "build")
    const tarball = join(
      build,
      readdirSync(build).find((name) => name.endsWith(".tgz")),
    )
    return withDirectory((directory) => {
      const files = filesOf(installed(directory, tarball))
      const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0)
      const packed = (statSync(tarball).size / 1e6).toFixed(2)
      return { value: bytes / 1e6, detail: `one package, ${files.length} files; the tarball ${packed} MB` }
    })
  },
}

/** Installs the tarball in `directory`, where no registry answers, and gives its folder. Throws if others come along. */
function installed(directory, tarball) {
  writeFileSync(join(directory, "package.json"), '{ "private": true }')
  const offline = ["--offline", "--registry=http://127.0.0.1:9", "--no-audit", "--no-fund", "--silent"]
  execFileSync("npm", ["install", ...offline, tarball], { cwd: directory, stdio: "ignore" })
  const { packages } = JSON.parse(readFileSync(join(directory, "node_modules", ".package-lock.json"), "utf8"))
  const names = Object.keys(packages)
  if (names.length !== 1) throw new Error(`an install brings ${names.length} packages: ${names}`)
  return join(directory, names[0])
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
}
