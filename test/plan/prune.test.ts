import { describe, expect, test } from "vitest"
import type { Desired, DesiredFamily, DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage } from "../../src/model/observed.ts"
import { ASSERTED_SOURCE } from "../../src/model/provenance.ts"
import type { Stack } from "../../src/model/stack.ts"
import { type PlanOptions, plan } from "../../src/plan/index.ts"
import { aPlacement, desired, NOW, observed, ours, STACK } from "./build.ts"

const DAY = 86_400_000
const ALL: PlanOptions = { prune: { orphans: true, retention: true } }

/** `verb name reason` of what is retired, and `notice name code` of what is told. */
function retired(d: Desired, images: readonly CloudImage[], options: PlanOptions = ALL): string[] {
  const result = plan(d, observed(images), options)
  const name = new Map(images.map((i) => [i.id, i.name]))
  return [
    ...result.actions.flatMap((a) =>
      a.action === "deprecate" || a.action === "delete"
        ? [`${a.action} ${a.name} ${a.reasons.join(" ")}`]
        : [],
    ),
    ...result.notices.map((n) => `notice ${name.get(n.imageId ?? "")} ${n.code}`),
  ]
}

const gone = (parts: Partial<CloudImage> = {}, image = "gone"): CloudImage =>
  ours(aPlacement({ image }), parts)
const withOrphans = (orphans: Stack["prune"]["orphans"]): Desired => ({
  ...desired(aPlacement()),
  stack: { ...STACK, prune: { orphans } },
})

describe("orphans", () => {
  test.each<[string, Stack["prune"]["orphans"], PlanOptions, CloudImage, string[]]>([
    ["not told to", "delete", {}, gone(), ["notice gone orphaned"]],
    ["told to, and the stack keeps them", "keep", ALL, gone(), ["notice gone orphaned"]],
    ["deleted", "delete", ALL, gone(), ["delete gone orphaned"]],
    ["deprecated", "deprecate", ALL, gone(), ["deprecate gone orphaned"]],
    ["deprecated already", "deprecate", ALL, gone({ deprecated: true }), []],
    [
      "protected in the cloud",
      "delete",
      ALL,
      gone({ tags: { "cvmimg.protect": "1" } }),
      ["notice gone protected"],
    ],
    ["shared out", "delete", ALL, gone({ sharedWith: ["1"] }), ["notice gone shared_out"]],
    ["what its family resolves to", "delete", ALL, gone({ family: "f" }), ["notice gone family_newest"]],
    ["still importing", "delete", ALL, gone({ state: "IMPORTING" }), []],
    ["failed", "delete", ALL, gone({ state: "IMPORTFAILED" }), ["delete gone orphaned"]],
    [
      "adopted: deprecated at most",
      "delete",
      ALL,
      ours(aPlacement({ image: "gone" }), {}, { source: ASSERTED_SOURCE }),
      ["deprecate gone orphaned"],
    ],
    [
      "marked by tags alone: deprecated at most",
      "delete",
      ALL,
      gone({ description: "" }),
      ["deprecate gone orphaned"],
    ],
  ])("%s", (_, orphans, options, image, expected) => {
    expect(retired(withOrphans(orphans), [ours(aPlacement()), image], options)).toEqual(expected)
  })

  test("a selection prunes nothing", () => {
    const options = { ...ALL, select: (): boolean => true }
    expect(retired(withOrphans("delete"), [gone()], options)).toEqual([])
  })

  test("a former name is no orphan", () => {
    const d = desired(aPlacement({ formerNames: ["gone"] }))
    expect(retired({ ...d, stack: { ...STACK, prune: { orphans: "delete" } } }, [gone()])).toEqual([])
  })
})

describe("keepPrevious", () => {
  const p = (lifecycle: Partial<DesiredPlacement["lifecycle"]> = {}): DesiredPlacement =>
    aPlacement({ lifecycle: { retire: "delete", keepPrevious: 1, ...lifecycle } })
  const earlier = (n: number): CloudImage =>
    ours(aPlacement({ source: { crc64: `9${n}` } }), {
      name: `base.prev-img-0000000${n}`,
      createdAt: NOW - n * DAY,
    })

  test("the newest stay, the rest is retired only when the run is told to", () => {
    const images = [ours(p()), earlier(1), earlier(2), earlier(3)]
    expect(retired(desired(p()), images)).toEqual([
      "delete base.prev-img-00000002 over_retention:keepPrevious",
      "delete base.prev-img-00000003 over_retention:keepPrevious",
    ])
    expect(retired(desired(p()), images, {})).toEqual([
      "notice base.prev-img-00000002 over_retention",
      "notice base.prev-img-00000003 over_retention",
    ])
    expect(retired(desired(p({ protect: true })), images)).toEqual([])
    expect(retired(desired(p({ retire: "keep" })), images)).toEqual([
      "notice base.prev-img-00000002 over_retention",
      "notice base.prev-img-00000003 over_retention",
    ])
  })

  test("counts what was replaced under a former name, or still has it", () => {
    const renamed = aPlacement({ ...p(), formerNames: ["old"] })
    const was = (name: string, age: number): CloudImage =>
      ours(aPlacement({ image: "old", bootMode: "UEFI" }), { name, createdAt: NOW - age * DAY })
    const images = [ours(renamed), was("old", 1), was("old.prev-img-0000000a", 2)]
    expect(retired(desired(renamed), images)).toEqual([
      "delete old.prev-img-0000000a over_retention:keepPrevious",
    ])
    // The image that is renamed in place is no earlier one.
    const now = ours(aPlacement({ ...p(), image: "old" }))
    expect(retired(desired(renamed), [now, was("old.prev-img-0000000a", 2)])).toEqual([])
  })

  test("a replacement retires what it pushes out, after the swap", () => {
    const old = ours(aPlacement({ bootMode: "UEFI" }))
    const [action] = plan(desired(p()), observed([old, earlier(1)])).actions
    expect(action).toMatchObject({
      action: "replace",
      oldName: `base.prev-${old.id}`,
      retire: [{ name: "base.prev-img-00000001", how: "delete", deleteSnapshots: true }],
    })
  })

  test("with nothing to keep, the old image itself goes", () => {
    const old = ours(aPlacement({ bootMode: "UEFI" }))
    const [action] = plan(desired(p({ keepPrevious: 0, retire: "deprecate" })), observed([old])).actions
    expect(action).toMatchObject({ retire: [{ imageId: old.id, how: "deprecate" }] })
  })
})

