import { join } from "node:path"
import { withDirectory, writeStack } from "../fleet.mjs"

const RUNS = 5

export default {
  name: "validate-many",
  what: "validate of 10,000 manifests by parsing them with yaml",
  goal: 1.5,
  measure: ({ cvmimg, ratio, root }) =>
    withDirectory((directory) => {
      writeStack(directory, { images: 10_000, regions: 20, scattered: true })
      const base = [join(root, "bench", "parse-yaml.mjs"), directory]
      return ratio(cvmimg("validate", directory), { base, runs: RUNS })
    }),
}
