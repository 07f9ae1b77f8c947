import { withDirectory, writeStack } from "../fleet.mjs"

const RUNS = 3

/** CPU time of `use` for twice the fleet by that for the fleet, what Node itself takes left out: medians, alternating. */
function doubled({ cvmimg, median, mustRun }, fleet, measureOne) {
  return measureOne(fleet, (small) =>
    measureOne({ ...fleet, images: 2 * fleet.images }, (large) => {
      const times = { bare: [], small: [], large: [] }
      for (let i = 0; i < RUNS; i++) {
        times.bare.push(mustRun(cvmimg("--help")).cpuMs)
        times.small.push(small())
        times.large.push(large())
      }
      const bare = median(times.bare)
      return (median(times.large) - bare) / (median(times.small) - bare)
    }),
  )
}

function validating({ cvmimg, mustRun }) {
  return (fleet, use) =>
    withDirectory((directory) => {
      writeStack(directory, fleet)
      return use(() => mustRun(cvmimg("validate", directory)).cpuMs)
    })
}

function planning({ cvmimg, mustRun, withEmulator }) {
  return (fleet, use) =>
    withDirectory((directory) => {
      writeStack(directory, fleet)
      return withEmulator(directory, ["--no-rates"], ({ env }) =>
        use(() => mustRun(cvmimg("plan", directory, "--no-checks"), { env }).cpuMs),
      )
    })
}

export default {
  goal: "G8",
  name: "doubling",
  what: "CPU time of twice as many manifests and images by that of half",
  most: 2.2,
  measure: async (tools) => {
    const manifests = { images: 2500, regions: 20, scattered: true }
    const validate = await doubled(tools, manifests, validating(tools))
    const scattered = await doubled(tools, manifests, planning(tools))
    const wide = await doubled(tools, { images: 200, regions: 20 }, planning(tools))
    return {
      value: Math.max(validate, scattered, wide),
      detail: `validate ${validate.toFixed(2)}, plan of manifests ${scattered.toFixed(2)}, of regions ${wide.toFixed(2)}`,
    }
  },
}
