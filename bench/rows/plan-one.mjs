import { planRatio } from "../planning.mjs"

export default {
  goal: "G3",
  name: "plan-one",
  what: "plan of one image in one region by node -e 0",
  most: 2.4,
  measure: (tools) => planRatio(tools, { images: 1, regions: 1 }),
}
