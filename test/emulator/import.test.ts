import { describe, expect, test } from "vitest"
import { ManualClock } from "../../src/emulator/index.ts"
import { good, raw, sdk, start } from "./helpers.ts"

describe("an import", () => {
  test("is accepted, becomes visible, and is NORMAL in the end", async () => {
    const clock = new ManualClock()
    const emulator = await start({
      clock,
      behaviour: { visibilityDelayMs: 1000, importMs: 60_000, importMsPerGiB: 0 },
    })
    const { cvm } = sdk(emulator)
    const mine = { Filters: [{ Name: "image-type", Values: ["PRIVATE_IMAGE"] }] }
    expect(Object.keys(await cvm.ImportImage(good))).toEqual(["RequestId"])
    expect((await cvm.DescribeImages(mine)).TotalCount).toBe(0)
    clock.advance(1000)
    expect((await cvm.DescribeImages(mine)).ImageSet?.[0]?.ImageState).toBe("IMPORTING")
    clock.advance(60_000)
    const image = (await raw(emulator, "DescribeImages", mine)).response.ImageSet[0]
    expect(image).toMatchObject({ ImageState: "NORMAL", ImageName: good.ImageName, ImageSize: 10 })
    expect(emulator.ledger).toHaveLength(1)
  })
})
