import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ApprovalSet } from "../../src/model/approval.ts"
import { placementKey } from "../../src/model/placement.ts"
import type { Action, Plan } from "../../src/model/plan.ts"
import { parseApprovalSet } from "../../src/plan/approval-read.ts"
import { approve, isEmpty, plan, sealApprovalSet } from "../../src/plan/index.ts"
import { setOf } from "../plan/approved.ts"
import { perform } from "../plan/perform.ts"
import { type Case, cases } from "./cases.ts"

const OPTIONS = {
  retryFailed: true,
  prune: { orphans: true, retention: true },
  allow: { maxDeletes: 99, maxReplaces: 99, maxFamilyMoves: 99, maxDeprecates: 99 },
}

const planOf = ({ desired, observed }: Case): Plan => plan(desired, observed, OPTIONS)

/** Two cases whose stacks are one: a plan of yesterday, and manifests and world of today. */
const twoDays = fc.tuple(cases, cases)

describe("laws of approval", () => {
  test("nothing is carried out that the plan at hand does not hold, or that was not approved", () => {
    fc.assert(
      fc.property(twoDays, ([yesterday, today]) => {
        const now = planOf(today)
        const set = setOf(planOf(yesterday))
        const { plan: kept, done, stale, notApproved } = approve(now, set)
        for (const action of kept.actions) expect(now.actions.some((a) => isPart(action, a))).toBe(true)
        for (const action of notApproved) expect(now.actions).toContain(action)
        // Every action that would change something is accounted for.
        const changed = stale.flatMap((s) =>
          s.derived !== undefined && isDeed(s.derived) ? [s.derived] : [],
        )
        expect(kept.actions.filter(isDeed).length + notApproved.length + changed.length).toBe(
          now.actions.filter(isDeed).length,
        )
        for (const action of done) expect(set.plan.actions).toContain(action)
      }),
      { numRuns: 150 },
    )
  })

  test("what was approved a moment ago is approved as a whole", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const now = planOf(c)
        expect(approve(now, setOf(planOf(c)))).toEqual({ plan: now, done: [], stale: [], notApproved: [] })
      }),
      { numRuns: 100 },
    )
  })

  test("what was carried out is done", () => {
    fc.assert(
      fc.property(cases, ({ desired, observed }) => {
        const before = plan(desired, observed, OPTIONS)
        const after = plan(desired, perform(before, observed), OPTIONS)
        fc.pre(isEmpty(after))
        const { done, stale } = approve(after, setOf(before))
        expect(stale).toEqual([])
        expect(done).toEqual(before.actions.filter(isDeed))
      }),
      { numRuns: 150 },
    )
  })

  test("what was stopped on the way is approved still", () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: 12 }), ({ desired, observed }, stop) => {
        const before = plan(desired, observed, OPTIONS)
        const waits = new Set(
          before.actions.filter((a) => a.action === "await" || a.action === "adopt").map(placementKey),
        )
        // At the same time: a tag that is missing for half an hour is a difference of its own.
        const rest = plan(desired, { ...perform(before, observed, stop), at: observed.at }, OPTIONS)
        const { stale, notApproved } = approve(rest, setOf(before))
        // What comes after a wait for an older spec is a plan of its own, and so are the leftovers beside an adopted
        // image, and somebody else's image that bears the name as soon as a failed one of ours is gone.
        const others = new Set<string | undefined>(["adopt", "refuse", "keep"])
        const left = stale.filter(
          (s) => !waits.has(placementKey(s.approved)) && !others.has(s.derived?.action),
        )
        expect(left.map((s) => `${inShort(s.approved)} -> ${s.derived && inShort(s.derived)}`)).toEqual([])
        expect(notApproved.filter((a) => !waits.has(placementKey(a))).map(inShort)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test("a set survives being saved", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const set = setOf(planOf(c))
        expect(parseApprovalSet(JSON.stringify(set))).toEqual(set)
        expect(parseApprovalSet(JSON.stringify(set, null, 2))).toEqual(set)
      }),
      { numRuns: 100 },
    )
  })

  test("a forged set adds no action, whatever is written into it", () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.oneof(fc.jsonValue(), fc.constant(undefined)), (c, at, value) => {
        const now = planOf(c)
        const { checksum: _, ...parts } = JSON.parse(JSON.stringify(setOf(now))) as ApprovalSet
        const places = placesIn(parts)
        const [holder, key] = places[at % places.length] ?? [{}, ""]
        if (value === undefined) delete holder[key]
        else holder[key] = value
        const read = parseApprovalSet(JSON.stringify(sealApprovalSet(parts)))
        if (typeof read === "string") return
        const { plan: kept } = approve(now, read)
        for (const action of kept.actions) expect(now.actions.some((a) => isPart(action, a))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test("a set with a changed byte is refused", () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.integer({ min: 32, max: 126 }), (c, at, code) => {
        const text = JSON.stringify(setOf(planOf(c)))
        const i = at % text.length
        const changed = text.slice(0, i) + String.fromCharCode(code) + text.slice(i + 1)
        fc.pre(changed !== text)
        expect(typeof parseApprovalSet(changed)).toBe("string")
        expect(typeof parseApprovalSet(text.slice(0, i))).toBe("string")
      }),
      { numRuns: 300 },
    )
  })

  test("neither time, nor order, nor what only informs changes a fingerprint", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 60_000 }), (c, later) => {
        const noisy = {
          at: c.observed.at + later,
          scopes: [...c.observed.scopes].reverse().map((s) =>
            "images" in s
              ? {
                  ...s,
                  images: [...s.images].reverse().map((i) => ({
                    ...i,
                    sizeGb: 40,
                    snapshotIds: ["snap-00000001"],
                    progress: 99,
                  })),
                }
              : s,
          ),
        }
        const placements = [...c.desired.placements].reverse().map((p) => ({
          ...p,
          at: { file: "elsewhere.yaml", line: 99, column: 1 },
          labels: { tier: "other" },
          origins: {},
        }))
        const one = planOf(c)
        const other = plan({ ...c.desired, placements }, noisy, OPTIONS)
        // A tag that is missing on a new image is none for half an hour; the noise must not cross that.
        // An image that is awaited has its missing tags among the changes alone.
        const lacksTags = (a: Action): boolean =>
          a.reasons.some((r) => r.startsWith("tag_") || r.startsWith("provenance_missing")) ||
          (a.action === "await" && a.changes.some((change) => change.field.startsWith("tags.")))
        fc.pre(![...one.actions, ...other.actions].some(lacksTags))
        expect(other.fingerprint).toBe(one.fingerprint)
      }),
      { numRuns: 300 },
    )
  })
})

