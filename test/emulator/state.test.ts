import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { runningClock } from "../../src/emulator/clock.ts"
import { ManualClock, startEmulator } from "../../src/emulator/index.ts"
import { temporaryDirectory } from "./files.ts"
import { good, raw, sdk, start } from "./helpers.ts"

test("a world outlives its server: images, tags, shares, pending imports", async () => {
  const directory = temporaryDirectory()
  const state = join(directory, "world.json")
  const clock = new ManualClock()
  const first = await startEmulator({ state, clock })
  const { cvm, tag } = sdk(first)
  await tag.CreateTag({ TagKey: "app", TagValue: "web" })
  await cvm.ImportImage({
    ...good,
    TagSpecification: [{ ResourceType: "image", Tags: [{ Key: "app", Value: "web" }] }],
  })
  const written = JSON.parse(readFileSync(state, "utf8"))
  expect(written).toMatchObject({ formatVersion: 1, images: [{ name: good.ImageName, state: "IMPORTING" }] })
  await first.close()
  clock.advance(200_000)
  const second = await start({ state, clock })
  expect(second.world.images()).toMatchObject([
    { name: good.ImageName, state: "NORMAL", tags: { app: "web" } },
  ])
  expect(second.world.tags()).toEqual([{ key: "app", value: "web" }])
  const [image] = second.world.images()
  const share = { ImageId: image?.id, AccountIds: ["200000000002"], Permission: "SHARE" }
  expect((await raw(second, "ModifyImageSharePermission", share)).code).toBeUndefined()
  await Promise.all(["a", "b", "c"].map((ImageName) => sdk(second).cvm.ImportImage({ ...good, ImageName })))
  await second.close()
  const third = await start({
    state,
    clock,
    accounts: [{ uin: "100000000001" }, { uin: "200000000002", secretId: "AKIDb", secretKey: "k" }],
  })
  const theirs = sdk(third, "ap-singapore", { secretId: "AKIDb", secretKey: "k" }).cvm
  const shared = await theirs.DescribeImages({ Filters: [{ Name: "image-type", Values: ["SHARED_IMAGE"] }] })
  expect(shared.ImageSet?.[0]?.ImageId).toBe(image?.id)
  expect(third.world.images()).toHaveLength(4)
  expect(readdirSync(directory)).toEqual(["world.json"])
})

test("images are put into a new world only", async () => {
  const state = join(temporaryDirectory(), "world.json")
  const images = [{ region: "ap-singapore", name: "a" }]
  await (await startEmulator({ state, images })).close()
  const again = await start({ state, images })
  expect(again.world.images()).toHaveLength(1)
})

test("a file that is no state is refused", async () => {
  const state = join(temporaryDirectory(), "world.json")
  writeFileSync(state, '{"formatVersion":2}')
  await expect(startEmulator({ state })).rejects.toThrow(/not a state file/)
  writeFileSync(state, "{")
  await expect(startEmulator({ state })).rejects.toThrow()
})

test("the world's time never goes back, whatever the speed before and after", () => {
  let now = 1_000_000
  const wall = { now: () => now }
  const fast = runningClock(wall, 60)
  now += 1000
  fast.advance(5000)
  expect(fast.now()).toBe(1_000_000 + 65_000)
  const epoch = fast.epoch()
  now += 10
  const slow = runningClock(wall, 1, epoch)
  expect(slow.now()).toBe(1_000_000 + 65_000 + 600)
})

test("a seed gives the same ids in each run", async () => {
  const run = async () => {
    const emulator = await start({ seed: "s", site: "cn" })
    return (await sdk(emulator).cvm.ImportImage(good)).ImageId
  }
  expect(await run()).toBe(await run())
})
