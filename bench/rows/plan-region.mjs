import { planRatio } from "../planning.mjs"

export default {
  goal: "G3",
  name: "plan-region",
  what: "plan of 100 images in one region by node -e 0",
  most: 3.5,
  anchor: "yaml, commander and the SDK alone, bundled: 4.32",
  measure: (tools) => planRatio(tools, { images: 100, regions: 1 }),
}
