// Images that are there already: adopted, changed in place, told from others of the name.
import { describe, expect, test } from "vitest"
import { image, lines, only, SINGAPORE, STACK, story, text } from "./story.ts"

const ADOPT = "lifecycle: { adopt: true }"
const HALF_AN_HOUR = 30 * 60_000

describe("adoption", () => {
  const old = { region: SINGAPORE, name: "web", description: "made by hand", createdAt: Date.UTC(2026, 0, 1) }

  test("by name: left alone without the word, taken over with it, never imported", async () => {
    const s = await story({ manifests: [STACK, image("web")], images: [old] })
    expect(lines(await s.plan())).toEqual(["keep web ap-singapore: unmanaged (notice unmanaged)"])
    await s.settled()

    s.manifests(STACK, image("web", `${ADOPT}\ndescription: Web\ntags: { app: web }`))
    const { outcomes } = await s.apply()
    expect(outcomes).toEqual(["adopt web ap-singapore: done"])
    expect(s.writes()).toEqual([
      "ModifyResourceTags +app +cvmimg.image +cvmimg.stack",
      "ModifyImageAttribute ImageDescription",
    ])
    const [adopted] = s.emulator.world.images()
    expect(adopted?.description).toMatch(
      /^Web \[cvmimg:1 [0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{16} 0{12} [0-9a-f]{8}\]$/,
    )
    await s.settled()
  })

  test("by name: text that the manifest does not state stays", async () => {
    const s = await story({ manifests: [STACK, image("web", ADOPT)], images: [old] })
    await s.apply()
    expect(s.emulator.world.images()[0]?.description).toMatch(/^made by hand \[cvmimg:1 /)
    await s.settled()
  })

  test("by family: the newest member, and the others stay as they are", async () => {
    const member = { region: SINGAPORE, family: "web" }
    const s = await story({
      manifests: [STACK, image("web", `match: family\nfamily: web\n${ADOPT}`)],
      images: [
        { ...member, name: "web-july", createdAt: Date.UTC(2026, 6, 1) },
        { ...member, name: "web-august", createdAt: Date.UTC(2026, 7, 1) },
      ],
    })
    const august = s.emulator.world.images().find(({ name }) => name === "web-august")
    const plan = await s.plan()
    expect(only(plan)).toMatchObject({ action: "adopt", imageId: august?.id })
    expect((await s.apply({ plan })).outcomes).toEqual(["adopt web ap-singapore: done"])
    const july = s.emulator.world.images().find(({ name }) => name === "web-july")
    expect(july).toMatchObject({ description: "", tags: {}, deprecated: false })
    await s.settled()
  })

  test("what differs in a field that the manifest states is a conflict", async () => {
    const s = await story({
      manifests: [STACK, image("web", ADOPT)],
      images: [{ ...old, architecture: "i386" }],
    })
    expect(lines(await s.plan())).toEqual(["refuse web ap-singapore: conflict, spec_changed:architecture"])
    expect((await s.apply()).outcomes).toEqual(["refuse web ap-singapore: skipped (conflict)"])
    expect(s.writes()).toEqual([])
    s.manifests(STACK, image("web", `${ADOPT}\narchitecture: i386\nos: { type: Ubuntu, version: "16" }`))
    await s.apply()
    await s.settled()
  })
})

describe("changes in place", () => {
  const first = `
description: First
family: web
deprecated: false
sharedWith: ["100000000008", "100000000009"]
tags: { app: web, team: a }`
  const second = `
description: Second
family: site
deprecated: true
sharedWith: ["100000000009", "100000000010"]
tags: { app: site, team: null }`

  test("description, family, deprecation, tags and shares, without a new import", async () => {
    const s = await story({ manifests: [STACK, image("web", first)] })
    expect((await s.apply()).outcomes).toEqual(["import web ap-singapore: done"])
    s.clock.advance(HALF_AN_HOUR)
    await s.settled()

    s.manifests(STACK, image("web", second))
    const plan = await s.plan()
    await expect(text(plan)).toMatchFileSnapshot("golden/update-plan.txt")
    const { outcomes } = await s.apply({ plan })
    expect(outcomes).toEqual(["update web ap-singapore: done"])
    expect(s.writes()).toEqual([
      "ModifyResourceTags +app -team",
      "ModifyImageSharePermission AccountIds Permission",
      "ModifyImageSharePermission AccountIds Permission",
      "ModifyImageAttribute ImageDeprecated ImageDescription ImageFamily",
    ])
    const [web] = s.emulator.world.images()
    expect(web).toMatchObject({ family: "site", deprecated: true, tags: { app: "site" } })
    expect(web?.tags).not.toHaveProperty("team")
    expect(web?.shares.map(({ accountId }) => accountId).sort()).toEqual(["100000000009", "100000000010"])
    await s.settled()
  })

  test("what is no longer stated is no longer managed, and stays", async () => {
    const s = await story({ manifests: [STACK, image("web", first)] })
    await s.apply()
    s.clock.advance(HALF_AN_HOUR)
    s.writes()
    s.manifests(STACK, image("web"))
    await s.apply()
    // The mark records which attributes are managed; nothing else is touched.
    expect(s.writes()).toEqual(["ModifyImageAttribute ImageDescription"])
    const [web] = s.emulator.world.images()
    expect(web).toMatchObject({ family: "web", deprecated: false, tags: { app: "web", team: "a" } })
    expect(web?.description).toMatch(/^First \[cvmimg/)
    expect(web?.shares).toHaveLength(2)
    await s.settled()
  })

  test("what must be empty is emptied", async () => {
    const s = await story({ manifests: [STACK, image("web", first)] })
    await s.apply()
    s.manifests(STACK, image("web", `description: ""\nfamily: ""\nsharedWith: []`))
    await s.apply()
    const [web] = s.emulator.world.images()
    expect(web).toMatchObject({ family: "", shares: [] })
    expect(web?.description).toMatch(/^\[cvmimg:1 /)
    await s.settled()
  })
})

describe("marks", () => {
  test("a lost stamp is written again, and the image is not imported again", async () => {
    const s = await story({ manifests: [STACK, image("web", "description: Web")] })
    await s.apply()
    s.writes()
    const [web] = s.emulator.world.images()
    s.clock.advance(HALF_AN_HOUR)
    s.emulator.world.changeImage(web?.id ?? "", { description: "Web" })
    expect(lines(await s.plan())).toEqual([
      "update web ap-singapore: provenance_missing:description {provenance}",
    ])
    await s.apply()
    expect(s.writes()).toEqual(["ModifyImageAttribute ImageDescription"])
    await s.settled()
  })

  test("lost tags are attached again", async () => {
    const s = await story({ manifests: [STACK, image("web")] })
    await s.apply()
    s.writes()
    s.clock.advance(HALF_AN_HOUR)
    const [web] = s.emulator.world.images()
    s.emulator.world.changeImage(web?.id ?? "", { tags: { other: "stays" } })
    await s.apply()
    expect(s.writes()).toEqual(["ModifyResourceTags +cvmimg.image +cvmimg.stack"])
    expect(s.emulator.world.image(web?.id ?? "")?.tags).toMatchObject({
      other: "stays",
      "cvmimg.image": "web",
    })
    await s.settled()
  })

  test("both lost: nobody's image any more, left alone until it is adopted", async () => {
    const s = await story({ manifests: [STACK, image("web")] })
    await s.apply()
    s.writes()
    s.clock.advance(HALF_AN_HOUR)
    const [web] = s.emulator.world.images()
    s.emulator.world.changeImage(web?.id ?? "", { tags: {}, description: "" })
    expect(lines(await s.plan())).toEqual(["keep web ap-singapore: unmanaged (notice unmanaged)"])
    s.manifests(STACK, image("web", ADOPT))
    expect((await s.apply()).outcomes).toEqual(["adopt web ap-singapore: done"])
    await s.settled()
  })

  test("another stack's image is refused, whatever the manifest says", async () => {
    const s = await story({ manifests: [STACK.replace("golden", "rivals"), image("web")] })
    await s.apply()
    s.writes()
    s.manifests(STACK, image("web", ADOPT))
    expect(lines(await s.plan())).toEqual(["refuse web ap-singapore: owned_by_other"])
    expect((await s.apply()).outcomes).toEqual(["refuse web ap-singapore: skipped (owned_by_other)"])
    expect(s.writes()).toEqual([])
    // The other stack does not mind.
    s.manifests(STACK.replace("golden", "rivals"), image("web"))
    await s.settled()
  })

  test("a renamed image is renamed back, not imported again", async () => {
    const s = await story({ manifests: [STACK, image("web")] })
    await s.apply()
    s.writes()
    const [web] = s.emulator.world.images()
    s.emulator.world.changeImage(web?.id ?? "", { name: "somebody-was-here" })
    await s.apply()
    expect(s.writes()).toEqual(["ModifyImageAttribute ImageName"])
    await s.settled()
  })
})

describe("names", () => {
  test("130 images with look-alike names in the region: the one is found, and none is taken for it", async () => {
    const alike = Array.from({ length: 130 }, (_, i) => ({ region: SINGAPORE, name: `web-${i}` }))
    const s = await story({ manifests: [STACK, image("web"), image("web-1", ADOPT)], images: alike })
    expect(lines(await s.plan())).toEqual([
      "import web ap-singapore: missing",
      expect.stringMatching(/^adopt web-1 ap-singapore: adopt_requested/),
    ])
    const { outcomes } = await s.apply()
    expect(outcomes).toEqual(["import web ap-singapore: done", "adopt web-1 ap-singapore: done"])
    expect(s.emulator.world.images()).toHaveLength(131)
    expect(s.emulator.world.images().filter(({ description }) => description !== "")).toHaveLength(2)
    expect(s.emulator.requests.some(({ parameters }) => parameters.Offset === 100)).toBe(true)
    await s.settled()
  })

  test("two images of the name: refused, and neither is touched", async () => {
    const twin = { region: SINGAPORE, name: "web" }
    const s = await story({ manifests: [STACK, image("web", ADOPT)], images: [twin, twin] })
    const ids = s.emulator.world.images().map(({ id }) => id)
    expect(only(await s.plan())).toMatchObject({
      action: "refuse",
      refusal: "ambiguous",
      imageIds: ids.sort(),
    })
    await s.apply()
    expect(s.writes()).toEqual([])
    s.emulator.world.removeImage(ids[0] ?? "")
    await s.apply()
    await s.settled()
  })
})
