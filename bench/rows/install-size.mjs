import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"

export default {
  goal: "G9",
  name: "install-size",
  what: "the tarball as it is published, and what an install brings along",
  most: 5,
  unit: " MB",
  anchor: "the SDK alone 58 MB in 3,507 files",
  measure: ({ root }) => {
    execFileSync(process.execPath, ["scripts/package.mjs"], { cwd: root, stdio: "ignore" })
    const build = join(root, "build")
    const tarball = readdirSync(build).find((name) => name.endsWith(".tgz"))
    const { dependencies = {} } = JSON.parse(readFileSync(join(build, "package", "package.json"), "utf8"))
    const others = Object.keys(dependencies)
    if (others.length > 0) throw new Error(`an install brings ${others.length} packages more: ${others}`)
    const files = readdirSync(join(build, "package"), { recursive: true, withFileTypes: true }).filter((e) =>
      e.isFile(),
    )
    const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
    return {
      value: statSync(join(build, tarball)).size / 1024 ** 2,
      detail: `one package; ${(bytes / 1024 ** 2).toFixed(1)} MB in ${files.length} files unpacked`,
    }
  },
}
