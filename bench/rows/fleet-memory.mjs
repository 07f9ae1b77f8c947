import { planFleet } from "../planning.mjs"

export default {
  name: "fleet-memory",
  what: "peak memory of the plan of 10,000 images, in MB",
  goal: 700,
  measure: async (tools) => {
    const [{ rssMb }, bare] = [await planFleet(tools), await planFleet(tools, "--no-checks")]
    return { value: rssMb, detail: `${bare.rssMb.toFixed(0)} MB with --no-checks` }
  },
}
