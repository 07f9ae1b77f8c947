import { planFleet } from "../planning.mjs"

export default {
  goal: "G8",
  name: "fleet-memory",
  what: "peak memory of a plan of 10,000 images, every source looked at",
  most: 250,
  unit: " MB",
  measure: async (tools) => {
    const [{ rssMb }, bare] = [await planFleet(tools), await planFleet(tools, "--no-checks")]
    return { value: rssMb, detail: `${bare.rssMb.toFixed(0)} MB with --no-checks` }
  },
}
