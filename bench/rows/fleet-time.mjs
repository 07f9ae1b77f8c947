import { planFleet } from "../planning.mjs"

export default {
  goal: "G5",
  name: "fleet-time",
  what: "the same on this machine, each of 10,000 source objects looked at",
  unit: " s",
  measure: async (tools) => {
    const { ms, cpuMs, counts } = await planFleet(tools)
    return { value: ms / 1000, wallMs: ms, cpuMs, detail: `one run. ${counts}` }
  },
}
