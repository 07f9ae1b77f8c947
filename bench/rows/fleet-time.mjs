import { planFleet } from "../planning.mjs"

export default {
  name: "fleet-time",
  what: "plan of 10,000 images in 20 regions, every source looked at, in s",
  goal: 15,
  measure: async (tools) => {
    const { ms, cpuMs, counts } = await planFleet(tools)
    return { value: ms / 1000, detail: `${(cpuMs / 1000).toFixed(1)} s of CPU. ${counts}` }
  },
}
