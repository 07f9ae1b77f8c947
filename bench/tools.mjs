// What rows measure with.
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))
const binary = fileURLToPath(new URL("../dist/bin/cvmimg.cjs", import.meta.url))

/** The built cvmimg with these arguments, as a command for `run` and `ratio`. */
export function cvmimg(...args) {
  if (!existsSync(binary)) throw new Error("dist/bin/cvmimg.cjs is missing: npm run build")
  return [binary, ...args]
}

/** Runs Node with `args` once: { status, ms, stderr }. The working directory holds nothing of ours. */
export function run(args) {
  const start = process.hrtime.bigint()
  const { status, signal, stderr, error } = spawnSync(process.execPath, args, {
    cwd: tmpdir(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  })
  const ms = Number(process.hrtime.bigint() - start) / 1e6
  if (error !== undefined) throw error
  return { status: status ?? signal, ms, stderr }
}

/**
 * Median wall time of Node with `args` by that of `base` (default: `node -e 0`). The runs alternate, so that what
 * else the machine does meets both alike. Throws if a run does not exit with 0.
 */
export function ratio(args, { base = ["-e", "0"], runs = 20 } = {}) {
  const times = { args: [], base: [] }
  const once = (command) => {
    const { status, ms, stderr } = run(command)
    if (status !== 0) throw new Error(`exit ${status}: ${stderr.trim().split("\n")[0]}`)
    return ms
  }
  // One run of each fills the caches and does not count.
  once(base)
  once(args)
  for (let i = 0; i < runs; i++) {
    times.base.push(once(base))
    times.args.push(once(args))
  }
  const [mine, bare] = [median(times.args), median(times.base)]
  return { value: mine / bare, detail: `${mine.toFixed(1)} ms by ${bare.toFixed(1)} ms, medians of ${runs}` }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
}
