import { waitFor } from "../waiting.mjs"

export default {
  goal: "G7",
  name: "pending-cpu",
  what: "CPU of one core while 1,000 imports are pending, a listing a second",
  most: 25,
  unit: " %",
  waits: true,
  measure: async (tools) => {
    const { many, few } = await waitFor(tools)
    const share = ({ cpuMs }) => (100 * (cpuMs.at(-1) - cpuMs[9])) / (1000 * (cpuMs.length - 10))
    return {
      value: share(many),
      detail: `${share(few).toFixed(1)} % for 10 imports; ten pages a listing; the pause grows to 15 s`,
    }
  },
}
