import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { withDirectory, writeStack } from "../fleet.mjs"

const IMAGES = 10_000
const CHANGED = 500

export default {
  goal: "G2",
  name: "review-many",
  what: "review of 10,000 manifests, 500 of them changed, by validating them",
  most: 1.6,
  measure: ({ cvmimg, ratio }) =>
    withDirectory((directory) => {
      const git = (...args) =>
        execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.com", ...args], {
          cwd: directory,
        })
      writeStack(directory, { images: IMAGES, regions: 20, scattered: true })
      git("init", "-q", "-b", "main")
      git("add", ".")
      git("commit", "-q", "-m", "base")
      for (let i = 0; i < IMAGES; i += IMAGES / CHANGED) {
        const number = String(i).padStart(5, "0")
        const group = String(Math.floor(i / 20)).padStart(4, "0")
        const file = join(directory, "images", `group-${group}`, `app-${number}.yaml`)
        writeFileSync(file, readFileSync(file, "utf8").replace("weekly", "daily"))
      }
      git("commit", "-q", "-a", "-m", "change")
      const args = ["review", "--base", "main~1", directory]
      return ratio(cvmimg(...args), { base: cvmimg("validate", directory), runs: 3 })
    }),
}
