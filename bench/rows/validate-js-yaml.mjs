import { fileURLToPath } from "node:url"
import { withDirectory, writeStack } from "../fleet.mjs"

const RUNS = 5

export default {
  goal: "G2",
  name: "validate-js-yaml",
  what: "validate of 1,000 manifests by parsing them with js-yaml",
  anchor: "js-yaml parses 7 times as fast as yaml, and keeps no positions",
  measure: ({ cvmimg, ratio }) =>
    withDirectory((directory) => {
      writeStack(directory, { images: 1000, regions: 20, scattered: true })
      const base = [fileURLToPath(new URL("../parse-js-yaml.mjs", import.meta.url)), directory]
      return ratio(cvmimg("validate", directory), { base, runs: RUNS })
    }),
}
