// node bench/emulator.mjs DIRECTORY: the emulator with the world that the stack in DIRECTORY has become, until it is
// killed. It is a process of its own, so that its time and memory count for nobody else. Prints one line of JSON.
//
// Rates: those that the service documents, or none with --no-rates. The ids of a run are always the same.
import { worldOf } from "./fleet.mjs"
import { importEmulator } from "./tools.mjs"

const [directory, ...flags] = process.argv.slice(2)
const { startEmulator } = await importEmulator()
const { env } = await startEmulator({
  images: await worldOf(directory),
  seed: "bench",
  // A region that is full has no room for what is missing in it, which every plan would say.
  behaviour: { enforceRates: !flags.includes("--no-rates"), quota: 10_000 },
})
console.log(JSON.stringify(env))
