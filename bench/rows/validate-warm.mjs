import { appendFileSync } from "node:fs"
import { join } from "node:path"
import { withDirectory, writeStack } from "../fleet.mjs"

const CHANGED = ["app-00003", "app-00007", "app-00019"]

export default {
  goal: "G2",
  name: "validate-warm",
  what: "validate of 100 manifests, three of them changed since the last run",
  most: 1.8,
  measure: ({ cvmimg, ratio }) =>
    withDirectory((directory) => {
      writeStack(directory, { images: 100, regions: 2 })
      const before = () => {
        for (const name of CHANGED)
          appendFileSync(join(directory, "images", "group-0000", `${name}.yaml`), "# changed\n")
      }
      return withDirectory((cache) =>
        ratio(cvmimg("validate", directory), { before, env: { CVMIMG_CACHE: cache } }),
      )
    }),
}
