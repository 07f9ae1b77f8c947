// What the rows about plans have in common.
import { withDirectory, writeStack } from "./fleet.mjs"

/**
 * A plan of a stack by `node -e 0`, without the checks: those read the source objects, and what that takes depends on
 * the objects. The service is the emulator on this machine.
 */
export function planRatio({ cvmimg, ratio, withEmulator }, fleet) {
  return withDirectory((directory) => {
    writeStack(directory, fleet)
    return withEmulator(directory, ["--no-rates"], ({ env }) =>
      ratio(cvmimg("plan", directory, "--no-checks"), { env }),
    )
  })
}

/** The fleet of 10,000: 500 manifests, each for 20 regions, and 500 images in each region of the world. */
export const FLEET = { images: 500, regions: 20 }

/** The same again for several rows would be three minutes more: one run of each kind, shared by the rows of a run. */
const measured = new Map()

/** One plan of the fleet: what the process used, and how many calls of an action the emulator counted. */
export function planFleet(tools, ...flags) {
  const key = flags.join(" ")
  if (!measured.has(key)) measured.set(key, measure(tools, flags))
  return measured.get(key)
}

function measure({ cvmimg, mustRun, withEmulator }, flags) {
  return withDirectory((directory) => {
    writeStack(directory, FLEET)
    return withEmulator(directory, [], async ({ env, requests }) => {
      const used = mustRun(cvmimg("plan", directory, ...flags), { env })
      const [, counts] = /^(Plan: .*)$/m.exec(used.stdout) ?? []
      const calls = await requests()
      return { ...used, counts, calls }
    })
  })
}
