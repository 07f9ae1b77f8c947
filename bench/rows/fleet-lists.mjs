import { FLEET, planFleet } from "../planning.mjs"

export default {
  goal: "G4",
  name: "fleet-lists",
  what: "calls for quota and systems by regions with imports, each",
  most: 1,
  measure: async (tools) => {
    const { calls } = await planFleet(tools)
    const [quota, systems] = ["DescribeImageQuota", "DescribeImportImageOs"].map(
      (name) => calls.filter(({ action }) => action === name).length,
    )
    return {
      value: Math.max(quota, systems) / FLEET.regions,
      detail: `${quota} and ${systems} in ${FLEET.regions} regions`,
    }
  },
}
