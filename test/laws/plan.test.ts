import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Desired, DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage, Observed } from "../../src/model/observed.ts"
import type { Plan } from "../../src/model/plan.ts"
import { STACK_TAG, splitDescription } from "../../src/model/provenance.ts"
import type { InPlaceUpdate } from "../../src/model/request.ts"
import { imageHash, isEmpty, plan } from "../../src/plan/index.ts"
import { anImage, aPlacement, desired, NOW, ours, STACK } from "../plan/build.ts"

const REGIONS = ["ap-singapore", "eu-frankfurt"]

const placementOf = (image: string, region: string): fc.Arbitrary<DesiredPlacement> =>
  fc
    .record({
      match: fc.constantFrom("name" as const, "family" as const),
      crc64: fc.constantFrom("1", "2"),
      bootMode: fc.constantFrom(undefined, "Legacy BIOS" as const, "UEFI" as const),
      description: fc.constantFrom(undefined, "", "a text", "[cvmimg] looks like it"),
      family: fc.constantFrom(undefined, "", "f", "g"),
      deprecated: fc.constantFrom(undefined, true, false),
      tags: fc.dictionary(fc.constantFrom("app", "team"), fc.constantFrom("x", "y", null)),
      sharedWith: fc.constantFrom(undefined, [], ["1"], ["1", "2"]),
      adopt: fc.boolean(),
      together: fc.boolean(),
    })
    .map((r) =>
      aPlacement({
        image,
        region,
        match: r.match,
        source: { crc64: r.crc64 },
        tags: r.tags,
        release: r.together ? "together" : "perRegion",
        lifecycle: { adopt: r.adopt },
        ...(r.bootMode === undefined ? {} : { bootMode: r.bootMode }),
        ...(r.description === undefined ? {} : { description: r.description }),
        ...(r.match === "family"
          ? { family: `f-${image}` }
          : r.family === undefined
            ? {}
            : { family: r.family }),
        ...(r.deprecated === undefined ? {} : { deprecated: r.deprecated }),
        ...(r.sharedWith === undefined ? {} : { sharedWith: r.sharedWith }),
      }),
    )

const states = fc.constantFrom("NORMAL", "NORMAL", "NORMAL", "IMPORTING", "IMPORTFAILED", "PONDERING")

/** An image that may have to do with the placement: ours, ours of another day, another stack's, nobody's. */
const imageOf = (p: DesiredPlacement): fc.Arbitrary<CloudImage> =>
  fc
    .record({
      was: placementOf(p.image, p.region),
      whose: fc.constantFrom("same", "earlier", "other", "nobody"),
      state: states,
      age: fc.integer({ min: 0, max: 100_000_000 }),
      tagged: fc.boolean(),
      name: fc.constantFrom(undefined, p.image, `${p.image}-2`),
    })
    .map((r) => {
      const parts = {
        state: r.state,
        createdAt: NOW - r.age,
        sharedWith: [],
        ...(r.tagged ? {} : { tags: {} }),
        ...(r.name === undefined ? {} : { name: r.name }),
      }
      if (r.whose === "same") return ours(p, parts)
      if (r.whose === "earlier") return ours({ ...r.was, match: p.match }, parts)
      if (r.whose === "other") return ours(r.was, { ...parts, tags: {} }, { stack: "ffffffff" })
      return anImage({ ...parts, name: r.name ?? p.image, family: p.family ?? "" })
    })

interface Case {
  readonly desired: Desired
  readonly observed: Observed
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(...["a", "b", "c"].flatMap((image) => REGIONS.map((region) => placementOf(image, region))))
  .chain((placements) =>
    fc.tuple(...placements.map((p) => fc.array(imageOf(p), { maxLength: 2 }))).map((images) => ({
      desired: desired(...placements),
      observed: {
        at: NOW,
        scopes: REGIONS.map((region) => ({
          account: "default",
          region,
          images: images.flatMap((list, i) => (placements[i]?.region === region ? list : [])),
        })),
      },
    })),
  )

/** A model of the service: what the actions of a plan do to the images, when nothing fails. */
function perform(p: Plan, before: Observed): Observed {
  return {
    at: before.at + 3_600_000,
    scopes: before.scopes.map((scope) => {
      if ("failure" in scope) return scope
      let images = [...scope.images]
      for (const action of p.actions.filter((a) => a.region === scope.region)) {
        if (action.action === "import") {
          const { request } = action
          images.push(
            applyUpdate(
              anImage({
                name: request.name,
                description: request.description,
                family: request.family ?? "",
                tags: request.tags,
                architecture: request.architecture === "arm_64" ? "arm" : request.architecture,
                licenseType: request.licenseType ?? "TencentCloud",
                createdAt: before.at,
                sharedWith: [],
              }),
              action.afterwards,
            ),
          )
        } else if (action.action === "update" || action.action === "adopt") {
          images = images.map((i) => (i.id === action.imageId ? applyUpdate(i, action.update) : i))
        } else if (action.action === "await") {
          images = images.map((i) =>
            i.id === action.imageId ? { ...applyUpdate(i, action.afterwards), state: "NORMAL" } : i,
          )
        }
      }
      return { ...scope, images }
    }),
  }
}

function applyUpdate(image: CloudImage, update: InPlaceUpdate): CloudImage {
  const tags = { ...image.tags, ...update.tags?.set }
  for (const key of update.tags?.remove ?? []) delete tags[key]
  const shares = new Set([...(image.sharedWith ?? []), ...(update.shares?.add ?? [])])
  for (const account of update.shares?.remove ?? []) shares.delete(account)
  return { ...image, ...update.attributes, tags, sharedWith: [...shares].sort() }
}

/** What a plan may still hold when everything it can do has been done. */
const settled = (p: Plan): boolean => p.actions.every((a) => a.action === "keep" || a.action === "refuse")

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
      { numRuns: 500 },
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
