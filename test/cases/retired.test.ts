// What leaves use: failed imports, orphans, members beyond a retention, former names, released images.
import { describe, expect, test } from "vitest"
import { qcow2Image, rawImage } from "../../scripts/sample-images.mjs"
import { image, lines, only, STACK, story } from "./story.ts"

const BUCKET = "golden-ap-singapore-1250000000"
const DAY = 86_400_000
const HALF_AN_HOUR = 30 * 60_000
const stackWith = (spec: string): string => `${STACK}  ${spec}\n`

describe("a failed import", () => {
  const bad = { [`${BUCKET}/web.qcow2`]: Buffer.alloc(4096, "no disk") }

  test("is tried again when the object was mended and the run is told so", async () => {
    const s = await story({ manifests: [STACK, image("web")], objects: bad })
    expect((await s.apply()).outcomes).toEqual(["import web ap-singapore: failed (ImportFailed)"])
    expect(lines(await s.plan())).toEqual(["refuse web ap-singapore: import_failed"])
    s.object(`${BUCKET}/web.qcow2`, qcow2Image(rawImage("good")))
    s.writes()
    const told = { retryFailed: true }
    const plan = await s.plan(told)
    expect(lines(plan)).toEqual(["retry web ap-singapore: retry_requested"])
    // What nobody boots from is no deletion that a limit counts.
    expect(plan.brakes).toEqual([])
    expect((await s.apply({ plan })).outcomes).toEqual(["retry web ap-singapore: done"])
    expect(s.writes()).toEqual(["DeleteImages DeleteBindedSnap ImageIds", "ImportImage web ap-singapore"])
    await s.settled()
  })

  test("is imported anew without being told, where the probe sees that the object is another one", async () => {
    const s = await story({ manifests: [STACK, image("web")], objects: bad })
    await s.apply({ told: { probe: true } })
    expect(lines(await s.plan({ probe: true }))).toEqual(["refuse web ap-singapore: import_failed"])
    s.object(`${BUCKET}/web.qcow2`, qcow2Image(rawImage("good")))
    const plan = await s.plan({ probe: true })
    expect(only(plan)).toMatchObject({ action: "import", reasons: ["missing", "leftover:failed"] })
    expect((await s.apply({ plan })).outcomes).toEqual(["import web ap-singapore: done"])
    expect(s.emulator.world.images()).toHaveLength(1)
    await s.settled()
  })

  test("of a member is tried again too, and then moves the family", async () => {
    const FAMILY = "match: family\nfamily: web"
    const s = await story({
      manifests: [STACK, image("web", FAMILY, "one.qcow2")],
      behaviour: { importOutcomes: { "two.qcow2": "VirtioNotInstall" } },
    })
    await s.apply()
    s.clock.advance(HALF_AN_HOUR)
    s.manifests(STACK, image("web", FAMILY, "two.qcow2"))
    await s.apply()
    s.emulator.setBehaviour({ importOutcomes: {} })
    const told = { retryFailed: true }
    const plan = await s.plan(told)
    expect(lines(plan)).toEqual(["retry web ap-singapore: retry_requested {source}"])
    expect(plan.families).toMatchObject([{ family: "web" }])
    expect((await s.apply({ plan })).outcomes).toEqual(["retry web ap-singapore: done"])
    await s.settled()
  })
})

