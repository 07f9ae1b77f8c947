/**
 * How much work something is, as a count that is the same in each run: how often V8 entered functions and blocks of this
 * repository and of `yaml`, and how many items built-in methods of arrays walked along. Loops and callbacks are blocks
 * and functions. Not counted: what a spread copies, and what other built-ins do inside. A test file that counts runs in a
 * process of its own and is interpreted, because compiled code does not count all that it inlines.
 */
import { Session } from "node:inspector/promises"
import { setFlagsFromString } from "node:v8"

/** Methods that walk along the whole array without calling anything of ours back. */
const WALKING = [
  "includes",
  "indexOf",
  "lastIndexOf",
  "concat",
  "slice",
  "splice",
  "shift",
  "unshift",
] as const
const COUNTED = /\/(?:src|node_modules\/yaml)\//

for (const flag of ["--no-opt", "--no-sparkplug", "--no-lazy-feedback-allocation"]) setFlagsFromString(flag)

type Method = (this: unknown[], ...args: unknown[]) => unknown
type Methods = Record<string, Method>

export async function workOf(use: () => unknown): Promise<number> {
  const session = new Session()
  session.connect()
  const methods = Array.prototype as unknown as Methods
  const originals = WALKING.map((name) => [name, methods[name] as Method] as const)
  let walked = 0
  try {
    await session.post("Profiler.enable")
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true })
    for (const [name, original] of originals) {
      methods[name] = function (...args) {
        walked += this.length
        return original.apply(this, args)
      }
    }
    await use()
  } finally {
    for (const [name, original] of originals) methods[name] = original
  }
  const { result } = await session.post("Profiler.takePreciseCoverage")
  await session.post("Profiler.stopPreciseCoverage")
  session.disconnect()
  let entered = 0
  for (const { url, functions } of result) {
    if (!COUNTED.test(url)) continue
    for (const { ranges } of functions) for (const { count } of ranges) entered += count
  }
  return entered + walked
}
