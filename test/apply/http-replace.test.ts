// Replacement, restore, retry and retirement over HTTP: the real adapter with the vendor's SDK, the emulator behind a
// door that loses replies. What is true is judged by the emulator's world and ledger.
import { afterEach, describe, expect, it } from "vitest"
import type { Desired } from "../../src/model/desired.ts"
import { isEmpty } from "../../src/plan/index.ts"
import { desired, type PlacementParts } from "../plan/build.ts"
import { run } from "./support/build.ts"
import {
  applied,
  clock,
  closeWorlds,
  FAST,
  type HttpWorld,
  httpWorld,
  imports,
  inRegion,
  planned,
  SINGAPORE,
} from "./support/over-http.ts"

afterEach(closeWorlds)

const LIFECYCLE = { retire: "deprecate", keepPrevious: 0 } as const

const wanted = (crc64: string, parts: PlacementParts = {}): Desired =>
  desired(
    inRegion("a", SINGAPORE, {
      family: "f",
      description: "hardened",
      tags: { team: "platform" },
      lifecycle: LIFECYCLE,
      ...parts,
      source: { crc64 },
    }),
  )

/** Names, states and families in the world, sorted; ids of images in names are left out. */
const stands = (w: HttpWorld): readonly string[] =>
  w.emulator.world
    .images()
    .map((i) =>
      [i.name.replace(/img-\w+/, "ID"), i.state, i.family, i.deprecated ? "deprecated" : ""]
        .join(" ")
        .trimEnd(),
    )
    .sort()

const actions = (w: HttpWorld): readonly string[] =>
  w.emulator.ledger.map((e) => e.action).filter((a) => a !== "CreateTag")

async function outcomes(w: HttpWorld, d: Desired, options: object = {}): Promise<readonly string[]> {
  const { report } = await applied(w, d, {}, options)
  // Times of the API are whole seconds; two images of one second have no newer one.
  for (const { id, createdAt } of w.emulator.world.images()) {
    w.emulator.world.changeImage(id, { createdAt: createdAt - 60_000 })
  }
  return report.results.map((r) => `${r.action} ${r.outcome}`)
}

