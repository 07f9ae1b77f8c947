import { FLEET, planFleet } from "../planning.mjs"

const PAGE = 100

export default {
  name: "fleet-calls",
  what: "DescribeImages of that plan by the least that read it all",
  goal: 1,
  measure: async (tools) => {
    const { calls } = await planFleet(tools, "--no-checks")
    const made = calls.filter(({ action }) => action === "DescribeImages").length
    const least = FLEET.regions * Math.max(1, Math.ceil(FLEET.images / PAGE))
    return { value: made / least, detail: `${made} calls, ${least} pages` }
  },
}
