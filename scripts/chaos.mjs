// npm run chaos -- [--seeds N] [--from N] [--threads N]: the randomised proof, a million seeds unless told otherwise.
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
    trace: { type: "string" },
    safeguards: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
})
const [seeds, from, threads] = [values.seeds, values.from, values.threads].map(Number)
if (![seeds, from, threads].every((n) => Number.isSafeInteger(n) && n > 0)) {
  console.error("--seeds, --from and --threads are whole numbers above 0")
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
  let [done, runs, failed, shown] = [0, 0, 0, 0]
  const told = (message) => {
    if (message.failed !== undefined) {
      failed += 1
      print(message)
      return
    }
    done += message.done
    runs += message.runs
    if (Date.now() - shown < 5_000) return
    shown = Date.now()
    const perSecond = Math.round((done * 1_000) / (Date.now() - start + 1))
    console.error(`${done} of ${seeds} seeds, ${runs} runs, ${failed} failed, ${perSecond} a second`)
  }
  const tasks = Array.from({ length: Math.min(threads, seeds) }, (_, i) =>
    run({ kind: "seeds", from: from + i, count: seeds - i, step: threads }, told),
  )
  await Promise.all(tasks)
  const seconds = (Date.now() - start) / 1_000
  console.log(`${done} seeds from ${from}, ${runs} runs, ${failed} failed, ${seconds.toFixed(0)} s`)
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
