import { waitFor } from "../waiting.mjs"

export default {
  goal: "G7",
  name: "pending-calls",
  what: "listings while 1,000 imports are pending by those for 10, as long and among as many images",
  most: 1.1,
  anchor: "one call an image and turn: 100 times more",
  waits: true,
  measure: async (tools) => {
    const { few, many } = await waitFor(tools)
    return {
      value: many.pages / few.pages,
      detail: `${many.listings} and ${few.listings} listings, ${many.pages} and ${few.pages} pages, one listing a second`,
    }
  },
}
