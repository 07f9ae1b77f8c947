import { simulate } from "./support/simulate.ts"

Error.stackTraceLimit = 0
const [from = 1, count = 100] = process.argv.slice(2).map(Number)
if (process.argv[2] === "trace") {
  const story = await simulate(Number(process.argv[3]), { trace: true })
  process.stdout.write(`${story.trace.join("\n")}\n`)
  process.exit(0)
}
const start = Date.now()
const found = new Map<string, number>()
let runs = 0,
  kills = 0,
  writes = 0
for (let seed = from; seed < from + count; seed += 1) {
  const story = await simulate(seed)
  runs += story.runs
  kills += story.kills
  writes += story.writes
  for (const v of story.violations) {
    const n = (found.get(v.law) ?? 0) + 1
    found.set(v.law, n)
    if (n <= 6) process.stdout.write(`${seed} ${v.law} ${v.text.slice(0, 300)}\n`)
  }
  if (seed % 50 === 0) await new Promise((r) => setImmediate(r))
}
process.stdout.write(
  `${count} seeds in ${Date.now() - start} ms, runs ${runs} kills ${kills} writes ${writes} ${JSON.stringify([...found])}\n`,
)
