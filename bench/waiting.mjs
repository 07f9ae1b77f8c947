// What the rows about pending imports share: ten and a thousand of them, waited for side by side and for as long. Both
// regions hold 1,000 images, so that a listing has as many pages.
import { fileURLToPath } from "node:url"
import { withDirectory, writeStack } from "./fleet.mjs"

const IMAGES = 1000
const SECONDS = 70

let measured

/** { few, many }: { pending, rssMb, cpuMs, listings, pages } each. */
export function waitFor(tools) {
  measured ??= Promise.all([wait(tools, 10), wait(tools, IMAGES)]).then(([few, many]) => ({ few, many }))
  return measured
}

function wait({ start, withEmulator }, images) {
  return withDirectory((directory) => {
    writeStack(directory, { images, regions: 1 })
    const flags = ["--pending", "--others", String(IMAGES - images)]
    return withEmulator(directory, flags, async ({ env, requests }) => {
      const program = fileURLToPath(new URL("pending.mjs", import.meta.url))
      const { status, stdout, stderr } = await start([program, directory, String(SECONDS)], { env }).ended
      if (status !== 0) throw new Error(stderr.split("\n")[0])
      const found = JSON.parse(stdout)
      if (found.pending !== images) throw new Error(`${found.pending} of ${images} imports are pending`)
      const pages = (await requests()).filter(({ action }) => action === "DescribeImages")
      const listings = pages.filter(({ parameters }) => parameters.Offset === 0)
      return { ...found, pages: pages.length, listings: listings.length }
    })
  })
}
