// Listings that shift, lie, repeat, or hold what looks alike. Rows 20-22, 27.
import { describe, expect, test } from "vitest"
import { image, SINGAPORE, scene, stack } from "./scene.ts"

const manifests = [stack(), image("app")]
const STRANGERS = Array.from({ length: 250 }, (_, i) => ({ region: SINGAPORE, name: `stranger-${i}` }))

const crowded = async () => {
  const s = await scene({ manifests, images: STRANGERS, behaviour: { quota: 1_000 } })
  expect((await s.apply()).code).toBe(0)
  s.emulator.clearLogs()
  return s
}

describe.concurrent("pages that shift while they are read", () => {
  test.each(["shift-insert", "shift-delete=stranger-*"])("%s once: read again, and right", async (effect) => {
    const s = await crowded()
    s.emulator.fault(`DescribeImages:2:${effect}`)
    expect((await s.plan()).rows).toEqual(["keep app ap-singapore: in_sync"])
    expect(s.emulator.faults[0]?.fired).toBe(1)
    await s.settled()
  })

  test.each(["shift-insert", "shift-delete=stranger-*"])(
    "%s without end: given up after three more listings, and nothing planned from what was seen",
    async (effect) => {
      const s = await crowded()
      s.emulator.fault(`DescribeImages:*:${effect}`)
      const { code, rows, stdout } = await s.plan()
      expect(rows).toEqual(["refuse app ap-singapore: not_observed"])
      expect(code).toBe(1)
      expect(stdout).toMatch(/listing/i)
      expect(s.emulator.requests.filter((r) => r.action === "DescribeImages").length).toBeLessThanOrEqual(
        4 * 4,
      )
      expect((await s.apply()).code).toBe(1)
      expect(s.emulator.ledger).toEqual([])
    },
  )
})

describe.concurrent("a listing that lies", () => {
  test.each(["total=260", "total=120", "total-off=-1", "total-off=1", "short=50", "repeat", "total=90000"])(
    "%s: found out in few calls, and nothing planned from it",
    async (effect) => {
      const s = await crowded()
      s.emulator.fault(`DescribeImages:*:${effect}`)
      const { code, rows } = await s.plan()
      expect(rows).toEqual(["refuse app ap-singapore: not_observed"])
      expect(code).toBe(1)
      const calls = s.emulator.requests.filter((r) => r.action === "DescribeImages").length
      expect(calls).toBeLessThanOrEqual(Math.ceil(251 / 100) + 3)
      await s.settled()
    },
  )
})

test.concurrent("more than a page of look-alikes: the exact name is found, whatever the filter", async () => {
  const images = Array.from({ length: 120 }, (_, i) => ({ region: SINGAPORE, name: `app-${i}` }))
  const s = await scene({
    manifests,
    images: [...images, { region: SINGAPORE, name: "App" }, { region: SINGAPORE, name: "my-app" }],
    faults: ["ImportImage:real,1:lost-after"],
  })
  expect(await s.apply()).toMatchObject({ code: 0, rows: ["import app ap-singapore: done"] })
  expect(s.imports()).toEqual(["app ap-singapore"])
  await s.settled()
})

test.concurrent("public and shared images of the name, and images without a creator, are nobody's obstacle", async () => {
  const other = "100000000077"
  const s = await scene({
    manifests,
    images: [
      { region: SINGAPORE, name: "app", type: "PUBLIC_IMAGE" },
      { region: SINGAPORE, name: "app", account: other, sharedWith: ["100000000001"], creator: null },
    ],
  })
  expect((await s.plan()).rows).toEqual(["import app ap-singapore: missing"])
  expect(await s.apply()).toMatchObject({ code: 0, rows: ["import app ap-singapore: done"] })
  // The service may leave the creator of ours out as well.
  const [own] = s.emulator.world.images("100000000001", SINGAPORE)
  s.emulator.world.changeImage(own?.id ?? "", { creator: null })
  expect(s.imports()).toHaveLength(1)
  await s.settled()
})