describe("an orphan", () => {
  const both = [image("web"), image("old", "tags: { app: old }")]

  test.each([
    ["delete", "delete old ap-singapore: orphaned {name}"],
    ["deprecate", "deprecate old ap-singapore: orphaned {deprecated}"],
  ])("is %sd with --prune=orphans, and only told without", async (how, line) => {
    const s = await story({ manifests: [STACK, ...both] })
    await s.apply()
    s.manifests(stackWith(`prune: { orphans: ${how} }`), image("web"))
    const quiet = await s.plan()
    expect(lines(quiet)).toEqual(["keep web ap-singapore: in_sync"])
    expect(quiet.notices).toMatchObject([{ code: "orphaned" }])

    const told = { prune: "orphans" as const }
    const plan = await s.plan({ ...told, allow: { maxDeletes: 1 } })
    expect(lines(plan)).toEqual([line, "keep web ap-singapore: in_sync"])
    s.writes()
    expect((await s.apply({ plan })).outcomes).toEqual([`${how} old ap-singapore: done`])
    const left = s.emulator.world.images().map((i) => [i.name, i.deprecated])
    expect(left.sort()).toEqual(
      how === "delete"
        ? [["web", false]]
        : [
            ["old", true],
            ["web", false],
          ],
    )
    expect(lines(await s.plan(told))).toEqual(["keep web ap-singapore: in_sync"])
    await s.settled()
  })

  test("in a region that no manifest lists any more is found by its tag", async () => {
    const regions = "regions: [ap-singapore, eu-frankfurt]"
    const s = await story({ manifests: [STACK, image("web", regions)] })
    await s.apply()
    s.clock.advance(HALF_AN_HOUR)
    s.manifests(stackWith("prune: { orphans: delete }"), image("web"))
    expect((await s.plan()).notices).toMatchObject([{ code: "orphaned", region: "eu-frankfurt" }])
    const told = { prune: "all" as const, allow: { maxDeletes: 1 } }
    expect((await s.apply({ told })).outcomes).toEqual(["delete web eu-frankfurt: done"])
    expect(s.emulator.world.images().map((i) => i.region)).toEqual(["ap-singapore"])
    await s.settled()
  })

  test.each([
    ["protected in the cloud", { tags: { "cvmimg.protect": "yes" } }],
    ["shared out", { sharedWith: ["100000000008"] }],
  ])("that is %s stays", async (_, change) => {
    const s = await story({ manifests: [STACK, ...both] })
    await s.apply()
    s.clock.advance(HALF_AN_HOUR)
    const old = s.emulator.world.images().find((i) => i.name === "old")
    const tags = "tags" in change ? { tags: { ...old?.tags, ...change.tags } } : change
    s.emulator.world.changeImage(old?.id ?? "", tags)
    s.manifests(stackWith("prune: { orphans: delete }"), image("web"))
    s.writes()
    await s.apply({ told: { prune: "orphans", allow: { maxDeletes: 1 } } })
    expect(s.writes()).toEqual([])
    await s.settled()
  })

  test("beyond the limit: nothing at all is carried out", async () => {
    const s = await story({ manifests: [STACK, ...both] })
    await s.apply()
    s.manifests(stackWith("prune: { orphans: delete }"), image("web", "description: New"))
    const plan = await s.plan({ prune: "orphans" })
    expect(plan.brakes).toMatchObject([{ limit: "maxDeletes", count: 1, allowed: 0, images: ["old"] }])
  })
})