/** The same action, or all of it but tags that the image lacks: nothing is written that the whole would not write. */
function isPart(part: Action, whole: Action): boolean {
  if (part === whole) return true
  const writes = (a: Action) => ("update" in a ? a.update : "afterwards" in a ? a.afterwards : {})
  const { tags: few, ...others } = writes(part)
  const { tags: all, ...same } = writes(whole)
  const isSame = JSON.stringify([placementKey(part), part.action, others, few?.remove ?? []])
  return (
    isSame === JSON.stringify([placementKey(whole), whole.action, same, all?.remove ?? []]) &&
    Object.entries(few?.set ?? {}).every(([key, value]) => all?.set[key] === value) &&
    whole.changes.every(
      (c) => part.changes.includes(c) || (c.field.startsWith("tags.") && c.before === null),
    ) &&
    part.changes.every((c) => whole.changes.includes(c))
  )
}

function isDeed(a: Action): boolean {
  return a.action !== "keep" && a.action !== "refuse"
}

function inShort(a: Action): string {
  return `${a.action} ${a.reasons.join(" ")} {${a.changes.map((c) => `${c.field}=${c.after}`).join(" ")}}`
}

/** Every member of every object and list, as holder and key. */
function placesIn(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== "object" || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((key): [Record<string, unknown>, string][] => [
    [holder, key],
    ...placesIn(holder[key]),
  ])
}
