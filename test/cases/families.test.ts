// Families and releases: when consumers get another image, and when they do not.
import { describe, expect, test } from "vitest"
import { image, lines, SINGAPORE, STACK, story } from "./story.ts"

const FAMILY = "match: family\nfamily: web"
const TWO_REGIONS = "regions: [ap-singapore, eu-frankfurt]"
const MINUTE = 60_000

describe("the next member of a family", () => {
  test("moves the family only after it is NORMAL", async () => {
    const s = await story({ manifests: [STACK, image("web", FAMILY, "one.qcow2")] })
    await s.apply()
    const [one] = s.emulator.world.images()
    expect(one?.family).toBe("web")
    expect(s.writes()).toEqual([`ImportImage ${one?.name} ap-singapore`])
    s.clock.advance(MINUTE)
    await s.settled()

    s.manifests(STACK, image("web", FAMILY, "two.qcow2"))
    const plan = await s.plan()
    expect(lines(plan)).toEqual(["import web ap-singapore: family_moved, spec_changed:source {source}"])
    expect(plan.families).toMatchObject([{ family: "web", before: { imageId: one?.id }, images: ["web"] }])
    const { outcomes } = await s.apply({ plan })
    expect(outcomes).toEqual(["import web ap-singapore: done"])
    const two = s.emulator.world.images().find(({ id }) => id !== one?.id)
    expect(two).toMatchObject({ family: "web", state: "NORMAL" })
    expect(two?.name).toMatch(/^web-[0-9a-f]{8}$/)
    expect(s.writes()).toEqual([`ImportImage ${two?.name} ap-singapore`, "ModifyImageAttribute ImageFamily"])
    const [sent] = s.emulator.ledger.filter((entry) => entry.parameters.ImageName === two?.name)
    expect(sent?.parameters).not.toHaveProperty("ImageFamily")
    const moved = s.emulator.ledger.at(-1)
    expect((moved?.worldMs ?? 0) - (sent?.worldMs ?? 0)).toBeGreaterThanOrEqual(30_000)
    await s.settled()
  })

  test("that fails leaves the family where it is", async () => {
    const s = await story({
      manifests: [STACK, image("web", FAMILY, "one.qcow2")],
      behaviour: { importOutcomes: { "two.qcow2": "VirtioNotInstall" } },
    })
    await s.apply()
    s.manifests(STACK, image("web", FAMILY, "two.qcow2"))
    const { outcomes } = await s.apply()
    expect(outcomes).toEqual(["import web ap-singapore: failed (ImportFailed)"])
    const resolved = await (await s.cloud()).familyImage({ account: "default", region: SINGAPORE }, "web")
    expect(resolved).toBe(s.emulator.world.images().find(({ state }) => state === "NORMAL")?.id)
    expect(lines(await s.plan())).toEqual(["refuse web ap-singapore: import_failed"])
    s.manifests(STACK, image("web", FAMILY, "one.qcow2"))
    expect(lines(await s.plan())).toEqual([
      "keep web ap-singapore: in_sync",
      "delete web ap-singapore: leftover:failed {name}",
    ])
    expect((await s.apply()).outcomes).toEqual(["delete web ap-singapore: done"])
    await s.settled()
  })
})

describe("release: together", () => {
  const spec = (release: string): string => `family: web\n${TWO_REGIONS}\nrelease: ${release}`
  const SLOW = { importMs: 3 * MINUTE, visibilityDelayMs: 0 }

  test("gives the family nowhere until every region is NORMAL", async () => {
    const s = await story({ manifests: [STACK, image("web", spec("together"))], behaviour: SLOW })
    const { outcomes } = await s.apply()
    expect(outcomes).toEqual(["import web ap-singapore: done", "import web eu-frankfurt: done"])
    const writes = s.emulator.ledger.filter(({ action }) => action !== "CreateTag")
    expect(writes.map(({ action }) => action)).toEqual([
      "ImportImage",
      "ImportImage",
      "ModifyImageAttribute",
      "ModifyImageAttribute",
    ])
    const ends = s.emulator.world.images().map(({ job }) => job?.finishAt ?? 0)
    expect(Math.min(...writes.slice(2).map(({ worldMs }) => worldMs))).toBeGreaterThanOrEqual(
      Math.max(...ends),
    )
    await s.settled()
  })

  test("one region fails: the other is imported and not released", async () => {
    const s = await story({
      manifests: [STACK, image("web", spec("together"))],
      behaviour: { importOutcomes: { "cos.eu-frankfurt": "CloudInitNotInstalled" } },
    })
    const { outcomes } = await s.apply()
    expect(outcomes).toEqual([
      "import web ap-singapore: skipped (release_held)",
      "import web eu-frankfurt: failed (ImportFailed)",
    ])
    expect(s.emulator.world.images().map(({ family }) => family)).toEqual(["", ""])
    // Frankfurt is given up for now; Singapore then has the family as a step that is left.
    s.manifests(STACK, image("web", spec("together").replace(", eu-frankfurt", "")))
    expect((await s.apply()).outcomes).toEqual(["update web ap-singapore: done"])
    await s.settled()
  })

  test("perRegion releases what is NORMAL, whatever the others do", async () => {
    const s = await story({
      manifests: [STACK, image("web", spec("perRegion"))],
      behaviour: { importOutcomes: { "cos.eu-frankfurt": "CloudInitNotInstalled" } },
    })
    expect((await s.apply()).outcomes).toEqual([
      "import web ap-singapore: done",
      "import web eu-frankfurt: failed (ImportFailed)",
    ])
    expect(s.emulator.world.images(undefined, SINGAPORE).map(({ family }) => family)).toEqual(["web"])
    s.manifests(STACK, image("web", spec("perRegion").replace(", eu-frankfurt", "")))
    await s.settled()
  })
})
