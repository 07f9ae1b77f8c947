// npm run chaos -- [--seeds N] [--from N] [--threads N] [--seconds N] [--report FILE]: the randomised proof, a million
// seeds unless told otherwise; after so many seconds no seed is begun any more. FILE is written anew every few seconds.
// npm run chaos -- [--fuzz SECONDS] [--seeds 0]: after the seeds, every reader of foreign bytes gets input that nobody
// meant, for a minute unless told otherwise; 0: not at all. What fails is saved, as short as it can be, in
// test/fuzz/found, and is a test from then on.
// npm run chaos -- --trace SEED: what happens in one seed, step by step.
// npm run chaos -- --safeguards [--write]: takes each safeguard away and counts the seeds until that is noticed.
//
// Ends with 1 if a seed or an input fails; each seed is printed with the least of its story that still fails.
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
    fuzz: { type: "string", default: "60" },
    trace: { type: "string" },
    safeguards: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
})
const [seeds, from, threads, seconds, fuzz] = ["seeds", "from", "threads", "seconds", "fuzz"].map((name) =>
  Number(values[name]),
)
const whole = [seeds, from, threads, seconds, fuzz].every((n) => Number.isSafeInteger(n) && n >= 0)
if (!whole || from * threads * seconds === 0) {
  console.error(
    "--seeds, --from, --threads, --seconds and --fuzz are whole numbers; only --seeds and --fuzz may be 0",
  )
  process.exit(64)
}

// Below node_modules, so that what is not bundled is found.
const folder = join("node_modules", ".cache", `chaos-${process.pid}`)
mkdirSync(folder, { recursive: true })
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const options = { bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "warning" }
const entryPoints = { seeds: "test/chaos/main.ts", fuzz: "test/fuzz/main.ts" }
await build({ ...options, entryPoints, outdir: folder, outExtension: { ".js": ".mjs" } })

/** Runs a task in a thread of its own; `told` gets what it says on the way. */
function run(workerData, told, what = "seeds") {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(process.cwd(), folder, `${what}.mjs`), { workerData })
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
else {
  if (seeds > 0) await proof()
  if (fuzz > 0) await fuzzing()
}

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

async function fuzzing() {
  const until = Date.now() + fuzz * 1_000
  const found = join("test", "fuzz", "found")
  const read = new Map()
  let failed = 0
  const told = ({ reader, n, problem, least }) => {
    if (problem === undefined) return
    failed += 1
    mkdirSync(found, { recursive: true })
    const path = join(found, `${reader.replaceAll(" ", "-")}.${n}`)
    writeFileSync(path, Buffer.from(least, "base64"))
    console.log(`\n${reader}, input ${n} (least of it in ${path}): ${problem}`)
  }
  const threadOf = async (_, i) => {
    const progress = new Int32Array(new SharedArrayBuffer(8))
    const work = run({ from: from + i, step: threads, until, progress }, told, "fuzz")
    for (const { name, inputs, ms } of (await inTime(work, progress)).read) {
      const sum = read.get(name) ?? { inputs: 0, ms: 0 }
      read.set(name, { inputs: sum.inputs + inputs, ms: sum.ms + ms })
    }
  }
  await Promise.all(Array.from({ length: threads }, threadOf))
  for (const [name, { inputs, ms }] of read) {
    console.log(`${name}: ${inputs} inputs, ${Math.round((inputs / ms) * 1_000)} a second and thread`)
  }
  const all = [...read.values()].reduce((sum, { inputs }) => sum + inputs, 0)
  console.log(`${all} inputs of ${read.size} readers in ${fuzz} s, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

/** Ends the process where one input takes a minute: a thread that hangs cannot say so itself. */
async function inTime(work, progress) {
  let before = ""
  const timer = setInterval(() => {
    const now = progress.join()
    if (now === before) {
      console.log(`reader ${progress[0]} hangs on input ${progress[1]}`)
      process.exit(1)
    }
    before = now
  }, 60_000)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
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
