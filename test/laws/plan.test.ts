import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import type { Observed } from "../../src/model/observed.ts"
import type { Plan } from "../../src/model/plan.ts"
import { ASSERTED_SOURCE, STACK_TAG, splitDescription } from "../../src/model/provenance.ts"
import { imageHash, isEmpty, plan } from "../../src/plan/index.ts"
import { STACK } from "../plan/build.ts"
import { perform } from "../plan/perform.ts"
import { cases, HALF_DONE } from "./cases.ts"

/** Placements in which one spec is live more than once; a planner must never add one. */
function doubles(o: Observed): string[] {
  const count = new Map<string, number>()
  for (const scope of o.scopes) {
    for (const image of "images" in scope ? scope.images : []) {
      const { stamp } = splitDescription(image.description)
      // What was adopted or repaired is not an import.
      if (stamp?.stack !== STACK.id || stamp.source === ASSERTED_SOURCE) continue
      if (image.state === "IMPORTFAILED") continue
      const key = [scope.region, stamp.image, stamp.spec].join(" ")
      count.set(key, (count.get(key) ?? 0) + 1)
    }
  }
  return [...count].filter(([, n]) => n > 1).map(([key]) => key)
}

/** What a plan may still hold when everything it can do has been done. */
const settled = (p: Plan): boolean => p.actions.every((a) => a.action === "keep" || a.action === "refuse")

test("the worlds that laws are held to have every half-done state in them", () => {
  const seen = new Map<string, number>()
  const count = (what: string): void => {
    seen.set(what, (seen.get(what) ?? 0) + 1)
  }
  for (const { desired: d, observed: o, left } of fc.sample(cases, { numRuns: 400, seed: 1 })) {
    const { actions } = plan(d, o)
    for (const [i, what] of left.entries()) {
      const p = d.placements[i]
      if (what === undefined || p === undefined) continue
      const own = actions.filter((a) => a.image === p.image && a.region === p.region)
      count(p.lifecycle.state === "released" ? `released, ${what}` : what)
      if (own.some((a) => a.reasons.includes("half_done:rename"))) count("a rename is finished")
      if (own.some((a) => a.action === "refuse" && a.refusal === "ambiguous")) count("refused as ambiguous")
      if (own.some((a) => a.action === "adopt") && own.some((a) => a.action === "delete")) {
        count("an adoption with what goes beside it")
      }
    }
  }
  const wanted = [
    ...HALF_DONE,
    "released, failed",
    "a rename is finished",
    "refused as ambiguous",
    "an adoption with what goes beside it",
  ]
  expect(wanted.filter((what) => (seen.get(what) ?? 0) < 5)).toEqual([])
})

