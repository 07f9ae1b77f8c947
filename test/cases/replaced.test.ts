// A spec that changes: replaced by stage and swap, restored, refused, followed.
import { describe, expect, test } from "vitest"
import { qcow2Image, rawImage } from "../../scripts/sample-images.mjs"
import { image, lines, only, STACK, type Story, story } from "./story.ts"

const HALF_AN_HOUR = 30 * 60_000
const BUCKET = "golden-ap-singapore-1250000000"
const ATTRIBUTES = `
family: web
sharedWith: ["100000000008"]
tags: { app: web }`

/** Name, family, deprecation and shares of every image, oldest first. */
function standing(s: Story): string[] {
  return s.emulator.world
    .images()
    .sort((a, b) => a.createdAt - b.createdAt)
    .map((i) => {
      const name = i.name.replace(i.id, "self").replace(/img-[0-9a-z]{8}/, "id")
      const shares = i.shares.map((x) => x.accountId).join(",")
      return [name, i.family, i.deprecated ? "deprecated" : "", shares].filter((x) => x !== "").join(" ")
    })
}

describe("match: name", () => {
  test("another spec: staged, swapped, given family and shares; the old one is kept as the previous one", async () => {
    const s = await story({ manifests: [STACK, image("web", ATTRIBUTES, "one.qcow2")] })
    await s.apply()
    s.writes()
    s.clock.advance(HALF_AN_HOUR)

    s.manifests(STACK, image("web", ATTRIBUTES, "two.qcow2"))
    const plan = await s.plan()
    expect(lines(plan)).toEqual(["replace web ap-singapore: spec_changed:source {source}"])
    const [old] = s.emulator.world.images()
    expect(only(plan)).toMatchObject({ old: { imageId: old?.id }, retire: [] })
    expect((await s.apply({ plan })).outcomes).toEqual(["replace web ap-singapore: done"])
    expect(s.writes()).toEqual([
      expect.stringMatching(/^ImportImage web\.next-[0-9a-f]{8} ap-singapore$/),
      "ModifyImageAttribute ImageName",
      "ModifyImageAttribute ImageName",
      "ModifyImageAttribute ImageFamily",
      "ModifyImageSharePermission AccountIds Permission",
    ])
    expect(standing(s)).toEqual(["web.prev-self web 100000000008", "web web 100000000008"])
    await s.settled()
  })

  test.each([
    ["deprecate", ["web.prev-self web deprecated", "web web"]],
    ["delete", ["web web"]],
    ["keep", ["web.prev-self web", "web web"]],
  ])("beyond keepPrevious the old one is retired: %s", async (retire, left) => {
    const spec = `family: web\nlifecycle: { keepPrevious: 0, retire: ${retire} }`
    const s = await story({ manifests: [STACK, image("web", spec, "one.qcow2")] })
    await s.apply()
    s.manifests(STACK, image("web", spec, "two.qcow2"))
    const told = { allow: { maxDeletes: 1 } }
    expect((await s.apply({ told })).outcomes).toEqual(["replace web ap-singapore: done"])
    expect(standing(s)).toEqual(left)
    await s.settled()
  })

  test("an import that fails leaves the old image as it was; back to the old spec it is as if nothing had been", async () => {
    const s = await story({
      manifests: [STACK, image("web", "family: web", "one.qcow2")],
      behaviour: { importOutcomes: { "two.qcow2": "VirtioNotInstall" } },
    })
    await s.apply()
    s.manifests(STACK, image("web", "family: web", "two.qcow2"))
    expect((await s.apply()).outcomes).toEqual(["replace web ap-singapore: failed (ImportFailed)"])
    expect(standing(s)).toEqual(["web web", expect.stringMatching(/^web\.next-/)])
    expect(lines(await s.plan())).toEqual(["refuse web ap-singapore: import_failed"])
    s.manifests(STACK, image("web", "family: web", "one.qcow2"))
    expect((await s.apply()).outcomes).toContain("delete web ap-singapore: done")
    expect(standing(s)).toEqual(["web web"])
    await s.settled()
  })

  test("from A to B and back to A: the earlier image takes its place again, and nothing is imported", async () => {
    const [a, b] = ["one.qcow2", "two.qcow2"].map((url) => [STACK, image("web", "family: web", url)])
    const s = await story({ manifests: a ?? [] })
    await s.apply()
    s.manifests(...(b ?? []))
    await s.apply()
    s.writes()
    for (const [wanted, left] of [
      [a, ["web web", "web.prev-self web deprecated"]],
      // The newest one is what the family resolves to, whatever older ones stand beside it.
      [b, ["web.prev-self web", "web web"]],
    ] as const) {
      s.manifests(...(wanted ?? []))
      const plan = await s.plan()
      expect(only(plan)).toMatchObject({ action: "restore", reasons: ["restorable", "spec_changed:source"] })
      expect((await s.apply({ plan })).outcomes).toEqual(["restore web ap-singapore: done"])
      expect(s.writes().filter((line) => line.startsWith("ImportImage"))).toEqual([])
      expect(standing(s)).toEqual(left)
      await s.settled()
    }
  })

  test("onChange: refuse", async () => {
    const s = await story({ manifests: [STACK, image("web", "", "one.qcow2")] })
    await s.apply()
    s.writes()
    s.manifests(STACK, image("web", "lifecycle: { onChange: refuse }", "two.qcow2"))
    expect(lines(await s.plan())).toEqual(["refuse web ap-singapore: on_change_refuse, spec_changed:source"])
    expect((await s.apply()).outcomes).toEqual(["refuse web ap-singapore: skipped (on_change_refuse)"])
    expect(s.writes()).toEqual([])
    s.manifests(STACK, image("web", "lifecycle: { onChange: refuse }", "one.qcow2"))
    await s.settled()
  })

  test("accounts that would lose the image are named, and the replacement refused", async () => {
    const s = await story({ manifests: [STACK, image("web", "", "one.qcow2")] })
    await s.apply()
    const [web] = s.emulator.world.images()
    s.emulator.world.changeImage(web?.id ?? "", { sharedWith: ["100000000008", "100000000009"] })
    s.writes()
    s.manifests(STACK, image("web", "", "two.qcow2"))
    expect(lines(await s.plan())).toEqual([
      "refuse web ap-singapore: lost_shares, lost_shares:100000000008, lost_shares:100000000009",
    ])
    await s.apply()
    expect(s.writes()).toEqual([])
    // Shared by the manifest, or given up by it.
    s.manifests(
      STACK,
      image("web", 'sharedWith: ["100000000008"]\nlifecycle: { allowLostShares: true }', "two.qcow2"),
    )
    expect((await s.apply()).outcomes).toEqual(["replace web ap-singapore: done"])
    expect(standing(s)).toEqual(["web.prev-self 100000000008,100000000009", "web 100000000008"])
    await s.settled()
  })
})

