import { fileURLToPath } from "node:url"
import { withDirectory, writeStack } from "../fleet.mjs"
import { FLEET } from "../planning.mjs"

export default {
  goal: "G5",
  name: "listing",
  what: "reading 10,000 images in 20 regions, 50 ms away, by the same calls made by hand",
  most: 1.1,
  measure: ({ mustRun, withEmulator }) =>
    withDirectory((directory) => {
      writeStack(directory, FLEET)
      return withEmulator(directory, ["--delay", "50"], ({ env }) => {
        const program = fileURLToPath(new URL("../listing.mjs", import.meta.url))
        const { oursMs, leastMs } = JSON.parse(mustRun([program, directory], { env }).stdout)
        return {
          value: oursMs / leastMs,
          wallMs: oursMs,
          detail: `${oursMs.toFixed(0)} ms by ${leastMs.toFixed(0)} ms, most of them the emulator's, medians of 7`,
        }
      })
    }),
}
