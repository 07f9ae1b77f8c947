// node bench/pending.mjs DIRECTORY SECONDS: waits for the imports of the stack, all of which are under way, and gives up
// after SECONDS. The pause between two listings is held at one second, the least that the product makes; it grows to
// fifteen otherwise. Prints what the process used by seconds: { pending, rssMb: [], cpuMs: [] }.
import { importLibrary } from "./tools.mjs"

const [directory, seconds] = process.argv.slice(2)
const { apply, connect, loadStack, observe, plan, systemClock } = await importLibrary()
const { desired } = await loadStack(directory)
const { accounts, apply: settings, site } = desired.stack
const clock = systemClock
const cloud = await connect({ site, accounts, clock, env: process.env, home: "/nonexistent" })
const planned = plan(desired, await observe({ reader: cloud, clock, placements: desired.placements }))
const pending = planned.actions.filter(({ action }) => action === "await").length
const stopping = new AbortController()
const rssMb = []
const cpuMs = []
const timer = setInterval(() => {
  rssMb.push(process.memoryUsage.rss() / 1024 ** 2)
  const { user, system } = process.cpuUsage()
  cpuMs.push((user + system) / 1000)
  if (rssMb.length === Number(seconds)) stopping.abort()
}, 1000)
const poll = { minMs: 1000, maxMs: 1000 }
for await (const _ of apply(planned, { cloud, clock, settings, signal: stopping.signal, options: { poll } }));
clearInterval(timer)
cloud.close()
console.log(JSON.stringify({ pending, rssMb, cpuMs }))
