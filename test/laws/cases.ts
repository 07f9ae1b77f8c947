/** Manifests and worlds of every kind, for laws of the planner. */
import fc from "fast-check"
import type { Desired, DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage, Observed } from "../../src/model/observed.ts"
import { anImage, aPlacement, desired, NOW, ours } from "../plan/build.ts"

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

export interface Case {
  readonly desired: Desired
  readonly observed: Observed
}

/** Three images in two regions, and what may stand there. */
export const cases: fc.Arbitrary<Case> = fc
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
