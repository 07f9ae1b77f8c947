// What happens to an image while its release waits for another placement.
import { expect, it } from "vitest"
import { anAwait, anImport, aPlan, HERE, run, stamped, THERE } from "./support/build.ts"
import { world, writes } from "./support/halfway.ts"

it.each([
  ["lost its marks", "ClientError.NotOurs", { description: "mine now", tags: {} }],
  ["was deleted", "ImageDisappeared", undefined],
])("an image that %s while it waited gets no family", async (_, code, change) => {
  const w = world()
  const slow = w.cloud.put(THERE, { name: "a", description: stamped("a") }, 600_000)
  const release = "together" as const
  const fast = anImport("a", { release, afterwards: { attributes: { family: "f" } } })
  w.clock.at(300_000, () => {
    const [image] = w.cloud.all(HERE)
    expect(image?.state).toBe("NORMAL")
    if (change === undefined) w.cloud.remove(image?.id ?? "")
    else w.cloud.change(image?.id ?? "", change)
  })
  const { of } = await run(aPlan(fast, anAwait("a", { ...THERE, release, imageId: slow })), w)
  expect(of("a", HERE.region)).toMatchObject({ outcome: "failed", error: { code } })
  expect(of("a", THERE.region).outcome).toBe("done")
  expect(writes(w)).toEqual(["import a"])
})
