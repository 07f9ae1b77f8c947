// The demo: an empty world, then the real binary over the real SDK and real HTTP, on the sample stack in manifests/.
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { writeSampleImages } from "./sample-images.mjs"

const BINARY = join(import.meta.dirname, "..", "dist", "bin", "cvmimg.cjs")
// Imports take minutes in the cloud; here the world runs faster than the clock on the wall.
const SPEED = "30"

const home = mkdtempSync(join(tmpdir(), "cvmimg-demo-"))
let emulator
try {
  await writeSampleImages(join(home, "objects"))
  const world = await startEmulator(join(home, "objects"))
  emulator = world.process
  await step("Are the manifests right?", ["validate", "manifests"], world.env)
  await step(
    "What would happen in an empty world?",
    ["plan", "manifests", "--detailed-exitcode"],
    world.env,
    2,
  )
  await step("Make it so.", ["apply", "manifests", "--yes"], world.env)
  await step("Is there anything left to do?", ["plan", "manifests", "--detailed-exitcode"], world.env)
} finally {
  emulator?.kill()
  rmSync(home, { recursive: true, force: true })
}

/** Starts the emulator as a user would and reads what it prints. */
async function startEmulator(objects) {
  const args = ["emulator", "--port", "0", "--objects", objects, "--speed", SPEED]
  say(`cvmimg ${args.slice(0, 3).join(" ")} --objects DIR --speed ${SPEED}`, "A local image API, empty.")
  const child = spawn(process.execPath, [BINARY, ...args], { stdio: ["ignore", "pipe", "inherit"] })
  const env = {}
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(`${line}\n`)
    const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? []
    if (name !== undefined) env[name] = value
    if (name === "CVMIMG_COS_ENDPOINT") break
  }
  if (env.CVMIMG_ENDPOINT === undefined) throw new Error("the emulator did not start")
  return { process: child, env }
}

async function step(title, args, env, expected = 0) {
  say(`cvmimg ${args.join(" ")}`, title)
  const child = spawn(process.execPath, [BINARY, ...args], {
    cwd: join(import.meta.dirname, ".."),
    env: { ...process.env, ...env },
    stdio: "inherit",
  })
  const code = await new Promise((resolve) => child.once("close", resolve))
  if (code !== expected) throw new Error(`cvmimg ${args[0]} ended with ${code}, not ${expected}`)
}

function say(command, title) {
  process.stdout.write(`\n# ${title}\n$ ${command}\n`)
}
