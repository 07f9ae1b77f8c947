import { planFleet } from "../planning.mjs"

export default {
  name: "fleet-no-checks",
  what: "the same with --no-checks, in s",
  measure: async (tools) => {
    const { ms, cpuMs, rssMb, calls } = await planFleet(tools, "--no-checks")
    const owned = calls.filter(({ action }) => action === "GetResources").length
    return {
      value: ms / 1000,
      detail: `${(cpuMs / 1000).toFixed(1)} s of CPU, ${rssMb.toFixed(0)} MB; ${owned} GetResources in turn, 20 a second`,
    }
  },
}