describe("match: family", () => {
  test("from A to B and back to A: the older member is what consumers boot again", async () => {
    const FAMILY = "match: family\nfamily: web"
    const s = await story({ manifests: [STACK, image("web", FAMILY, "one.qcow2")] })
    await s.apply()
    s.clock.advance(60_000)
    s.manifests(STACK, image("web", FAMILY, "two.qcow2"))
    await s.apply()
    s.writes()
    const [one, two] = s.emulator.world.images().sort((a, b) => a.createdAt - b.createdAt)
    const resolved = async () =>
      (await s.cloud()).familyImage({ account: "default", region: "ap-singapore" }, "web")
    expect(await resolved()).toBe(two?.id)

    s.manifests(STACK, image("web", FAMILY, "one.qcow2"))
    const plan = await s.plan()
    expect(only(plan)).toMatchObject({
      action: "restore",
      imageId: one?.id,
      deprecate: [{ imageId: two?.id }],
    })
    expect((await s.apply({ plan })).outcomes).toEqual(["restore web ap-singapore: done"])
    expect(s.writes()).toEqual(["ModifyImageAttribute ImageDeprecated"])
    expect(await resolved()).toBe(one?.id)
    await s.settled()

    s.manifests(STACK, image("web", FAMILY, "two.qcow2"))
    expect((await s.apply()).outcomes).toEqual(["restore web ap-singapore: done"])
    expect(await resolved()).toBe(two?.id)
    await s.settled()
  })
})

describe("another object under the same URL", () => {
  const objects = (content: string) => ({ [`${BUCKET}/web.qcow2`]: qcow2Image(rawImage(content)) })
  const source = (onChange: string): string =>
    image("web").replace('qcow2" }', `qcow2", onChange: ${onChange} }`)

  test.each(["name", "family"])(
    "match: %s: a notice, and with onChange: replace the image follows",
    async (mode) => {
      const spec = mode === "name" ? "" : "\n  match: family\n  family: web\n"
      const folder = objects("first")
      const s = await story({ manifests: [STACK, source("notice") + spec], objects: folder })
      const told = { probe: true }
      await s.apply({ told })
      expect(lines(await s.plan(told))).toEqual(["keep web ap-singapore: in_sync"])

      s.object(`${BUCKET}/web.qcow2`, qcow2Image(rawImage("second")))
      expect(lines(await s.plan(told))).toEqual(["keep web ap-singapore: in_sync (notice source_changed)"])
      s.manifests(STACK, source("replace") + spec)
      const plan = await s.plan(told)
      expect(only(plan)).toMatchObject(
        mode === "name"
          ? { action: "replace", reasons: ["source_changed"] }
          : { action: "import", reasons: ["family_moved", "source_changed"] },
      )
      const verb = mode === "name" ? "replace" : "import"
      expect((await s.apply({ plan })).outcomes).toEqual([`${verb} web ap-singapore: done`])
      expect(lines(await s.plan(told))).toEqual(["keep web ap-singapore: in_sync"])
      await s.settled()
    },
  )
})
