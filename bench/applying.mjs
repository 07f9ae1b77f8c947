// What the rows about apply share: 1,000 imports into one region by the program itself, rehearsed first, in real time,
// against an emulator that is as strict as the service; and beside it the same where a tenth of the calls is refused.
//
// Rehearsals and imports spend one limit, one after the other: 2,000 calls, 200 s. Times are those at which the emulator
// got the calls. Without tags of ours, which cost a CreateTag for each image first.
import { withDirectory, writeStack } from "./fleet.mjs"

const IMAGES = 1000
const REFUSED = ["ImportImage:dryrun,10%:throttle", "ImportImage:real,10%:throttle"]

let measured

/** { clean, throttled }, each as `applied` gives it. */
export function applyThousand(tools) {
  measured ??= Promise.all([applied(tools, []), applied(tools, REFUSED)]).then(([clean, throttled]) => ({
    clean,
    throttled,
  }))
  return measured
}

/**
 * { rehearsed, imported, all, ms, cpuMs, rssMb }: of the calls of each kind and of all { calls, refused, perSecond,
 * busiest }. `perSecond` are those that were accepted, `busiest` is the most in any second, refused ones included.
 */
function applied({ cvmimg, start, withEmulator }, faults) {
  return withDirectory((directory) => {
    writeStack(directory, { images: IMAGES, regions: 1, tags: false })
    const flags = ["--empty", ...faults.flatMap((fault) => ["--fault", fault])]
    return withEmulator(directory, flags, async ({ env, requests }) => {
      const run = cvmimg("apply", directory, "--yes", "--no-checks", "--no-wait")
      const { ms, cpuMs, rssMb, stderr } = await start(run, { env }).ended
      const calls = (await requests()).filter(({ action }) => action === "ImportImage")
      const imported = calls.filter(({ parameters }) => parameters.DryRun !== true)
      const names = new Set(
        imported.filter(({ code }) => code === null).map(({ parameters }) => parameters.ImageName),
      )
      if (names.size !== IMAGES) {
        throw new Error(
          `${names.size} of ${IMAGES} images were imported: ${stderr.trim().split("\n").at(-1)}`,
        )
      }
      const rehearsed = calls.filter(({ parameters }) => parameters.DryRun === true)
      return {
        rehearsed: told(rehearsed),
        imported: told(imported),
        all: told(calls),
        ms,
        cpuMs,
        rssMb,
      }
    })
  })
}

function told(calls) {
  const times = calls.map(({ monotonicMs }) => monotonicMs).sort((a, b) => a - b)
  const refused = calls.filter(({ code }) => code === "RequestLimitExceeded").length
  const seconds = (times.at(-1) - times[0]) / 1000
  return {
    calls: calls.length,
    refused,
    perSecond: (calls.length - refused - 1) / seconds,
    busiest: busiest(times),
  }
}

function busiest(times) {
  let most = 0
  for (let i = 0, from = 0; i < times.length; i++) {
    while (times[i] - times[from] >= 1000) from++
    most = Math.max(most, i - from + 1)
  }
  return most
}
