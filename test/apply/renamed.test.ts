// An image that got another name and another spec in one change, through the real planner and the real applier.
import { describe, expect, it } from "vitest"
import type { CloudImage } from "../../src/model/observed.ts"
import { imageHash, specHash } from "../../src/plan/index.ts"
import { retiredName, stagedName } from "../../src/plan/names.ts"
import { aPlacement, desired, ours } from "../plan/build.ts"
import { HERE } from "./support/build.ts"
import { denied } from "./support/fake-cloud.ts"
import { type World, world, writes } from "./support/halfway.ts"
import { left, planAndApply, told } from "./support/planned.ts"

const WEB = aPlacement({ image: "web" })
const SITE = aPlacement({ image: "site", formerNames: ["web"], bootMode: "UEFI" })
const STAGED = stagedName("site", specHash(SITE))

/** Puts an image there, with an id of the cloud's own. */
function put({ cloud }: World, { id: _, ...image }: CloudImage): string {
  return cloud.put(HERE, image)
}

/** `name state, deprecated`, sorted. */
function stands({ cloud }: World): string[] {
  return cloud
    .all(HERE)
    .map(({ name, state, deprecated }) => `${name} ${state}${deprecated ? ", deprecated" : ""}`)
    .sort()
}

describe("a rename together with another spec", () => {
  it("renames the old image away, as any replacement does, and leaves nothing to do", async () => {
    const w = world()
    const old = put(w, ours(WEB))
    const { plan, of } = await planAndApply(w, desired(SITE))
    expect(plan.actions.map(told)).toEqual(["replace spec_changed:bootMode"])
    expect(plan.actions[0]).toMatchObject({ old: { imageId: old, name: "web" } })
    expect(of("site").outcome).toBe("done")
    expect(stands(w)).toEqual(["site NORMAL", `${retiredName("site", old)} NORMAL`])
    expect(await left(w, desired(SITE))).toEqual([])
  })

  it("retires what lies beyond keepPrevious, under the former name too", async () => {
    const w = world()
    const before = put(w, ours(WEB, { name: "web.prev-img-0000aaaa", createdAt: 1 }))
    const old = put(w, ours(WEB))
    const { plan, of } = await planAndApply(w, desired(SITE))
    expect(plan.actions[0]).toMatchObject({ retire: [{ imageId: before, how: "deprecate" }] })
    expect(of("site").outcome).toBe("done")
    expect(stands(w)).toEqual([
      "site NORMAL",
      `${retiredName("site", old)} NORMAL`,
      "web.prev-img-0000aaaa NORMAL, deprecated",
    ])
  })

  it("that is stopped before the old image is renamed goes on with the one that is staged", async () => {
    const w = world()
    const old = put(w, ours(WEB))
    w.cloud.script = (call) => (call.verb === "modify" ? { failure: denied() } : undefined)
    expect((await planAndApply(w, desired(SITE))).of("site").outcome).toBe("failed")
    expect(stands(w)).toEqual([`${STAGED} NORMAL`, "web NORMAL"])
    w.cloud.script = () => undefined
    const { plan, of } = await planAndApply(w, desired(SITE))
    expect(plan.actions.map(told)).toEqual(["replace half_done:swap, spec_changed:bootMode"])
    expect(plan.actions[0]).toMatchObject({ old: { imageId: old } })
    expect(of("site").outcome).toBe("done")
    expect(stands(w)).toEqual(["site NORMAL", `${retiredName("site", old)} NORMAL`])
    expect(w.cloud.count("import")).toBe(1)
    expect(await left(w, desired(SITE))).toEqual([])
  })

  it("gives the old image its own name back where the new one cannot take its name", async () => {
    const w = world()
    put(w, ours(WEB))
    let renames = 0
    w.cloud.script = (call) => {
      if (call.verb !== "modify") return undefined
      renames += 1
      return renames === 2 ? { failure: denied() } : undefined
    }
    const { error, outcome } = (await planAndApply(w, desired(SITE))).of("site")
    expect(outcome).toBe("failed")
    expect(error?.message).toContain("has the name web again")
    expect(stands(w)).toEqual([`${STAGED} NORMAL`, "web NORMAL"])
  })

  it("takes what was staged under the former name, and imports nothing twice", async () => {
    const was = aPlacement({ image: "web", bootMode: "UEFI" })
    const w = world()
    const old = put(w, ours(WEB))
    const staged = put(w, ours(was, { name: stagedName("web", specHash(was)) }))
    const { plan, of } = await planAndApply(w, desired(SITE))
    expect(plan.actions[0]).toMatchObject({ action: "replace", staged: { imageId: staged } })
    expect(of("site")).toMatchObject({ outcome: "done", imageId: staged })
    expect(w.cloud.count("import")).toBe(0)
    expect(stands(w)).toEqual(["site NORMAL", `${retiredName("site", old)} NORMAL`])
    expect(w.cloud.all(HERE).find(({ id }) => id === staged)).toMatchObject({
      tags: { "cvmimg.image": "site" },
      description: expect.stringContaining(` ${imageHash("site")} `),
    })
    expect(await left(w, desired(SITE))).toEqual([])
  })

  it("back to the spec of an image that was replaced under the former name restores that one", async () => {
    const w = world()
    const old = put(w, ours(WEB))
    const earlier = put(w, ours({ ...SITE, image: "web" }, { name: "web.prev-img-0000aaaa" }))
    const { plan, of } = await planAndApply(w, desired(SITE))
    expect(plan.actions.map(told)).toEqual(["restore restorable, spec_changed:bootMode"])
    expect(of("site")).toMatchObject({ outcome: "done", imageId: earlier })
    expect(stands(w)).toEqual(["site NORMAL", `${retiredName("site", old)} NORMAL`])
    expect(await left(w, desired(SITE))).toEqual([])
  })

  it("leaves an image alone that somebody renamed since", async () => {
    const w = world()
    const old = put(w, ours(WEB))
    w.cloud.script = (call) => {
      if (call.verb === "import") w.cloud.change(old, { name: "mine" })
      return undefined
    }
    expect((await planAndApply(w, desired(SITE))).of("site").outcome).toBe("done")
    expect(stands(w)).toEqual(["mine NORMAL", "site NORMAL"])
    expect(writes(w)).not.toContain(`modify ${old}`)
  })
})
