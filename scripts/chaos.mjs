// npm run chaos -- [--seeds N] [--from N] [--threads N] [--seconds N] [--report FILE]: the randomised proof, a million
// seeds unless told otherwise; after so many seconds no seed is begun any more. FILE is written anew every few seconds.
// npm run chaos -- --trace SEED: what happens in one seed, step by step.
// npm run chaos -- --safeguards [--write]: takes each safeguard away and counts the seeds until that is noticed.
//
// Ends with 1 if a seed fails; each is printed with the least of its story that still fails.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Worker } from "node:worker_threads"
import { build } from "esbuild"

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000000" },
    from: { type: "string", default: "1" },
    threads: { type: "string", default: String(availableParallelism()) },
    seconds: { type: "string", default: "1000000" },
    report: { type: "string" },
    trace: { type: "string" },
    safeguards: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
})
const [seeds, from, threads, seconds] = [values.seeds, values.from, values.threads, values.seconds].map(
  Number,
)
if (![seeds, from, threads, seconds].every((n) => Number.isSafeInteger(n) && n > 0)) {
  console.error("--seeds, --from, --threads and --seconds are whole numbers above 0")
  process.exit(64)
}

// Below node_modules, so that what is not bundled is found.
const folder = join("node_modules", ".cache", `chaos-${process.pid}`)
const outfile = join(folder, "chaos.mjs")
mkdirSync(folder, { recursive: true })
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const options = { bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "warning" }
await build({ ...options, entryPoints: ["test/chaos/main.ts"], outfile })

/** Runs a task in a thread of its own; `told` gets what it says on the way. */
function run(workerData, told) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(process.cwd(), outfile), { workerData })
    worker.on("message", (message) => {
      told?.(message)
      if (message.ended) resolve(message)
    })
    worker.on("error", reject)
    worker.on("exit", (code) => reject(new Error(`a thread ended with ${code}`)))
  })
}

if (values.trace !== undefined) {
  const { trace } = await run({ kind: "trace", seed: Number(values.trace) })
  console.log(trace.join("\n"))
} else if (values.safeguards) await safeguards()
else await proof()

async function proof() {
  const start = Date.now()
  const until = start + seconds * 1_000
  const sum = { seeds: 0, runs: 0, kills: 0, compared: 0, failed: 0 }
  let shown = start
  const told = (message) => {
    if (message.failed !== undefined) {
      sum.failed += 1
      print(message)
      return
    }
    sum.seeds += message.done
    for (const what of ["runs", "kills", "compared"]) sum[what] += message[what]
    if (Date.now() - shown < 5_000) return
    shown = Date.now()
    save()
    console.error(`${sum.seeds} of ${seeds} seeds, ${sum.failed} failed, ${perSecond()} a second`)
  }
  const elapsed = () => (Date.now() - start) / 1_000
  const perSecond = () => Math.round(sum.seeds / elapsed())
  const save = () => {
    if (values.report === undefined) return
    const report = { from, ...sum, seconds: Math.round(elapsed()), perSecond: perSecond(), threads }
    writeFileSync(values.report, `${JSON.stringify(report)}\n`)
  }
  const tasks = Array.from({ length: Math.min(threads, seeds) }, (_, i) =>
    run({ kind: "seeds", from: from + i, count: seeds - i, step: threads, until }, told),
  )
  await Promise.all(tasks)
  save()
  const { runs, kills, compared, failed } = sum
  const what = `${runs} runs, ${kills} kills, ${compared} comparisons of regions, ${failed} failed`
  console.log(`${sum.seeds} seeds from ${from}: ${what}; ${elapsed().toFixed(0)} s, ${perSecond()} a second`)
  process.exitCode = failed > 0 ? 1 : 0
}

function print({ failed, violations, muted, rounds, trace }) {
  console.log(`\nseed ${failed} fails:`)
  for (const { law, text } of violations) console.log(`  ${law}: ${text}`)
  console.log(`  as well with ${rounds} rounds and without ${muted.join(" ") || "nothing"}:`)
  for (const line of trace) console.log(`    ${line.slice(0, 400)}`)
}

async function safeguards() {
  const page = readFileSync("docs/reliability.md", "utf8")
  const names = [...page.matchAll(/^\| ([^|]+?) \| (?:\d+|-) \|.*\|$/gm)].map(([, name]) => name)
  const queue = [...names]
  const found = new Map()
  const next = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const result = await run({ kind: "safeguard", name, from: 1, count: 1_000 })
      found.set(name, result)
      console.log(
        `${name}: ${result.after === undefined ? "not noticed" : `${result.after} seeds, ${result.law}`}`,
      )
    }
  }
  await Promise.all(Array.from({ length: threads }, next))
  process.exitCode = [...found.values()].some(({ after }) => after === undefined) ? 1 : 0
  if (!values.write) return
  const row = (name) => `| ${name} | ${found.get(name)?.after ?? "-"} | ${found.get(name)?.law ?? ""} |`
  writeFileSync(
    "docs/reliability.md",
    page.replace(/^\| ([^|]+?) \| (?:\d+|-) \|.*\|$/gm, (_, name) => row(name)),
  )
}
