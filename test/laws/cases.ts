/** Manifests and worlds of every kind, for laws of the planner. */
import fc from "fast-check"
import type { Desired, DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage, Observed } from "../../src/model/observed.ts"
import { IMAGE_TAG, STACK_TAG } from "../../src/model/provenance.ts"
import { specHash } from "../../src/plan/index.ts"
import { anImage, aPlacement, desired, NOW, ours, STACK } from "../plan/build.ts"

const REGIONS = ["ap-singapore", "eu-frankfurt"]

const formerName = (image: string): string => `old-${image}`

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
      released: fc.nat({ max: 7 }).map((n) => n === 0),
      formerly: fc.nat({ max: 3 }).map((n) => n === 0),
    })
    .map((r) =>
      aPlacement({
        image,
        region,
        match: r.match,
        source: { crc64: r.crc64 },
        tags: r.tags,
        release: r.together ? "together" : "perRegion",
        lifecycle: { adopt: r.adopt, ...(r.released ? { state: "released" as const } : {}) },
        formerNames: r.formerly ? [formerName(image)] : [],
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

const marks = (image: string): Record<string, string> => ({ [STACK_TAG]: STACK.id, [IMAGE_TAG]: image })
const PROTECTED = { "cvmimg.protect": "1" }

/** Worlds that stopped runs leave, and people after them. */
export const HALF_DONE = [
  "rename: nothing written",
  "rename: tags written",
  "rename: stamp written",
  "rename: another spec",
  "rename: another spec, staged",
  "rename: staged and replaced before",
  "failed",
  "staged twice",
  "staged twice, kept once",
  "staged twice, kept twice",
  "failed beside nobody's",
] as const
export type HalfDone = (typeof HALF_DONE)[number]

function halfDone(p: DesiredPlacement, what: HalfDone): readonly CloudImage[] {
  const former = { ...p, image: formerName(p.image), formerNames: [] }
  const older = ours({ ...former, os: { type: "Debian", version: "12" } }, { sharedWith: [] })
  const next = { name: `${p.image}.next-${specHash(p).slice(0, 8)}`, sharedWith: [] }
  const old = ours({ ...p, os: { type: "Debian", version: "12" } }, { sharedWith: [] })
  const failed = ours(p, { ...next, state: "IMPORTFAILED" })
  switch (what) {
    case "rename: nothing written":
      return [ours(former, { sharedWith: [] })]
    case "rename: tags written":
      return [ours(former, { sharedWith: [], tags: marks(p.image) })]
    case "rename: stamp written":
      return [ours(p, { sharedWith: [], tags: marks(former.image) })]
    case "rename: another spec":
      return [older]
    case "rename: another spec, staged":
      return [older, ours(p, next)]
    case "rename: staged and replaced before":
      return [
        older,
        ours(former, { name: `${former.image}.next-${specHash(p).slice(0, 8)}`, sharedWith: [] }),
        ours(former, {
          name: `${former.image}.prev-img-0000aaaa`,
          createdAt: NOW - 400_000_000,
          sharedWith: [],
        }),
      ]
    case "failed":
      return [failed]
    case "staged twice":
      return [old, ours(p, next), ours(p, next)]
    case "staged twice, kept once":
      return [old, ours(p, next), ours(p, { ...next, tags: { ...marks(p.image), ...PROTECTED } })]
    case "staged twice, kept twice":
      return [ours(p, { ...next, sharedWith: ["9"] }), ours(p, { ...next, family: "kept" })]
    case "failed beside nobody's":
      return [anImage({ name: p.image, family: p.family ?? "", sharedWith: [] }), failed]
  }
}

/** What stands in a placement: any images, or what a stopped run left there. */
const standing = (
  p: DesiredPlacement,
): fc.Arbitrary<{ readonly images: readonly CloudImage[]; readonly left?: HalfDone }> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.array(imageOf(p), { maxLength: 2 }).map((images) => ({ images })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...HALF_DONE).map((left) => ({ images: halfDone(p, left), left })),
    },
  )

export interface Case {
  readonly desired: Desired
  readonly observed: Observed
  /** What stands in each placement, where a stopped run left it. */
  readonly left: readonly (HalfDone | undefined)[]
}

/** Three images in two regions, and what may stand there. */
export const cases: fc.Arbitrary<Case> = fc
  .tuple(...["a", "b", "c"].flatMap((image) => REGIONS.map((region) => placementOf(image, region))))
  .chain((placements) =>
    fc.tuple(...placements.map(standing)).map((stands) => ({
      left: stands.map(({ left }) => left),
      desired: desired(...placements),
      observed: {
        at: NOW,
        scopes: REGIONS.map((region) => ({
          account: "default",
          region,
          images: stands.flatMap(({ images }, i) => (placements[i]?.region === region ? images : [])),
        })),
      },
    })),
  )
