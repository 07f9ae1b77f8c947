import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Desired } from "../../src/model/desired.ts"
import { type DriftReport, VERDICTS } from "../../src/model/drift.ts"
import type { Observed } from "../../src/model/observed.ts"
import type { Action } from "../../src/model/plan.ts"
import { drift, driftNews, isEmpty, lastSeenIn, plan, remember } from "../../src/plan/index.ts"
import { perform } from "../plan/perform.ts"
import { cases } from "./cases.ts"

const look = (d: Desired, o: Observed): DriftReport => drift(d, o, plan(d, o))

/** The world after as many applies as it takes. */
function applied(d: Desired, o: Observed): Observed {
  let world = o
  for (let round = 0; round < 4; round += 1) world = perform(plan(d, world, { retryFailed: true }), world)
  return world
}

/** Plans that are empty, and yet the cloud moved: there is nothing that an apply could do about it. */
const moved = (a: Action): boolean =>
  a.notices.some((n) => n === "source_changed" || n.startsWith("family_shadowed"))

describe("laws of drift", () => {
  test("every placement is in sync if and only if the plan is empty, signs of a moved cloud apart", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        for (const world of [o, applied(d, o)]) {
          const p = plan(d, world)
          const rows = drift(d, world, p).placements.filter((row) => row.verdict !== "orphan")
          const quiet = rows.every(({ verdict }) => verdict === "in_sync" || verdict === "unmanaged")
          expect(quiet).toBe(isEmpty(p) && !p.actions.some(moved))
        }
      }),
      { numRuns: 150 },
    )
  })

  test("what is applied is in sync, unmanaged, or stands in the way", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        const report = look(d, applied(d, o))
        for (const row of report.placements) {
          const shadowed = row.reasons.some((r) => r.startsWith("family_shadowed"))
          if (shadowed) expect(row.verdict).toBe("drifted")
          else expect(["in_sync", "unmanaged", "conflict", "orphan", "failed"]).toContain(row.verdict)
        }
      }),
      { numRuns: 150 },
    )
  })

  test("the order of manifests and images changes no byte, and no input is changed", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        const before = JSON.stringify([d, o])
        const turned: Observed = {
          ...o,
          scopes: o.scopes
            .map((s) => ("images" in s ? { ...s, images: [...s.images].reverse() } : s))
            .reverse(),
        }
        const one = JSON.stringify(look(d, o))
        expect(JSON.stringify(look({ ...d, placements: [...d.placements].reverse() }, turned))).toBe(one)
        expect(JSON.stringify([d, o])).toBe(before)
        expect(JSON.parse(one)).toEqual(look(d, o))
      }),
      { numRuns: 200 },
    )
  })

  test("each placement has one verdict, and the summary counts them", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        const report = look(d, o)
        const rows = report.placements.filter((row) => row.verdict !== "orphan")
        expect(rows).toHaveLength(d.placements.length)
        for (const verdict of Object.keys(VERDICTS) as (keyof typeof VERDICTS)[]) {
          expect(report.summary[verdict]).toBe(
            report.placements.filter((row) => row.verdict === verdict).length,
          )
        }
      }),
      { numRuns: 100 },
    )
  })

  test("an image of ours that was applied and is deleted by somebody is drifted, with a memory", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        const world = applied(d, o)
        const report = look(d, world)
        const seen = lastSeenIn(report, [])
        const gone: Observed = {
          ...world,
          scopes: world.scopes.map((s) => ("images" in s ? { ...s, images: [] } : s)),
        }
        const after = drift(d, gone, plan(d, gone), { seen })
        for (const { image, region, imageId } of seen) {
          const row = after.placements.find((r) => r.image === image && r.region === region)
          expect(row).toMatchObject({
            verdict: "drifted",
            reasons: expect.arrayContaining([`gone:${imageId}`]),
          })
        }
      }),
      { numRuns: 200 },
    )
  })

  test("told of a report, nothing in it is news; and what is healed was open", () => {
    fc.assert(
      fc.property(cases, ({ desired: d, observed: o }) => {
        const report = look(d, o)
        const memory = remember(report)
        const again = driftNews(report, memory)
        expect(again.new).toEqual([])
        expect(again.healed).toEqual([])
        expect(again.unchanged).toHaveLength(report.summary.drifted + report.summary.failed)
        const later = look(d, applied(d, o))
        const news = driftNews(later, memory)
        for (const item of news.healed) expect(["drifted", "failed"]).toContain(item.before)
        expect(driftNews(later, remember(later, memory)).new).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})
