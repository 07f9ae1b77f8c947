// What earlier runs and people left in the cloud, through the real planner and the real applier.
import { describe, expect, it } from "vitest"
import { specHash } from "../../src/plan/index.ts"
import { stagedName } from "../../src/plan/names.ts"
import { aPlacement, desired, ours } from "../plan/build.ts"
import { HERE } from "./support/build.ts"
import { world, writes } from "./support/halfway.ts"
import { left, planAndApply, told } from "./support/planned.ts"

const WEB = aPlacement({ image: "web" })
const OLD = aPlacement({ image: "web", source: { crc64: "2" } })
const NEXT = stagedName("web", specHash(WEB))

describe("a replacement that was staged twice", () => {
  it("and that people keep twice is refused in the plan, and nothing is written", async () => {
    const w = world({ uniqueNames: false })
    w.cloud.put(HERE, ours(OLD))
    const shared = w.cloud.put(HERE, ours(WEB, { name: NEXT }))
    w.cloud.share(shared, "100000000001")
    const guarded = w.cloud.put(HERE, ours(WEB, { name: NEXT, tags: { "cvmimg.protect": "1" } }))
    const { plan, of } = await planAndApply(w, desired(WEB))
    expect(plan.actions.map(told)).toEqual(["refuse ambiguous"])
    expect(plan.actions[0]).toMatchObject({ imageIds: [shared, guarded].sort() })
    expect(of("web")).toMatchObject({ outcome: "skipped", reason: "ambiguous" })
    expect(writes(w)).toEqual([])
  })

  it("and that people keep once goes on with that one, and the other one goes", async () => {
    const w = world({ uniqueNames: false })
    const old = w.cloud.put(HERE, ours(OLD))
    const guarded = w.cloud.put(HERE, ours(WEB, { name: NEXT, tags: { "cvmimg.protect": "1" } }))
    const free = w.cloud.put(HERE, ours(WEB, { name: NEXT }))
    expect((await planAndApply(w, desired(WEB))).of("web")).toMatchObject({
      outcome: "done",
      imageId: guarded,
    })
    const calls = [`delete ${free}`, `modify ${old}`, `modify ${guarded}`, `tags ${guarded}`]
    expect(writes(w)).toEqual(calls)
    expect(await left(w, desired(WEB))).toEqual([])
  })
})