describe("the retention of a family", () => {
  const family = (parts: Partial<DesiredFamily> = {}): DesiredFamily => ({
    name: "f",
    retain: { last: 2 },
    beyond: "delete",
    at: { file: "f.yaml", line: 1, column: 1 },
    ...parts,
  })
  const p = aPlacement({ match: "family", family: "f" })
  const member = (n: number, parts: Partial<CloudImage> = {}): CloudImage =>
    ours(aPlacement({ match: "family", family: "f", source: { crc64: `9${n}` } }), {
      createdAt: NOW - n * DAY,
      name: `base-${n}`,
      ...parts,
    })
  const world = [ours(p, { createdAt: NOW - 1000, name: "base-0" }), member(1), member(2), member(3)]
  const d = (f: DesiredFamily): Desired => ({ ...desired(p), families: [f] })

  test("by number", () => {
    expect(retired(d(family()), world)).toEqual([
      "delete base-2 over_retention:family",
      "delete base-3 over_retention:family",
    ])
  })

  test("by age as well: either keeps", () => {
    const f = family({ retain: { last: 1, withinMs: 2.5 * DAY } })
    expect(retired(d(f), world)).toEqual(["delete base-3 over_retention:family"])
  })

  test("deprecation leaves what is deprecated alone", () => {
    const images = [...world.slice(0, 3), member(3, { deprecated: true })]
    expect(retired(d(family({ beyond: "deprecate" })), images)).toEqual([
      "deprecate base-2 over_retention:family",
    ])
  })

  test("members of others do not count and are not touched", () => {
    const theirs = ours(aPlacement({ family: "f" }), { tags: {}, name: "theirs" }, { stack: "ffffffff" })
    expect(retired(d(family()), [theirs, ...world])).toHaveLength(2)
  })
})

describe("leftovers beside a placement that needs nothing else", () => {
  test("go, and no brake counts them", () => {
    const stale = ours(aPlacement({ bootMode: "UEFI" }), { name: "base.next-00000000" })
    const failed = ours(aPlacement({ bootMode: "UEFI" }), {
      name: "base.next-11111111",
      state: "IMPORTFAILED",
    })
    const result = plan(desired(aPlacement()), observed([ours(aPlacement()), stale, failed]))
    expect(result.actions.map((a) => `${a.action} ${a.reasons[0]}`)).toEqual([
      "keep in_sync",
      "delete leftover:next",
      "delete leftover:next",
    ])
    expect(result.brakes).toEqual([])
  })
})

describe("brakes on what is lost", () => {
  test("deleting one orphan takes naming the number", () => {
    const d = withOrphans("delete")
    const images = [ours(aPlacement()), gone()]
    expect(plan(d, observed(images), ALL).brakes).toEqual([
      { limit: "maxDeletes", count: 1, placements: 1, allowed: 0, images: ["gone"] },
    ])
    expect(plan(d, observed(images), { ...ALL, allow: { maxDeletes: 1 } }).brakes).toEqual([])
  })

  test("a share counts from ten images on", () => {
    const names = Array.from({ length: 10 }, (_, i) => `image-${i}`)
    const wished = names.map((image) => aPlacement({ image }))
    const there = names.slice(0, 3).map((image) => ours(aPlacement({ image, bootMode: "UEFI" })))
    const stack = (n: number): Desired => ({
      ...desired(...wished.slice(0, n)),
      stack: { ...STACK, safety: { ...STACK.safety, maxReplaces: { percent: 20 } } },
    })
    expect(plan(stack(10), observed(there)).brakes).toMatchObject([
      { limit: "maxReplaces", count: 3, allowed: 2 },
    ])
    expect(plan(stack(9), observed(there)).brakes).toEqual([])
  })
})
