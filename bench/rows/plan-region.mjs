import { planRatio } from "../planning.mjs"

export default {
  name: "plan-region",
  what: "plan of 100 images in one region by node -e 0",
  goal: 3.5,
  measure: (tools) => planRatio(tools, { images: 100, regions: 1 }),
}
