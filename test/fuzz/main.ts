/**
 * Readers in a thread of their own, a turn each until the time is over; bundled and started by scripts/chaos.mjs.
 * `progress`: reader and number of the input at hand, so that whoever waits in vain can tell which one it is.
 */
import { parentPort, workerData } from "node:worker_threads"
import { inPlace, inputOf, minimised } from "./fuzz.ts"
import { problemOf } from "./oracle.ts"
import { READERS } from "./readers/index.ts"

interface Task {
  readonly from: number
  readonly step: number
  /** Milliseconds since the epoch. */
  readonly until: number
  readonly progress: Int32Array
}

const { from, step, until, progress } = workerData as Task
const TURN_MS = 250
/** So many failures of one reader say enough. */
const MOST_FAILURES = 5

const states = READERS.map((reader) => ({ reader, n: from, failures: 0, inputs: 0, ms: 0 }))

await inPlace(async (place) => {
  while (Date.now() < until) {
    for (const [i, state] of states.entries()) {
      const { reader } = state
      const start = performance.now()
      while (performance.now() - start < TURN_MS && state.failures < MOST_FAILURES) {
        progress[0] = i
        progress[1] = state.n
        const input = inputOf(reader, state.n)
        const problem = await problemOf(reader, input, place)
        if (problem !== undefined) {
          state.failures += 1
          const least = await minimised(reader, input, place)
          parentPort?.postMessage({
            reader: reader.name,
            n: state.n,
            problem,
            least: least.toString("base64"),
          })
        }
        state.inputs += 1
        state.n += step
      }
      state.ms += performance.now() - start
    }
  }
})
const read = states.map(({ reader, inputs, ms }) => ({ name: reader.name, inputs, ms }))
parentPort?.postMessage({ read, ended: true })
