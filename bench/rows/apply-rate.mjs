import { applyThousand } from "../applying.mjs"

const LIMIT = 10

export default {
  goal: "G6",
  name: "apply-rate",
  what: "1,000 imports a second by 10: the slower of rehearsals and imports, first to last call",
  least: 98,
  unit: " %",
  waits: true,
  measure: async (tools) => {
    const { rehearsed, imported, ms, cpuMs } = (await applyThousand(tools)).clean
    const [first, second] = [rehearsed, imported].map(({ perSecond }) => (100 * perSecond) / LIMIT)
    return {
      value: Math.min(first, second),
      wallMs: ms,
      cpuMs,
      detail: `rehearsals ${first.toFixed(1)} %, imports ${second.toFixed(1)} %, as the emulator got them`,
    }
  },
}
