import { planRatio } from "../planning.mjs"

export default {
  name: "plan-one",
  what: "plan of one image in one region by node -e 0",
  goal: 2.4,
  measure: (tools) => planRatio(tools, { images: 1, regions: 1 }),
}
