import { applyThousand } from "../applying.mjs"

const LIMIT = 10

export default {
  goal: "G6",
  name: "apply-throttled",
  what: "accepted imports a second, where a tenth of all calls is refused, by nine tenths of 10",
  least: 95,
  unit: " %",
  waits: true,
  measure: async (tools) => {
    const { rehearsed, imported, all, ms, cpuMs } = (await applyThousand(tools)).throttled
    const shares = [rehearsed, imported].map(
      ({ calls, refused, perSecond }) => (100 * perSecond) / (LIMIT * (1 - refused / calls)),
    )
    return {
      value: Math.min(...shares),
      wallMs: ms,
      cpuMs,
      detail: `rehearsals ${shares[0].toFixed(1)} %, imports ${shares[1].toFixed(1)} %; ${all.refused} of ${all.calls} calls refused, at most ${all.busiest} in a second`,
    }
  },
}
