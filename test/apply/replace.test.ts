import { describe, expect, it } from "vitest"
import type { ReplaceAction } from "../../src/model/plan.ts"
import {
  anImport,
  aPlan,
  aReplace,
  HERE,
  run,
  SPEC,
  STACK_ID,
  stamped,
  THERE,
  types,
} from "./support/build.ts"
import { denied, failure, lost } from "./support/fake-cloud.ts"
import {
  OLD,
  OLD_SPEC,
  PREV,
  putNew,
  putOld,
  STAGED,
  stands,
  type World,
  world,
  writes,
} from "./support/halfway.ts"

const AFTERWARDS = {
  attributes: { family: "f" },
  tags: { set: { app: "web" }, remove: [] },
  shares: { add: ["100000000001"], remove: [] },
}
const RETIRE = {
  imageId: OLD,
  name: "a",
  how: "deprecate",
  deleteSnapshots: true,
  reason: "over_retention:keepPrevious",
} as const

/** The whole of a replacement, whatever stands already. */
const action = (parts: Parameters<typeof aReplace>[1] = {}): ReplaceAction =>
  aReplace("a", { old: OLD, afterwards: AFTERWARDS, retire: [RETIRE], ...parts })

const DONE = [`new a NORMAL f 100000000001`, `old ${PREV} NORMAL f deprecated`]

