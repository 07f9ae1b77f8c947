import { fileURLToPath } from "node:url"
import { withDirectory, writeStack } from "../fleet.mjs"

export default {
  goal: "G3",
  name: "sdk-call",
  what: "one bare call of the vendor's SDK by node -e 0",
  anchor: "the vendor's CLI 8.41",
  measure: ({ ratio, withEmulator }) =>
    withDirectory((directory) => {
      writeStack(directory, { images: 100, regions: 1 })
      const program = fileURLToPath(new URL("../sdk-call.mjs", import.meta.url))
      return withEmulator(directory, ["--no-rates"], ({ env }) => ratio([program], { env }))
    }),
}
