import { fileURLToPath } from "node:url"
import { withDirectory, writeStack } from "../fleet.mjs"

const RUNS = 3

export default {
  goal: "G2",
  name: "validate-many",
  what: "validate of 10,000 manifests by parsing them with yaml",
  most: 1.5,
  measure: ({ cvmimg, ratio }) =>
    withDirectory((directory) => {
      writeStack(directory, { images: 10_000, regions: 20, scattered: true })
      const base = [fileURLToPath(new URL("../parse-yaml.mjs", import.meta.url)), directory]
      return ratio(cvmimg("validate", directory), { base, runs: RUNS })
    }),
}