describe("a replacement", () => {
  it("stages, swaps, gives family, tags and shares, and retires, in this order", async () => {
    const w = world()
    putOld(w)
    const { of, events } = await run(aPlan(action()), w)
    expect(of("a")).toMatchObject({ outcome: "done", imageId: "img-00000002", requestId: expect.any(String) })
    expect(stands(w)).toEqual(DONE)
    expect(writes(w)).toEqual([
      `import ${STAGED}`,
      `modify ${OLD}`,
      "modify img-00000002",
      "tags img-00000002",
      "modify img-00000002",
      "shares img-00000002",
      `modify ${OLD}`,
    ])
    const steps = events.flatMap((e) => (e.type === "update.settled" ? [e.step] : []))
    expect(steps).toEqual(["name", "name", "tags", "attributes", "shares", "deprecation"])
    expect(types(events).filter((t) => t === "placement.settled")).toHaveLength(1)
  })

  it("leaves the old image as it was when the import fails", async () => {
    const w = world({ outcome: () => "IMPORTFAILED" })
    putOld(w)
    const before = w.cloud.all(HERE)[0]
    const { of } = await run(aPlan(action()), w)
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ImportFailed" } })
    expect(w.cloud.all(HERE)[0]).toEqual(before)
    expect(writes(w)).toEqual([`import ${STAGED}`])
  })

  it.each<[string, (w: World) => Partial<Parameters<typeof aReplace>[1]>]>([
    [
      "S0: the old one has the name",
      (w) => {
        putOld(w)
        return {}
      },
    ],
    [
      "S1: the new one is importing",
      (w) => {
        putOld(w)
        return { staged: { imageId: putNew(w, STAGED, 60_000), name: STAGED, state: "IMPORTING" } }
      },
    ],
    [
      "S1, found by a plan that does not know it",
      (w) => {
        putOld(w)
        putNew(w, STAGED, 60_000)
        return {}
      },
    ],
    [
      "S2: the new one is NORMAL",
      (w) => {
        putOld(w)
        return { staged: { imageId: putNew(w, STAGED), name: STAGED, state: "NORMAL" } }
      },
    ],
    [
      "S3: the name is absent",
      (w) => {
        putOld(w, PREV)
        return { old: undefined, staged: { imageId: putNew(w, STAGED), name: STAGED, state: "NORMAL" } }
      },
    ],
    [
      "S4: the family is not given",
      (w) => {
        putOld(w, PREV)
        return { old: undefined, staged: { imageId: putNew(w, "a"), name: "a", state: "NORMAL" } }
      },
    ],
    [
      "S4, found by the action of S0",
      (w) => {
        putOld(w, PREV)
        putNew(w, "a")
        return {}
      },
    ],
    [
      "S5: the retirement is left",
      (w) => {
        putOld(w, PREV)
        const id = putNew(w, "a")
        w.cloud.change(id, { family: "f", tags: { app: "web" } })
        w.cloud.share(id, "100000000001")
        return { old: undefined, staged: { imageId: id, name: "a", state: "NORMAL" } }
      },
    ],
  ])("goes on from %s", async (_, put) => {
    const w = world()
    const parts = put(w)
    const { of } = await run(aPlan(action(parts)), w)
    expect(of("a").outcome).toBe("done")
    expect(stands(w)).toEqual(DONE)
    expect(w.cloud.count("import")).toBeLessThanOrEqual(1)
    // Nothing is written that stood already.
    const before = writes(w)
    await run(aPlan(action(parts)), w)
    expect(writes(w)).toEqual(before)
  })

  it("undoes the first rename when the second is refused for good", async () => {
    const w = world()
    putOld(w)
    w.cloud.script = (call) =>
      call.verb === "modify" && call.about !== OLD
        ? {
            failure: failure("InvalidParameterValue.TooLarge", { message: "Too large.", requestId: "req-x" }),
          }
        : undefined
    const { of } = await run(aPlan(action()), w)
    expect(of("a")).toMatchObject({ outcome: "failed", imageId: "img-00000002" })
    expect(of("a").error?.message).toBe(
      `Too large. The new image img-00000002 stands as ${STAGED}; the old one ${OLD} has the name a again.`,
    )
    expect(stands(w)).toEqual([`new ${STAGED} NORMAL`, "old a NORMAL f"])
  })

  it("says what stands where when that cannot be undone either", async () => {
    const w = world()
    putOld(w)
    w.cloud.script = (call) =>
      call.verb === "modify" && (call.about !== OLD || call.nth > 1) ? { failure: denied() } : undefined
    const { of } = await run(aPlan(action()), w)
    expect(of("a").outcome).toBe("failed")
    expect(of("a").error?.message).toContain(
      `The new image img-00000002 stands as ${STAGED}; the old one ${OLD} stands as ${PREV} and could not be renamed back (UnauthorizedOperation): nothing bears the name a.`,
    )
    // The next plan offers the rest.
    w.cloud.script = () => undefined
    const staged = { imageId: "img-00000002", name: STAGED, state: "NORMAL" }
    expect((await run(aPlan(action({ old: undefined, staged })), w)).of("a").outcome).toBe("done")
    expect(stands(w)).toEqual(DONE)
  })

  it("makes the second rename again when its reply is lost, and is done where it was carried out", async () => {
    for (const carriedOut of [true, false]) {
      const w = world()
      putOld(w)
      w.cloud.script = (call) =>
        call.verb === "modify" && call.about !== OLD && call.nth === 1
          ? { failure: lost(), carriedOut }
          : undefined
      const { of } = await run(aPlan(action()), w)
      expect(of("a").outcome).toBe("done")
      expect(stands(w)).toEqual(DONE)
    }
  })

  it("is unknown when nobody knows whether the second rename was made", async () => {
    const w = world()
    putOld(w)
    w.cloud.script = (call) =>
      call.verb === "modify" && call.about !== OLD ? { failure: lost() } : undefined
    const { of } = await run(aPlan(action()), w)
    expect(of("a").outcome).toBe("unknown")
    expect(of("a").error?.message).toContain(`the old one ${OLD} stands as ${PREV}`)
    expect(stands(w)).toEqual([`new ${STAGED} NORMAL`, `old ${PREV} NORMAL f`])
  })

  it("is not stopped by an interrupt between the two renames", async () => {
    const w = world()
    putOld(w)
    const stop = new AbortController()
    const { of } = await run(aPlan(action()), w, {
      signal: stop.signal,
      onEvent: (e) => {
        if (e.type === "update.settled" && e.imageId === OLD) stop.abort()
      },
    })
    expect(of("a")).toMatchObject({ outcome: "skipped", reason: "interrupted", imageId: "img-00000002" })
    expect(stands(w)).toEqual(["new a NORMAL", `old ${PREV} NORMAL f`])
  })

  it("touches nobody who took the name meanwhile", async () => {
    const w = world({ importMs: 60_000 })
    putOld(w)
    w.clock.at(30_000, () => {
      w.cloud.change(OLD, { name: "elsewhere" })
      w.cloud.put(HERE, { name: "a", id: "img-foreign0" })
    })
    const { of } = await run(aPlan(action()), w)
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ClientError.NameTaken" } })
    expect(writes(w)).toEqual([`import ${STAGED}`])
  })

  it("touches no old image that lost our mark", async () => {
    const w = world()
    putOld(w)
    w.cloud.change(OLD, { description: stamped("a", OLD_SPEC, "99999999") })
    const { of } = await run(aPlan(action()), w)
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ClientError.NotOurs" } })
    expect(writes(w)).toEqual([`import ${STAGED}`])
  })

  it("of the same spec from another source tells the two apart", async () => {
    const w = world()
    const description = stamped("a", SPEC, STACK_ID).replace("a".repeat(12), "c".repeat(12))
    w.cloud.put(HERE, { id: OLD, name: "a", description, family: "f", createdAt: 0 })
    const { of } = await run(aPlan(action()), w)
    expect(of("a")).toMatchObject({ outcome: "done", imageId: "img-00000002" })
    expect(w.cloud.all(HERE).map((i) => i.name)).toEqual([PREV, "a"])
  })

  it("that finds the import twice reports it and does nothing", async () => {
    const w = world({ uniqueNames: false })
    putOld(w)
    putNew(w, STAGED)
    putNew(w, STAGED)
    const { of } = await run(aPlan(action()), w)
    expect(of("a")).toMatchObject({ outcome: "unknown", error: { code: "ClientError.DoubleImport" } })
    expect(writes(w)).toEqual([])
  })

  it("removes a staged image that nothing waits for, and no other", async () => {
    const leftover = (name: string, parts: object): Promise<readonly [string, readonly string[]]> =>
      (async () => {
        const w = world()
        putOld(w)
        const id = w.cloud.put(HERE, { name, description: stamped("a", "eeeeeeeeeeeeeeee"), ...parts })
        const { of } = await run(aPlan(action({ remove: [{ imageId: id, name }] })), w)
        return [of("a").outcome, w.cloud.deleted] as const
      })()
    expect(await leftover("a.next-eeeeeeee", {})).toEqual(["done", ["img-00000002"]])
    expect(await leftover("b", { state: "IMPORTFAILED" })).toEqual(["done", ["img-00000002"]])
    for (const [name, parts] of [
      ["a-2", {}],
      ["a.next-eeeeeeee", { family: "f" }],
      ["a.next-eeeeeeee", { tags: { "cvmimg.protect": "x" } }],
      ["a.next-eeeeeeee", { state: "PONDERING" }],
      ["a.next-eeeeeeee", { description: "" }],
    ] as const) {
      expect(await leftover(name, parts)).toEqual(["failed", []])
    }
  })
})

