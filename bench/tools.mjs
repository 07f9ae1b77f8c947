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
      env: { ...ambient(), ...env },
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
 * Median wall time of Node with `args` by that of `base` (default: `node -e 0`), and the median CPU times of some runs
 * more, which hold where others want the machine too. The runs alternate, so that what else the machine does meets both
 * alike. `before` is called before each run of `args`. Throws if a run does not exit with 0.
 */
export function ratio(args, { base = ["-e", "0"], runs = 20, env = {}, before = () => {} } = {}) {
  const times = { args: [], base: [] }
  const cpu = { args: [], base: [] }
  const once = (command, usage = false) => {
    if (command === args) before()
    return mustRun(command, { env, usage })
  }
  // One run of each fills the caches and does not count.
  once(base)
  once(args)
  for (let i = 0; i < runs; i++) {
    times.base.push(once(base).ms)
    times.args.push(once(args).ms)
    if (i % 3 !== 0) continue
    cpu.base.push(once(base, true).cpuMs)
    cpu.args.push(once(args, true).cpuMs)
  }
  const [mine, bare] = [median(times.args), median(times.base)]
  const cpuMs = median(cpu.args)
  return {
    value: mine / bare,
    wallMs: mine,
    cpuMs,
    cpuRatio: cpuMs / median(cpu.base),
    detail: `CPU ${(cpuMs / median(cpu.base)).toFixed(2)}; ${mine.toFixed(1)} ms by ${bare.toFixed(1)} ms, medians of ${runs}`,
  }
}

/**
 * Starts Node with `args` and does not wait: `ended` resolves with { status, ms, cpuMs, rssMb, stdout, stderr }. What it
 * is measured with is that of `run`.
 */
export function start(args, { env = {}, timeoutMs = 420_000 } = {}) {
  const begun = performance.now()
  const child = spawn(
    process.execPath,
    ["--require", fileURLToPath(new URL("usage.cjs", import.meta.url)), ...args],
    {
      cwd: tmpdir(),
      env: { ...ambient(), ...env },
      timeout: timeoutMs,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    },
  )
  const texts = [1, 2, 3].map((fd) => {
    const pieces = []
    child.stdio[fd].on("data", (piece) => pieces.push(piece))
    return () => Buffer.concat(pieces).toString()
  })
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (status, signal) => {
      const [stdout, stderr, usage] = texts.map((text) => text())
      const ms = performance.now() - begun
      resolve({ status: status ?? signal, ms, stdout, stderr, ...(usage === "" ? {} : JSON.parse(usage)) })
    })
  })
  return { ended }
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Starts the emulator with the world of the stack in `directory` in a process of its own (for the flags see
 * emulator.mjs) and hands `use` the environment of a client and `requests`, which gives the log of all calls.
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
      const reply = await fetch(`${env.EMULATOR}/_emulator/requests`)
      return (await reply.json()).requests
    }
    return await use({ env, requests })
  } finally {
    child.removeAllListeners("exit")
    child.kill()
  }
}

/**
 * A proxy of the environment has no part in calls to this machine. Nothing is remembered from one run to the next, unless
 * a row names a cache of its own.
 */
function ambient() {
  const ours = Object.entries(process.env).filter(([name]) => !/^(?:https?|all)_proxy$/i.test(name))
  return { ...Object.fromEntries(ours), CVMIMG_CACHE: "off" }
}
