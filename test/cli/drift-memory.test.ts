// A drift that goes on for long: a hundred real runs and more in one process leave nothing behind, neither memory nor listeners.
import { getEventListeners } from "node:events"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { driftCommand } from "../../src/cli/commands/drift.ts"
import type { Io, Output } from "../../src/cli/io.ts"
import { FastClock } from "../support/fast-clock.ts"
import { cleanEnv, image, stackOf, world } from "./binary.ts"

const FEW = 30
const MANY = 130
/** That of 100 reports that were kept would be more. */
const MOST_GROWTH = 1 << 20

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

test("100 runs later the process is as large as before", async () => {
  const clock = new FastClock(200)
  const emulator = await world({ clock, wallClock: clock, logLimit: 10 })
  const images = Array.from({ length: 8 }, (_, i) => image(`image-${i}`, `family: family-${i}`))
  const controller = new AbortController()
  const sizes: number[] = []
  const listeners: number[] = []
  let runs = 0
  const output = (write: (text: string) => void): Output => ({
    write,
    isTerminal: false,
    width: 120,
    height: 24,
    color: false,
  })
  const io: Io = {
    // Each run prints its report once.
    stdout: output(() => {
      runs += 1
      if (runs % 10 === 0) {
        collect()
        sizes.push(process.memoryUsage().heapUsed)
        listeners.push(getEventListeners(controller.signal, "abort").length)
      }
      if (runs === MANY) controller.abort(new Error("interrupted by SIGTERM"))
    }),
    stderr: output(() => {}),
    stdin: process.stdin,
    env: cleanEnv({ CVMIMG_ENDPOINT: emulator.url, CVMIMG_COS_ENDPOINT: emulator.env.CVMIMG_COS_ENDPOINT }),
    cwd: stackOf(...images),
    clock,
    signal: controller.signal,
    interrupted: () => (controller.signal.aborted ? 143 : undefined),
  }
  const options = { output: [], every: "1s", jitter: "0", listen: "127.0.0.1:0" }
  expect(await driftCommand(io, ".", options)).toBe(143)
  expect(runs).toBe(MANY)
  expect(new Set(listeners).size).toBe(1)
  const [early = 0, late = 0] = [sizes[FEW / 10 - 1], sizes.at(-1)]
  expect(late - early, sizes.map((n) => `${(n / 1e6).toFixed(1)}`).join(" ")).toBeLessThan(MOST_GROWTH)
})
