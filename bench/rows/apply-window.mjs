import { applyThousand } from "../applying.mjs"

export default {
  goal: "G6",
  name: "apply-window",
  what: "ImportImage calls of that in its busiest second, rehearsals included",
  most: 10,
  waits: true,
  measure: async (tools) => {
    const { all } = (await applyThousand(tools)).clean
    return { value: all.busiest, detail: `${all.calls} calls` }
  },
}
