import { fileURLToPath } from "node:url"
import { withDirectory, writeStack } from "../fleet.mjs"
import { FLEET } from "../planning.mjs"

export default {
  goal: "G8",
  name: "fleet-pure",
  what: "plan() of 10,000 images from values in memory, cold",
  most: 2,
  unit: " s",
  measure: ({ mustRun, median }) =>
    withDirectory((directory) => {
      writeStack(directory, FLEET)
      const once = () =>
        JSON.parse(mustRun([fileURLToPath(new URL("../plan-values.mjs", import.meta.url)), directory]).stdout)
      const runs = [once(), once(), once()]
      const first = median(runs.map(({ firstMs }) => firstMs))
      const later = median(runs.map(({ laterMs }) => laterMs))
      return {
        value: first / 1000,
        detail: `${later.toFixed(0)} ms once it is warm; ${runs[0].actions} actions`,
      }
    }),
}
