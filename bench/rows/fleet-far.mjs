import { withDirectory, writeStack } from "../fleet.mjs"
import { FLEET } from "../planning.mjs"

const RUNS = 5

export default {
  goal: "G5",
  name: "fleet-far",
  what: "plan --no-checks of 10,000 images in 20 regions, 50 ms away, the whole process",
  most: 1.5,
  unit: " s",
  anchor: "Terraform 667 s, a loop of the vendor's CLI 85 s",
  measure: ({ cvmimg, median, mustRun, withEmulator }) =>
    withDirectory((directory) => {
      writeStack(directory, FLEET)
      return withEmulator(directory, ["--delay", "50"], ({ env }) => {
        const runs = []
        const bare = []
        for (let i = 0; i < RUNS; i++) {
          bare.push(mustRun(["-e", "0"], { usage: false }).ms)
          runs.push(mustRun(cvmimg("plan", directory, "--no-checks"), { env }))
        }
        const wallMs = median(runs.map(({ ms }) => ms))
        const by = (wallMs / median(bare)).toFixed(1)
        return {
          value: wallMs / 1000,
          wallMs,
          cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
          detail: `${by} by node -e 0, medians of ${RUNS}; the tag service and the emulator's work included`,
        }
      })
    }),
}
