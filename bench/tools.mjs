// What rows measure with.
import { spawn, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))
const binary = fileURLToPath(new URL("../dist/bin/cvmimg.cjs", import.meta.url))
const library = new URL("../dist/lib/index.js", import.meta.url)
const emulatorLibrary = new URL("../dist/lib/emulator/index.js", import.meta.url)

/** The built library, as its users import it. */
export function importLibrary() {
  return import(library.href)
}

/** The built emulator. */
export function importEmulator() {
  return import(emulatorLibrary.href)
}

/** The built cvmimg with these arguments, as a command for `run` and `ratio`. */
export function cvmimg(...args) {
  if (!existsSync(binary)) throw new Error("dist/bin/cvmimg.cjs is missing: npm run build")
  return [binary, ...args]
}

/**
 * Runs Node with `args` once: { status, ms, cpuMs, rssMb, stdout, stderr }, the last of a process that ends by itself
 * alone. The working directory holds nothing of ours. `usage: false` leaves time and memory of the process out, which
 * cost a millisecond to ask for.
 */
export function run(args, { env = {}, usage = true, timeoutMs = 300_000 } = {}) {
  const preload = usage ? ["--require", fileURLToPath(new URL("usage.cjs", import.meta.url))] : []
  const start = process.hrtime.bigint()
  const { status, signal, stdout, stderr, output, error } = spawnSync(
    process.execPath,
    [...preload, ...args],
    {
      cwd: tmpdir(),
      encoding: "utf8",
      env: { ...withoutProxy(process.env), ...env },
      maxBuffer: 1024 ** 3,
      timeout: timeoutMs,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    },
  )
  const ms = Number(process.hrtime.bigint() - start) / 1e6
  if (error !== undefined) throw error
  const used = usage && output[3] ? JSON.parse(output[3]) : {}
  return { status: status ?? signal, ms, stdout, stderr, ...used }
}

/** `run`, and an error if the process does not end with 0. */
export function mustRun(args, options) {
  const found = run(args, options)
  if (found.status !== 0) {
    const said = found.stderr.trim() || found.stdout.trim()
    throw new Error(`exit ${found.status}: ${said.split("\n")[0]}`)
  }
  return found
}

/**
 * Median wall time of Node with `args` by that of `base` (default: `node -e 0`). The runs alternate, so that what
 * else the machine does meets both alike. Throws if a run does not exit with 0.
 */
export function ratio(args, { base = ["-e", "0"], runs = 20, env = {} } = {}) {
  const times = { args: [], base: [] }
  const once = (command) => mustRun(command, { env, usage: false }).ms
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

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Starts the emulator with the world of the stack in `directory` in a process of its own and hands `use` the
 * environment of a client and `requests`, which gives the log of all calls.
 */
export async function withEmulator(directory, flags, use) {
  const program = fileURLToPath(new URL("emulator.mjs", import.meta.url))
  const child = spawn(process.execPath, [program, directory, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  try {
    const env = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", (line) => resolve(JSON.parse(line)))
      child.once("exit", (code) => reject(new Error(`the emulator ended with ${code}`)))
    })
    const requests = async () => {
      const reply = await fetch(`${env.CVMIMG_ENDPOINT}/_emulator/requests`)
      return (await reply.json()).requests
    }
    return await use({ env, requests })
  } finally {
    child.removeAllListeners("exit")
    child.kill()
  }
}

/** A proxy of the environment has no part in calls to this machine. */
function withoutProxy(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:https?|all)_proxy$/i.test(name)))
}
