import { FLEET, planFleet } from "../planning.mjs"

const PAGE = 100

export default {
  goal: "G4",
  name: "fleet-calls",
  what: "DescribeImages of a plan of 10,000 images by the least that read them all",
  most: 1,
  anchor: "Terraform: 20,000 calls",
  measure: async (tools) => {
    const { calls } = await planFleet(tools, "--no-checks")
    const made = calls.filter(({ action }) => action === "DescribeImages").length
    const least = FLEET.regions * Math.max(1, Math.ceil(FLEET.images / PAGE))
    const tags = calls.filter(({ action }) => /GetResources|DescribeResourcesByTags/.test(action)).length
    return { value: made / least, detail: `${made} calls, ${least} pages; ${tags} of the tag service` }
  },
}