describe("release: together", () => {
  const together = { release: "together" as const }

  it("holds the first rename back until every placement is NORMAL", async () => {
    const w = world({ outcome: () => "NORMAL", importMs: 60_000 })
    putOld(w)
    w.cloud.put(THERE, { name: "a", description: stamped("a") }, 900_000)
    const slow = w.cloud.all(THERE)[0]?.id ?? ""
    const there = aReplace("a", {
      ...THERE,
      ...together,
      staged: { imageId: slow, name: STAGED, state: "IMPORTING" },
    })
    w.cloud.change(slow, { name: STAGED })
    let renamedAt = 0
    const { report } = await run(aPlan(action(together), there), w, {
      onEvent: (e) => {
        if (e.type === "update.started" && renamedAt === 0) renamedAt = w.clock.monotonic()
      },
    })
    expect(report.results.map((r) => r.outcome)).toEqual(["done", "done"])
    expect(renamedAt).toBeGreaterThanOrEqual(900_000)
  })

  it("leaves every name as it was when one placement fails, and retires nothing", async () => {
    const w = world({ outcome: (_, place) => (place.region === THERE.region ? "IMPORTFAILED" : "NORMAL") })
    putOld(w)
    const { of } = await run(aPlan(action(together), anImport("a", { ...THERE, ...together })), w)
    expect(of("a", HERE.region)).toMatchObject({ outcome: "skipped", reason: "release_held" })
    expect(stands(w)).toEqual([`new ${STAGED} NORMAL`, "old a NORMAL f"])
  })
})
