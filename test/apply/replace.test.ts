import { describe, expect, it } from "vitest"
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
import {
  DONE,
  OLD,
  OLD_SPEC,
  PREV,
  putNew,
  putOld,
  replaceA,
  STAGED,
  stands,
  type World,
  world,
  writes,
} from "./support/halfway.ts"

describe("a replacement", () => {
  it("stages, swaps, gives family, tags and shares, and retires, in this order", async () => {
    const w = world()
    putOld(w)
    const { of, events } = await run(aPlan(replaceA()), w)
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
    const { of } = await run(aPlan(replaceA()), w)
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
    const { of } = await run(aPlan(replaceA(parts)), w)
    expect(of("a").outcome).toBe("done")
    expect(stands(w)).toEqual(DONE)
    expect(w.cloud.count("import")).toBeLessThanOrEqual(1)
    // Nothing is written that stood already.
    const before = writes(w)
    await run(aPlan(replaceA(parts)), w)
    expect(writes(w)).toEqual(before)
  })

  it("touches nobody who took the name meanwhile", async () => {
    const w = world({ importMs: 60_000 })
    putOld(w)
    w.clock.at(30_000, () => {
      w.cloud.change(OLD, { name: "elsewhere" })
      w.cloud.put(HERE, { name: "a", id: "img-foreign0" })
    })
    const { of } = await run(aPlan(replaceA()), w)
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ClientError.NameTaken" } })
    expect(writes(w)).toEqual([`import ${STAGED}`])
  })

  it("touches no old image that lost our mark", async () => {
    const w = world()
    putOld(w)
    w.cloud.change(OLD, { description: stamped("a", OLD_SPEC, "99999999") })
    const { of } = await run(aPlan(replaceA()), w)
    expect(of("a")).toMatchObject({ outcome: "failed", error: { code: "ClientError.NotOurs" } })
    expect(writes(w)).toEqual([`import ${STAGED}`])
  })

  it("of the same spec from another source tells the two apart", async () => {
    const w = world()
    const description = stamped("a", SPEC, STACK_ID).replace("a".repeat(12), "c".repeat(12))
    w.cloud.put(HERE, { id: OLD, name: "a", description, family: "f", createdAt: 0 })
    const { of } = await run(aPlan(replaceA()), w)
    expect(of("a")).toMatchObject({ outcome: "done", imageId: "img-00000002" })
    expect(w.cloud.all(HERE).map((i) => i.name)).toEqual([PREV, "a"])
  })

  it("that finds the import twice reports it and does nothing", async () => {
    const w = world({ uniqueNames: false })
    putOld(w)
    putNew(w, STAGED)
    putNew(w, STAGED)
    const { of } = await run(aPlan(replaceA()), w)
    expect(of("a")).toMatchObject({ outcome: "unknown", error: { code: "ClientError.DoubleImport" } })
    expect(writes(w)).toEqual([])
  })

  it("removes a staged image that nothing waits for, and no other", async () => {
    const leftover = (name: string, parts: object): Promise<readonly [string, readonly string[]]> =>
      (async () => {
        const w = world()
        putOld(w)
        const id = w.cloud.put(HERE, { name, description: stamped("a", "eeeeeeeeeeeeeeee"), ...parts })
        const { of } = await run(aPlan(replaceA({ remove: [{ imageId: id, name }] })), w)
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
    const { report } = await run(aPlan(replaceA(together), there), w, {
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
    const { of } = await run(aPlan(replaceA(together), anImport("a", { ...THERE, ...together })), w)
    expect(of("a", HERE.region)).toMatchObject({ outcome: "skipped", reason: "release_held" })
    expect(stands(w)).toEqual([`new ${STAGED} NORMAL`, "old a NORMAL f"])
  })
})