describe("laws of the planner", () => {
  test("performing a plan and planning again leaves nothing to do", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        let world = o
        // An awaited image of an older spec asks for its own change in the plan after it.
        for (let round = 0; round < 3; round += 1) {
          const next = plan(d, world)
          if (round > 0 && !next.actions.some((a) => a.action === "await")) {
            const again = plan(d, perform(next, world))
            expect(again.actions.filter((a) => a.action !== "keep" && a.action !== "refuse")).toEqual([])
          }
          world = perform(next, world)
        }
        return settled(plan(d, world))
      }),
      { numRuns: 250 },
    )
  })

  test("a run that is stopped after any step is finished by the next ones", () => {
    fc.assert(
      fc.property(cases, fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 4 }), (c, stops) => {
        const options = { retryFailed: true }
        let world = c.observed
        for (const stop of stops) world = perform(plan(c.desired, world, options), world, stop)
        for (let round = 0; round < 3; round += 1) world = perform(plan(c.desired, world, options), world)
        expect(
          plan(c.desired, world, options).actions.filter((a) => a.action !== "keep" && a.action !== "refuse"),
        ).toEqual([])
        // A run may take one of two away, and never adds one.
        const before = doubles(c.observed)
        expect(doubles(world).filter((key) => !before.includes(key))).toEqual([])
      }),
      { numRuns: 250 },
    )
  })

  test("from A to B and back to A imports nothing twice", () => {
    fc.assert(
      fc.property(cases, ({ desired: a, observed: o }) => {
        const flip = (p: DesiredPlacement): DesiredPlacement => ({
          ...p,
          source: { ...p.source, crc64: p.source.crc64 === "1" ? "2" : "1" },
        })
        const b = { ...a, placements: a.placements.map(flip) }
        let world: Observed = { ...o, scopes: o.scopes.map((s) => ({ ...s, images: [] })) }
        for (const wish of [a, b]) world = perform(plan(wish, world), world)
        for (const wish of [a, b, a]) {
          const back = plan(wish, world)
          expect(back.actions.filter((x) => x.action === "import" || x.action === "replace")).toEqual([])
          world = perform(back, world)
          expect(isEmpty(plan(wish, world))).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })

  test("an approved limit only lets more through, never less", () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: 6 }), fc.nat({ max: 6 }), ({ desired: d, observed: o }, n, more) => {
        const braked = (moves: number): number =>
          plan(d, o, {
            allow: { maxFamilyMoves: moves, maxReplaces: moves, maxDeprecates: moves, maxDeletes: moves },
          }).brakes.length
        return braked(n + more) <= braked(n)
      }),
      { numRuns: 100 },
    )
  })

  test("an empty world is filled by one run", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        const empty = { ...o, scopes: o.scopes.map((s) => ({ ...s, images: [] })) }
        return isEmpty(plan(d, perform(plan(d, empty), empty)))
      }),
      { numRuns: 200 },
    )
  })

  test("the order of manifests and images changes no byte", () => {
    fc.assert(
      fc.property(cases, fc.infiniteStream(fc.nat()), ({ desired: d, observed: o }, seeds) => {
        const shuffle = <T>(list: readonly T[]): T[] =>
          list
            .map((item) => ({ item, by: seeds.next().value ?? 0 }))
            .sort((a, b) => a.by - b.by)
            .map(({ item }) => item)
        const mixed: Observed = {
          ...o,
          scopes: shuffle(o.scopes).map((s) => ("images" in s ? { ...s, images: shuffle(s.images) } : s)),
        }
        const shuffled = plan({ ...d, placements: shuffle(d.placements) }, mixed)
        expect(JSON.stringify(shuffled)).toBe(JSON.stringify(plan(d, o)))
      }),
      { numRuns: 200 },
    )
  })

  test("a plan survives JSON, and planning changes none of its inputs", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        const before = JSON.stringify([d, o])
        const result = plan(d, o)
        expect(JSON.parse(JSON.stringify(result))).toEqual(result)
        expect(JSON.stringify([d, o])).toBe(before)
      }),
      { numRuns: 100 },
    )
  })

  test("never writes to an image without our mark, adoption apart", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        const byId = new Map(o.scopes.flatMap((s) => ("images" in s ? s.images : [])).map((i) => [i.id, i]))
        for (const action of plan(d, o).actions) {
          if (action.action !== "update") continue
          const image = byId.get(action.imageId)
          const marked =
            image?.description.includes(`[cvmimg:1 ${STACK.id} `) || image?.tags[STACK_TAG] === STACK.id
          expect(marked).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })

  test("at most one live import of a spec in a placement", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        for (const action of plan(d, o).actions) {
          if (action.action !== "import") continue
          const scope = o.scopes.find((s) => s.region === action.region)
          const live = (scope && "images" in scope ? scope.images : []).filter((i) => {
            const { stamp } = splitDescription(i.description)
            return (
              (i.state === "NORMAL" || i.state === "IMPORTING") &&
              stamp?.stack === STACK.id &&
              stamp.image === imageHash(action.image) &&
              stamp.spec === action.spec
            )
          })
          expect(live).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })
})
