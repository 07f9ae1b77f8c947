import { applyThousand } from "../applying.mjs"

export default {
  goal: "G6",
  name: "apply-refused",
  what: "calls of that which exceeded a limit",
  most: 0,
  waits: true,
  measure: async (tools) => {
    const { all } = (await applyThousand(tools)).clean
    return { value: all.refused, detail: `of ${all.calls} calls` }
  },
}
