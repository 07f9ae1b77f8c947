// Stops at every boundary: whatever run is ended after whatever write, by an interrupt, by its reader or by the death of
// its process, the next plan and apply lead to the world of a run that nobody disturbed.
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { apply } from "../../src/apply/apply.ts"
import type { Desired } from "../../src/model/desired.ts"
import type { CloudImage } from "../../src/model/observed.ts"
import type { Plan } from "../../src/model/plan.ts"
import type { Stack } from "../../src/model/stack.ts"
import { isEmpty, plan } from "../../src/plan/index.ts"
import { aPlacement, desired, type PlacementParts } from "../plan/build.ts"
import { HERE, SETTINGS } from "./support/build.ts"
import { type FakeCall, failure, lost } from "./support/fake-cloud.ts"
import { type World, world } from "./support/halfway.ts"

const WRITES: readonly FakeCall["verb"][] = ["import", "modify", "delete", "tags", "shares", "ensureTag"]

type Kind = "signal" | "reader" | "death" | "death, last reply lost"
const KINDS: readonly Kind[] = ["signal", "reader", "death", "death, last reply lost"]

interface Stop {
  readonly kind: Kind
  /** Writes that are let through. */
  readonly after: number
}

const wanted = (spec: string, parts: PlacementParts = {}): Desired =>
  desired(
    aPlacement({
      image: "a",
      family: "f",
      tags: { team: "platform" },
      sharedWith: ["100000000001"],
      ...parts,
      source: { crc64: spec },
    }),
  )

async function planned({ cloud, clock }: World, d: Desired): Promise<Plan> {
  const listed = await cloud.listImages(HERE)
  const images = listed.map((i) => ({ ...i, sharedWith: cloud.sharesOf(i.id) }))
  return plan(
    d,
    { at: clock.now(), scopes: [{ ...HERE, images }] },
    { retryFailed: true, prune: { retention: true } },
  )
}

/** Plans and applies once; how many writes were let through. */
async function once(w: World, d: Desired, stop?: Stop): Promise<number> {
  const { cloud, clock } = w
  const next = await planned(w, d)
  const controller = new AbortController()
  let made = 0
  let dead = false
  cloud.script = (call) => {
    if (dead) return { failure: failure("ClientError.Dns", { retryable: false }) }
    if (!WRITES.includes(call.verb)) return undefined
    made += 1
    if (stop === undefined || made < stop.after) return undefined
    if (made === stop.after && stop.kind !== "death, last reply lost") {
      dead = stop.kind === "death"
      controller.abort()
      return undefined
    }
    if (stop.kind === "signal" || stop.kind === "reader") return undefined
    dead = true
    controller.abort()
    return made === stop.after
      ? { failure: lost(), carriedOut: true }
      : { failure: failure("ClientError.Dns", { retryable: false }) }
  }
  if (stop?.after === 0) controller.abort()
  const reads = stop?.kind === "reader"
  const context = { cloud, clock, settings: SETTINGS, ...(reads ? {} : { signal: controller.signal }) }
  for await (const _ of apply(next, context)) if (reads && controller.signal.aborted) break
  cloud.script = () => undefined
  return made
}

/** Again until nothing is to be done. */
async function settle(w: World, d: Desired): Promise<void> {
  for (let i = 0; i < 9 && !isEmpty(await planned(w, d)); i += 1) await once(w, d)
  const rest = (await planned(w, d)).actions.filter((a) => a.action !== "keep")
  expect(rest.map((a) => `${a.action} ${a.reasons.join()}`)).toEqual([])
}

/** What stands, without what is being deleted. */
function standing({ cloud }: World): readonly CloudImage[] {
  return cloud.all(HERE).filter(({ state }) => state !== "DELETING")
}

function picture(w: World): readonly string[] {
  return standing(w)
    .map((i) => {
      const facts = { ...i, createdAt: 0, shares: w.cloud.sharesOf(i.id) }
      return JSON.stringify(facts, Object.keys(facts).sort())
    })
    .sort()
}

function importsOf(w: World): number {
  return standing(w).length + w.cloud.deleted.length
}

interface Nature {
  readonly visibleAfterMs?: number
  readonly deleteMs?: number
  /** Which imports fail, counted from 1. */
  readonly failing?: readonly number[]
}

function aWorld({ failing = [], ...times }: Nature): World {
  let imports = 0
  const outcome = (): string => {
    imports += 1
    return failing.includes(imports) ? "IMPORTFAILED" : "NORMAL"
  }
  return world({ ...times, outcome })
}

async function converges(
  steps: readonly Desired[],
  stops: readonly (readonly Stop[])[],
  nature: Nature = {},
): Promise<void> {
  const calm = aWorld(nature)
  const disturbed = aWorld(nature)
  for (const [at, d] of steps.entries()) {
    await settle(calm, d)
    for (const stop of stops[at] ?? []) await once(disturbed, d, stop)
    await settle(disturbed, d)
    expect(picture(disturbed)).toEqual(picture(calm))
    expect(importsOf(disturbed)).toBe(importsOf(calm))
  }
}

const without = (stack: Stack): Stack => ({ ...stack, provenance: { tags: false } })

const lifecycles: readonly PlacementParts[] = [
  { lifecycle: { retire: "deprecate", keepPrevious: 0 } },
  { lifecycle: { retire: "delete", keepPrevious: 0, allowLostShares: true }, sharedWith: [] },
  { lifecycle: { retire: "keep" } },
]

describe("a run that is stopped", () => {
  it.each(KINDS)("at any one boundary is finished by the next one: %s", async (kind) => {
    for (const parts of lifecycles) {
      const steps = ["1", "2", "1"].map((spec) => wanted(spec, parts))
      for (let after = 0; after <= 9; after += 1) {
        await converges(steps, [[{ kind, after }], [{ kind, after }], [{ kind, after }]])
      }
    }
  })

  it.each(KINDS)(
    "in the middle of a rename is finished by the next one, without an import: %s",
    async (kind) => {
      const named = { sharedWith: [] }
      const renamed = { ...named, image: "b", formerNames: ["a"] }
      const tagged = [wanted("1", named), wanted("1", renamed)]
      const untagged = tagged.map((d, i) => (i === 0 ? d : { ...d, stack: without(d.stack) }))
      for (const steps of [tagged, untagged]) {
        for (let after = 1; after <= 4; after += 1) {
          // The next run is stopped at its first write, once more.
          await converges(steps, [
            [],
            [
              { kind, after },
              { kind, after: 1 },
            ],
          ])
        }
      }
    },
  )

  it("at boundaries in a row is finished all the same, with each import made once", async () => {
    const stop = fc.record({ kind: fc.constantFrom(...KINDS), after: fc.integer({ min: 0, max: 6 }) })
    const step = fc.record({
      spec: fc.constantFrom("1", "2", "3"),
      parts: fc.constantFrom(...lifecycles),
      match: fc.constantFrom("name" as const, "name" as const, "family" as const),
      stops: fc.array(stop, { maxLength: 4 }),
    })
    const nature = fc.record({
      visibleAfterMs: fc.constantFrom(0, 0, 30_000, 900_000),
      deleteMs: fc.constantFrom(0, 0, 20_000),
      failing: fc.subarray([1, 2, 3, 4]),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), nature, async (list, times) => {
        const [first] = list
        const match = first?.match ?? "name"
        await converges(
          list.map(({ spec, parts }) => wanted(spec, { ...parts, match })),
          list.map(({ stops }) => stops),
          times,
        )
      }),
      { numRuns: 150 },
    )
  })
})