describe("retention", () => {
  const FAMILY = "match: family\nfamily: web"
  const family = (retain: string, beyond: string): string => `
apiVersion: cvmimg/v1
kind: Family
metadata: { name: web }
spec: { retain: ${retain}, beyond: ${beyond} }
`

  test("of a family: the newest stay, and those that are young; what is beyond is deleted", async () => {
    const s = await story({ manifests: [STACK, image("web", FAMILY, "0.qcow2")] })
    for (let i = 0; i < 4; i += 1) {
      s.manifests(STACK, image("web", FAMILY, `${i}.qcow2`))
      await s.apply()
      s.clock.advance(DAY)
    }
    const ids = s.emulator.world
      .images()
      .sort((a, b) => a.createdAt - b.createdAt)
      .map((i) => i.id)
    const with3 = image("web", FAMILY, "3.qcow2")
    const retired = async (retain: string, beyond = "delete") => {
      s.manifests(STACK, with3, family(retain, beyond))
      const { actions } = await s.plan({ prune: "retention", allow: { maxDeletes: 9 } })
      return actions.flatMap((a) =>
        a.action === "delete" || a.action === "deprecate" ? [`${a.action} ${ids.indexOf(a.imageId)}`] : [],
      )
    }
    expect((await retired("{ last: 2 }")).sort()).toEqual(["delete 0", "delete 1"])
    expect((await retired("{ last: 2, within: 84h }")).sort()).toEqual(["delete 0"])
    expect(await retired("{ last: 9 }")).toEqual([])
    expect((await retired("{ last: 2 }", "deprecate")).sort()).toEqual(["deprecate 0", "deprecate 1"])
    expect((await retired("{ last: 2 }")).sort()).toEqual(["delete 0", "delete 1"])
    const told = { prune: "retention" as const, allow: { maxDeletes: 9 } }
    await s.apply({ told })
    expect(
      s.emulator.world
        .images()
        .map((i) => i.id)
        .sort(),
    ).toEqual([ids[2], ids[3]].sort())
    expect(lines(await s.plan(told))).toEqual(["keep web ap-singapore: in_sync"])
    await s.settled()
  })

  test("of replaced images: keepPrevious", async () => {
    const spec = (keep: number): string => `lifecycle: { keepPrevious: ${keep}, retire: delete }`
    const s = await story({ manifests: [STACK, image("web", spec(3), "0.qcow2")] })
    for (let i = 0; i < 3; i += 1) {
      s.manifests(STACK, image("web", spec(3), `${i}.qcow2`))
      await s.apply()
      s.clock.advance(DAY)
    }
    expect(s.emulator.world.images()).toHaveLength(3)
    s.manifests(STACK, image("web", spec(1), "2.qcow2"))
    expect((await s.plan()).notices).toMatchObject([{ code: "over_retention" }])
    const told = { prune: "retention" as const, allow: { maxDeletes: 1 } }
    expect((await s.apply({ told })).outcomes).toEqual(["delete web ap-singapore: done"])
    expect(s.emulator.world.images()).toHaveLength(2)
    await s.settled()
  })
})

describe("names", () => {
  test("a former name is renamed in place", async () => {
    const s = await story({ manifests: [STACK, image("web")] })
    await s.apply()
    s.clock.advance(HALF_AN_HOUR)
    s.writes()
    s.manifests(
      STACK,
      image("site", "", "web.qcow2").replace("name: site }", "name: site, formerNames: [web] }"),
    )
    const plan = await s.plan({ prune: "all" })
    expect(only(plan)).toMatchObject({ action: "update", image: "site" })
    expect((await s.apply({ plan })).outcomes).toEqual(["update site ap-singapore: done"])
    expect(s.writes().filter((line) => /Import|Delete/.test(line))).toEqual([])
    expect(s.emulator.world.images()).toMatchObject([{ name: "site", tags: { "cvmimg.image": "site" } }])
    await s.settled()
    // Without the former name in the manifest it stays so.
    s.manifests(STACK, image("site", "", "web.qcow2"))
    await s.settled()
  })

  test("a released image stays, without our marks, and is nobody's from then on", async () => {
    const s = await story({ manifests: [STACK, image("web", "description: Web\ntags: { app: web }")] })
    await s.apply()
    s.clock.advance(HALF_AN_HOUR)
    s.manifests(STACK, image("web", "description: Web\ntags: { app: web }\nlifecycle: { state: released }"))
    const plan = await s.plan()
    expect(lines(plan)).toEqual([
      "update web ap-singapore: released {tags.cvmimg.image, tags.cvmimg.stack, provenance}",
    ])
    await s.apply({ plan })
    expect(s.emulator.world.images()).toMatchObject([
      { name: "web", description: "Web", tags: { app: "web" } },
    ])
    expect(s.emulator.world.images()[0]?.tags).toEqual({ app: "web" })
    await s.settled()
    // Nothing of it is an orphan, and another stack may adopt it.
    s.manifests(stackWith("prune: { orphans: delete }"), image("other"))
    expect((await s.plan({ prune: "all" })).notices).toEqual([])
  })
})