describe("over HTTP", () => {
  it("A, B, A, B: replaced once, then restored", async () => {
    const w = await httpWorld()
    expect(await outcomes(w, wanted("1"))).toEqual(["import done"])
    const [a] = w.emulator.world.images()
    expect(await outcomes(w, wanted("2"))).toEqual(["replace done"])
    expect(stands(w)).toEqual(["a NORMAL f", "a.prev-ID NORMAL f deprecated"])
    expect(isEmpty(await planned(w, wanted("2")))).toBe(true)
    expect(await outcomes(w, wanted("1"))).toEqual(["restore done"])
    expect(stands(w)).toEqual(["a NORMAL f", "a.prev-ID NORMAL f deprecated"])
    expect(w.emulator.world.images().find((i) => i.name === "a")?.id).toBe(a?.id)
    expect(await w.cloud.familyImage({ account: "default", region: SINGAPORE }, "f")).toBe(a?.id)
    expect(isEmpty(await planned(w, wanted("1")))).toBe(true)
    expect(await outcomes(w, wanted("2"))).toEqual(["restore done"])
    expect(imports(w)).toBe(2)
  })

  it("a replacement that deletes waits for the deletion, snapshots and all", async () => {
    const w = await httpWorld({ deleteMs: 300 })
    const lifecycle = { ...LIFECYCLE, retire: "delete" } as const
    await outcomes(w, wanted("1", { lifecycle }))
    w.emulator.clearLogs()
    expect(await outcomes(w, wanted("2", { lifecycle }))).toEqual(["replace done"])
    expect(stands(w)).toEqual(["a NORMAL f"])
    const renames = ["ModifyImageAttribute", "ModifyImageAttribute", "ModifyImageAttribute"]
    expect(actions(w)).toEqual(["ImportImage", ...renames, "DeleteImages"])
    expect(isEmpty(await planned(w, wanted("2", { lifecycle })))).toBe(true)
  })

  it.each(["ImportImage", "ModifyImageAttribute", "DeleteImages", "ModifyImageSharePermission"])(
    "a replacement ends well though replies of %s are lost",
    async (lost) => {
      const w = await httpWorld()
      const lifecycle = { ...LIFECYCLE, retire: "delete" } as const
      await outcomes(w, wanted("1", { lifecycle }))
      const shared = wanted("2", { lifecycle, sharedWith: ["100000000009"] })
      const seen = new Map<string, number>()
      w.door.decide = (action, body) => {
        if (action !== lost || body.DryRun === true) return "pass"
        const key = JSON.stringify(body)
        seen.set(key, (seen.get(key) ?? 0) + 1)
        return seen.get(key) === 1 ? "lose reply" : "pass"
      }
      expect(await outcomes(w, shared)).toEqual(["replace done"])
      expect(seen.size).toBeGreaterThan(0)
      expect(stands(w)).toEqual(["a NORMAL f"])
      expect(imports(w)).toBe(2)
      expect(isEmpty(await planned(w, shared))).toBe(true)
    },
  )

  it("a failed import leaves the old image; the retry removes what failed and imports again", async () => {
    const w = await httpWorld()
    await outcomes(w, wanted("1"))
    w.emulator.setBehaviour({ importOutcomes: { "a.qcow2": "VirtioNotInstall" } })
    expect(await outcomes(w, wanted("2"))).toEqual(["replace failed"])
    expect(stands(w)).toEqual(["a NORMAL f", expect.stringMatching(/^a\.next-.* IMPORTFAILED$/)])
    expect(await outcomes(w, wanted("2"))).toEqual(["refuse skipped"])
    w.emulator.setBehaviour({ importOutcomes: {} })
    expect(await outcomes(w, wanted("2"), { retryFailed: true })).toEqual(["replace done"])
    expect(stands(w)).toEqual(["a NORMAL f", "a.prev-ID NORMAL f deprecated"])
    expect(imports(w)).toBe(3)
  })

  it("a service that changes nothing that is shared is no hindrance to a new image", async () => {
    const w = await httpWorld({ modifySharedOut: false })
    await outcomes(w, wanted("1"))
    const shared = wanted("2", { sharedWith: ["100000000009"] })
    expect(await outcomes(w, shared)).toEqual(["replace done"])
    expect(isEmpty(await planned(w, shared))).toBe(true)
    // Then the image that is shared cannot be renamed away, and stays as it is.
    expect(await outcomes(w, wanted("3", { sharedWith: ["100000000009"] }))).toEqual(["replace failed"])
    expect(stands(w).filter((line) => line.startsWith("a NORMAL"))).toEqual(["a NORMAL f"])
  })

  it("a first import that failed is retried under its name, which it still holds", async () => {
    const w = await httpWorld({ importOutcomes: { "a.qcow2": "VirtioNotInstall" }, failedHoldsName: true })
    expect(await outcomes(w, wanted("1"))).toEqual(["import failed"])
    w.emulator.setBehaviour({ importOutcomes: {} })
    expect(await outcomes(w, wanted("1"), { retryFailed: true })).toEqual(["retry done"])
    expect(stands(w)).toEqual(["a NORMAL f"])
    expect(isEmpty(await planned(w, wanted("1")))).toBe(true)
  })

  it.each([1, 2, 3, 4, 5, 6, 7])(
    "a replacement cut off after write %i is finished by the next run",
    async (n) => {
      const w = await httpWorld()
      const lifecycle = { ...LIFECYCLE, retire: "delete" } as const
      const before = wanted("1", { lifecycle })
      await outcomes(w, before)
      const after = wanted("2", { lifecycle, sharedWith: ["100000000009"] })
      const stop = new AbortController()
      let writes = 0
      // The line is cut: the last write is carried out, its reply is lost, and nothing passes any more.
      w.door.decide = (action, body) => {
        if (stop.signal.aborted) return "lose call"
        if (/^(Describe|Get|CreateTag)/.test(action) || body.DryRun === true) return "pass"
        writes += 1
        if (writes < n) return "pass"
        stop.abort()
        return "lose reply"
      }
      const world = { cloud: w.cloud, clock }
      await run(await planned(w, after), world, { signal: stop.signal, options: { poll: FAST } })
      w.door.decide = () => "pass"
      for (let i = 0; i < 2; i += 1) await outcomes(w, after, { prune: { retention: true } })
      expect(stands(w)).toEqual(["a NORMAL f"])
      expect(w.emulator.world.images()[0]?.shares).toHaveLength(1)
      expect(imports(w)).toBe(2)
      expect(isEmpty(await planned(w, after, { prune: { retention: true } }))).toBe(true)
    },
  )

  it("what is shared out is not deleted, and its share is not ended", async () => {
    const w = await httpWorld()
    const lifecycle = { ...LIFECYCLE, retire: "delete", allowLostShares: true } as const
    await outcomes(w, wanted("1", { lifecycle }))
    const [old] = w.emulator.world.images()
    const d = wanted("2", { lifecycle })
    const next = await planned(w, d)
    await w.cloud.modifyShares({ account: "default", region: SINGAPORE }, old?.id ?? "", {
      add: ["100000000009"],
      remove: [],
    })
    expect(next.actions.map((a) => a.action)).toEqual(["replace"])
    expect(await outcomes(w, d)).toEqual(["replace skipped"])
    expect(stands(w)).toEqual(["a NORMAL f", "a.prev-ID NORMAL f"])
    expect(w.emulator.world.images().map((i) => i.shares.length)).toContain(1)
  })
})
