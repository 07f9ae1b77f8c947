// node bench/emulator.mjs DIRECTORY [FLAG...]: the emulator with the world that the stack in DIRECTORY has become, until
// it is killed. It is a process of its own, so that its time and memory count for nobody else. Prints one line of JSON:
// the environment of a client, and EMULATOR, where the emulator itself answers. The ids of a run are always the same.
//
//   --no-rates      no limits of calls; otherwise those that the service documents
//   --delay MS      the client is so far away: a round trip takes so much longer (connections are made at once)
//   --empty         nothing is there yet
//   --pending       all that the stack asks for is there, and being imported without end
//   --others N      so many images of nobody in the first region besides
//   --fault SPEC    as of `cvmimg emulator`
import { parseArgs } from "node:util"
import { delayed } from "./delay.mjs"
import { worldOf } from "./fleet.mjs"
import { importEmulator } from "./tools.mjs"

const { positionals, values: how } = parseArgs({
  allowPositionals: true,
  options: {
    "no-rates": { type: "boolean", default: false },
    delay: { type: "string", default: "0" },
    empty: { type: "boolean", default: false },
    pending: { type: "boolean", default: false },
    others: { type: "string", default: "0" },
    fault: { type: "string", multiple: true, default: [] },
  },
})
const { startEmulator } = await importEmulator()
const images = how.empty ? [] : await worldOf(positionals[0], { pending: how.pending })
for (let i = 0; i < Number(how.others); i++) images.push({ region: "ap-bangkok", name: `somebody-${i}` })
const { env, port } = await startEmulator({
  images,
  seed: "bench",
  faults: how.fault,
  // A region that is full has no room for what is missing in it, which every plan would say.
  behaviour: { enforceRates: !how["no-rates"], quota: 10_000 },
})
const near = `http://127.0.0.1:${port}`
const far = Number(how.delay) === 0 ? near : await delayed(port, Number(how.delay))
const there = Object.entries(env).map(([name, value]) => [name, value.replace(near, far)])
console.log(JSON.stringify({ ...Object.fromEntries(there), EMULATOR: near }))
