import { waitFor } from "../waiting.mjs"

export default {
  goal: "G7",
  name: "pending-memory",
  what: "memory of that in the last 25 s by the 25 s before",
  most: 1.05,
  waits: true,
  measure: async (tools) => {
    const { rssMb } = (await waitFor(tools)).many
    const { median } = tools
    const [before, last] = [median(rssMb.slice(-50, -25)), median(rssMb.slice(-25))]
    return {
      value: last / before,
      detail: `${last.toFixed(0)} MB, ${Math.max(...rssMb).toFixed(0)} MB at most; ${rssMb.length} s`,
    }
  },
}
