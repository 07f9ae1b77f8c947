import { describe, expect, test } from "vitest"
import type { ApprovalSet } from "../../src/model/approval.ts"
import type { Desired } from "../../src/model/desired.ts"
import type { CloudImage, Observed } from "../../src/model/observed.ts"
import type { Action, Plan } from "../../src/model/plan.ts"
import { parseApprovalSet } from "../../src/plan/approval-read.ts"
import { approvalProblem, approve, plan, sealApprovalSet } from "../../src/plan/index.ts"
import { setOf } from "./approved.ts"
import { anImage, aPlacement, desired, NOW, observed, ours, type PlacementParts, STACK } from "./build.ts"

const ALL = { retryFailed: true, prune: { orphans: true, retention: true }, allow: { maxDeletes: 9 } }

const planOf = (d: Desired, images: readonly CloudImage[]): Plan => plan(d, observed(images), ALL)

/** `approved import`, `done import`, `stale import > refuse`, `not approved import`. */
function verdicts(now: Plan, set: ApprovalSet): string[] {
  const { plan: kept, done, stale, notApproved } = approve(now, set)
  const deeds = kept.actions.filter((a) => a.action !== "keep" && a.action !== "refuse")
  return [
    ...deeds.map((a) => `approved ${a.action}`),
    ...done.map((a) => `done ${a.action}`),
    ...stale.map((s) => `stale ${s.approved.action} > ${s.derived?.action ?? "nothing"}`),
    ...notApproved.map((a) => `not approved ${a.action}`),
  ]
}

const one = aPlacement()
const two = aPlacement({ source: { crc64: "2" } })
const described = aPlacement({ description: "new" })
const FAMILY: PlacementParts = { match: "family", family: "f" }

/** Manifests and images when it was approved, and when it is applied; what is expected. */
interface Row {
  readonly approved: readonly [PlacementParts | undefined, readonly CloudImage[]]
  readonly now: readonly [PlacementParts | undefined, readonly CloudImage[]]
  readonly is: readonly string[]
}

const world = (p: PlacementParts | undefined, images: readonly CloudImage[]): Plan =>
  planOf(p === undefined ? desired() : desired(aPlacement(p)), images)

const image = ours(one)
const staged = ours(two, { name: "base.next-" })
const TWO: PlacementParts = { source: { crc64: "2" } }
const stagedName = (): string => {
  const [action] = world(TWO, [image]).actions
  return action?.action === "replace" ? action.request.name : ""
}

describe("one placement", () => {
  test.each<[string, Row]>([
    ["the same", { approved: [{}, []], now: [{}, []], is: ["approved import"] }],
    ["carried out since", { approved: [{}, []], now: [{}, [image]], is: ["done import"] }],
    ["the manifest is gone", { approved: [{}, []], now: [undefined, []], is: ["done import"] }],
    ["nothing was approved", { approved: [{}, [image]], now: [{}, []], is: ["not approved import"] }],
    [
      "the manifest asks for another spec",
      { approved: [{}, []], now: [TWO, []], is: ["stale import > import"] },
    ],
    [
      "the manifest asks for another description",
      { approved: [{}, []], now: [{ description: "new" }, []], is: ["stale import > import"] },
    ],
    [
      "the name was taken by nobody's image",
      { approved: [{}, []], now: [{}, [anImage()]], is: ["stale import > keep"] },
    ],
    [
      "the marks are gone",
      {
        approved: [{ description: "new" }, [image]],
        now: [{ description: "new" }, [{ ...image, description: "", tags: {} }]],
        is: ["stale update > keep"],
      },
    ],
    [
      "the name was taken by another stack",
      {
        approved: [{}, []],
        now: [{}, [ours(one, { tags: {} }, { stack: "ffffffff" })]],
        is: ["stale import > refuse"],
      },
    ],
    [
      "the image to update has another text by now",
      {
        approved: [{ description: "new" }, [image]],
        now: [{ description: "new" }, [{ ...image, description: image.description.replace("[", "x [") }]],
        is: ["stale update > update"],
      },
    ],
    [
      "the image to update is another one",
      {
        approved: [{ description: "new" }, [image]],
        now: [{ description: "new" }, [ours(one)]],
        is: ["stale update > update"],
      },
    ],
    [
      "the image to update is gone",
      {
        approved: [{ description: "new" }, [image]],
        now: [{ description: "new" }, []],
        is: ["stale update > import"],
      },
    ],
    [
      "the image to replace is another one",
      { approved: [TWO, [image]], now: [TWO, [ours(one)]], is: ["stale replace > replace"] },
    ],
    [
      "the manifest lets a replacement delete what was to be kept",
      {
        approved: [{ ...TWO, lifecycle: { keepPrevious: 0, retire: "deprecate" } }, [image]],
        now: [{ ...TWO, lifecycle: { keepPrevious: 0, retire: "delete" } }, [image]],
        is: ["stale replace > replace"],
      },
    ],
    [
      "the manifest lets a replacement take snapshots along",
      {
        approved: [
          { ...TWO, lifecycle: { keepPrevious: 0, retire: "delete", deleteSnapshots: false } },
          [image],
        ],
        now: [{ ...TWO, lifecycle: { keepPrevious: 0, retire: "delete" } }, [image]],
        is: ["stale replace > replace"],
      },
    ],
    [
      "the manifest refuses replacements",
      {
        approved: [TWO, [image]],
        now: [{ ...TWO, lifecycle: { onChange: "refuse" } }, [image]],
        is: ["stale replace > refuse"],
      },
    ],
    [
      "a leftover of ours turned up: nothing that anybody boots",
      {
        approved: [TWO, []],
        now: [TWO, [ours(one, { state: "IMPORTFAILED" })]],
        is: ["approved import"],
      },
    ],
  ])("%s", (_, { approved, now, is }) => {
    expect(verdicts(world(...now), setOf(world(...approved)))).toEqual(is)
  })
})

describe("the rest of what was stopped", () => {
  const importing = ours(one, { state: "IMPORTING" })
  const member = ours(aPlacement(FAMILY), { family: "" })
  const earlier = ours(aPlacement({ bootMode: "UEFI" }), {
    name: "base.prev-img-0000aaaa",
    createdAt: NOW - 604_800_000,
  })
  const replaced = ours(aPlacement({ ...TWO, family: "f" }), { family: "", createdAt: NOW })
  test.each<[string, Row]>([
    ["an import under way", { approved: [{}, []], now: [{}, [importing]], is: ["approved await"] }],
    [
      "an import without its family",
      {
        approved: [{ family: "f", release: "together" }, []],
        now: [
          { family: "f", release: "together" },
          [ours(aPlacement({ family: "f", release: "together" }), { family: "" })],
        ],
        is: ["approved update"],
      },
    ],
    [
      "a member without its family",
      { approved: [FAMILY, []], now: [FAMILY, [member]], is: ["approved update"] },
    ],
    [
      "an older member, and a new one without its family",
      {
        approved: [{ ...FAMILY, ...TWO }, [ours(aPlacement(FAMILY))]],
        now: [
          { ...FAMILY, ...TWO },
          [ours(aPlacement(FAMILY)), ours(aPlacement({ ...FAMILY, ...TWO }), { family: "", createdAt: NOW })],
        ],
        is: ["approved restore"],
      },
    ],
    [
      "a replacement whose new image lacks its family, and what it was to retire",
      {
        approved: [{ ...TWO, family: "f" }, [image, earlier]],
        now: [{ ...TWO, family: "f" }, [replaced, { ...image, name: `base.prev-${image.id}` }, earlier]],
        is: ["approved update", "approved deprecate"],
      },
    ],
    [
      "the same, and one more that nobody approved",
      {
        approved: [{ ...TWO, family: "f" }, [image]],
        now: [{ ...TWO, family: "f" }, [replaced, { ...image, name: `base.prev-${image.id}` }, earlier]],
        is: ["approved update", "not approved deprecate"],
      },
    ],
    [
      "a replacement that is staged",
      {
        approved: [TWO, [image]],
        now: [TWO, [image, { ...staged, name: stagedName() }]],
        is: ["approved replace"],
      },
    ],
    [
      "a replacement whose old image is out of the way",
      {
        approved: [TWO, [image]],
        now: [
          TWO,
          [
            { ...image, name: `base.prev-${image.id}` },
            { ...staged, name: stagedName() },
          ],
        ],
        is: ["approved replace"],
      },
    ],
    [
      "a replacement that is staged, and would take another image's place",
      {
        approved: [TWO, [image]],
        now: [TWO, [ours(one), { ...staged, name: stagedName() }]],
        is: ["stale replace > replace"],
      },
    ],
    [
      "a replacement that lacks an attribute",
      {
        approved: [{ ...TWO, family: "f" }, [image]],
        now: [{ ...TWO, family: "f" }, [ours(aPlacement({ ...TWO, family: "f" }), { family: "" })]],
        is: ["approved update"],
      },
    ],
    [
      "a retry whose failed image is gone",
      { approved: [{}, [ours(one, { state: "IMPORTFAILED" })]], now: [{}, []], is: ["approved import"] },
    ],
    [
      "a staged import to be tried again, nothing of the name, and the failed image is gone",
      {
        approved: [TWO, [{ ...staged, name: stagedName(), state: "IMPORTFAILED" }]],
        now: [TWO, []],
        is: ["approved import"],
      },
    ],
    [
      "an update of which one field is left",
      {
        approved: [{ description: "new", deprecated: true }, [image]],
        now: [{ description: "new", deprecated: true }, [{ ...image, deprecated: true }]],
        is: ["approved update"],
      },
    ],
    [
      "an import, and an attribute that nobody saw",
      { approved: [{}, []], now: [{ description: "new" }, [image]], is: ["stale import > update"] },
    ],
    [
      "a wait that is over",
      {
        approved: [{ family: "f" }, [ours(aPlacement({ family: "f" }), { family: "", state: "IMPORTING" })]],
        now: [{ family: "f" }, [ours(aPlacement({ family: "f" }), { family: "" })]],
        is: ["stale await > update"],
      },
    ],
  ])("%s", (_, { approved, now, is }) => {
    expect(verdicts(world(...now), setOf(world(...approved)))).toEqual(is)
  })

  test("a wait that is over, for the same image", () => {
    const p = aPlacement({ family: "f" })
    const waits = ours(p, { family: "", state: "IMPORTING" })
    const before = planOf(desired(p), [waits])
    expect(verdicts(planOf(desired(p), [{ ...waits, state: "NORMAL" }]), setOf(before))).toEqual([
      "approved update",
    ])
  })

  test("a restore of which the old image is out of the way", () => {
    const earlier = ours(two, { name: "base.prev-img-aaaaaaaa" })
    const before = planOf(desired(two), [image, earlier])
    const now = planOf(desired(two), [{ ...image, name: `base.prev-${image.id}` }, earlier])
    expect(verdicts(now, setOf(before))).toEqual(["approved restore"])
  })

  test("a restore that would change more than was approved is stale", () => {
    const earlier = ours(two, { name: "base.prev-img-aaaaaaaa" })
    const before = planOf(desired(two), [image, earlier])
    const more = aPlacement({ ...TWO, description: "new" })
    expect(verdicts(planOf(desired(more), [image, earlier]), setOf(before))).toEqual([
      "stale restore > restore",
    ])
  })
})

describe("tags that went missing since", () => {
  const tagged: PlacementParts = { tags: { app: "x" } }
  const more: PlacementParts = { ...tagged, description: "new" }
  const before = ours(aPlacement(tagged))
  const { app: _, ...marks } = before.tags
  const bare = { ...before, tags: {} }
  test.each<[string, Row]>([
    [
      "a tag of the manifest",
      { approved: [more, [before]], now: [more, [{ ...before, tags: marks }]], is: ["approved update"] },
    ],
    ["all of them", { approved: [more, [before]], now: [more, [bare]], is: ["approved update"] }],
    [
      "after an import that was approved",
      { approved: [tagged, []], now: [tagged, [bare]], is: ["approved update"] },
    ],
    [
      "when nothing else is left of the update",
      {
        approved: [more, [before]],
        now: [more, [{ ...ours(aPlacement(more)), id: before.id, tags: marks }]],
        is: ["done update", "not approved update"],
      },
    ],
    [
      "on an image that is restored",
      {
        approved: [TWO, [image, { ...staged, name: "base.prev-img-aaaaaaaa" }]],
        now: [TWO, [image, { ...staged, name: "base.prev-img-aaaaaaaa", tags: {} }]],
        is: ["approved restore"],
      },
    ],
    [
      "a tag that the manifest asks for since the approval is no such tag",
      {
        approved: [{ description: "new" }, [image]],
        now: [{ description: "new", tags: { app: "x" } }, [image]],
        is: ["stale update > update"],
      },
    ],
    [
      "nor one that somebody gave another value",
      {
        approved: [more, [before]],
        now: [more, [{ ...before, tags: { ...before.tags, app: "y" } }]],
        is: ["stale update > update"],
      },
    ],
  ])("%s", (_, { approved, now, is }) => {
    expect(verdicts(world(...now), setOf(world(...approved)))).toEqual(is)
  })

  test("when their half hour is over: what is carried out is what was approved, and no tag more", () => {
    const young = { ...bare, createdAt: NOW - 20 * 60_000 }
    const d = desired(aPlacement(more))
    const at = (minutes: number): Observed => ({ ...observed([young]), at: NOW + minutes * 60_000 })
    const approved = plan(d, at(0), ALL)
    const now = plan(d, at(20), ALL)
    expect(now.actions[0]?.changes.map((c) => c.field)).toContain("tags.app")
    const { plan: kept, stale, notApproved } = approve(now, setOf(approved))
    expect([...stale, ...notApproved]).toEqual([])
    expect(kept.fingerprint).toBe(approved.fingerprint)
    const told = ["tag_changed:app", "provenance_missing:cvmimg.image", "provenance_missing:cvmimg.stack"]
    expect(kept.actions).toEqual([{ ...approved.actions[0], notices: told }])
  })
})

describe("retirements", () => {
  const stack = { ...STACK, prune: { orphans: "delete" as const } }
  const d: Desired = { ...desired(one), stack }
  const gone = ours(aPlacement({ image: "gone" }))
  const set = setOf(planOf(d, [image, gone]))

  test.each<[string, readonly CloudImage[], Desired, readonly string[]]>([
    ["the same", [image, gone], d, ["approved delete"]],
    ["gone since", [image], d, ["done delete"]],
    ["shared out since", [image, { ...gone, sharedWith: ["1"] }], d, ["stale delete > nothing"]],
    [
      "protected since",
      [image, { ...gone, tags: { ...gone.tags, "cvmimg.protect": "" } }],
      d,
      ["stale delete > nothing"],
    ],
    [
      "a manifest asks for it again",
      [image, gone],
      { ...d, placements: [...d.placements, aPlacement({ image: "gone" })] },
      ["done delete"],
    ],
    [
      "the stack only deprecates by now",
      [image, gone],
      { ...d, stack: { ...STACK, prune: { orphans: "deprecate" as const } } },
      ["stale delete > deprecate"],
    ],
    [
      "another one beside it",
      [image, gone, ours(aPlacement({ image: "gone" }), { name: "gone.prev-img-aaaaaaaa" })],
      d,
      ["approved delete", "not approved delete"],
    ],
  ])("%s", (_, images, now, is) => {
    expect(verdicts(planOf(now, images), set)).toEqual(is)
  })

  test("a region that could not be read has nothing done in it", () => {
    const failure = {
      code: "InternalError",
      message: "no",
      advice: "",
      blame: "service" as const,
      retryable: true,
      ambiguous: false,
    }
    const scope = { account: "default", region: "eu-frankfurt" }
    const read = (there: Observed["scopes"][number]): Observed => ({
      at: NOW,
      scopes: [...observed([image]).scopes, there],
    })
    const orphan = setOf(plan(d, read({ ...scope, images: [gone] }), ALL))
    expect(verdicts(plan(d, read({ ...scope, images: [gone] }), ALL), orphan)).toEqual(["approved delete"])
    const unread = plan(d, read({ ...scope, failure }), ALL)
    expect(unread.notices).toMatchObject([{ code: "not_observed", ...scope }])
    expect(verdicts(unread, orphan)).toEqual(["stale delete > nothing"])
  })

  test("a refused placement with a leftover beside it is not done", () => {
    const before = setOf(planOf(desired(described), [image]))
    const both: readonly Action[] = [
      ...planOf(desired(described), [ours(one), ours(one)]).actions,
      ...planOf(d, [image, gone])
        .actions.filter((a) => a.action === "delete")
        .map((a) => ({ ...a, image: "base" })),
    ]
    const now = { ...planOf(desired(described), []), actions: both }
    expect(verdicts(now, before)).toContain("stale update > refuse")
  })
})

describe("what is left of the plan", () => {
  const a = aPlacement({ image: "a", ...FAMILY, family: "fa" })
  const b = aPlacement({ image: "b", ...FAMILY, family: "fb" })
  const next = [a, b].map((p) => ({ ...p, source: { ...p.source, crc64: "2" } }))
  const images = [ours(a), ours(b)]
  const strict = { ...STACK, safety: { ...STACK.safety, maxFamilyMoves: { count: 1 } } }
  const now = planOf({ ...desired(...next), stack: strict }, images)
  const half = setOf({ ...now, actions: now.actions.slice(0, 1) })

  test("summary, families and fingerprint are those of what is approved", () => {
    const { plan: kept } = approve(now, half)
    expect(now).toMatchObject({ summary: { import: 2 }, families: [{ family: "fa" }, { family: "fb" }] })
    expect(kept).toMatchObject({ summary: { import: 1 }, families: [{ family: "fa" }] })
    expect(kept.fingerprint).not.toBe(now.fingerprint)
  })

  test("a limit counts what is approved, not what else is derived", () => {
    expect(now.brakes).toMatchObject([{ limit: "maxFamilyMoves", count: 2, allowed: 1 }])
    expect(approve(now, half).plan.brakes).toEqual([])
    expect(approve(now, setOf(now)).plan.brakes).toEqual(now.brakes)
  })

  test("an image counts where it is approved, not for its other actions", () => {
    const replaced = planOf(
      {
        ...desired(
          aPlacement({ image: "a", ...TWO }),
          aPlacement({ image: "a", region: "eu-frankfurt", description: "x" }),
        ),
        stack: { ...STACK, safety: { ...STACK.safety, maxReplaces: { count: 0 } } },
      },
      [],
    )
    expect(replaced.brakes).toEqual([])
    const d = {
      ...desired(
        aPlacement({ image: "a", ...TWO }),
        aPlacement({ image: "a", account: "other", description: "x" }),
      ),
      stack: { ...STACK, safety: { ...STACK.safety, maxReplaces: { count: 0 } } },
    }
    const there: Observed = {
      at: NOW,
      scopes: [
        ...observed([ours(aPlacement({ image: "a" }))]).scopes,
        { account: "other", region: "ap-singapore", images: [ours(aPlacement({ image: "a" }))] },
      ],
    }
    const both = plan(d, there)
    expect(both.brakes).toMatchObject([{ limit: "maxReplaces", count: 1 }])
    const update = setOf({ ...both, actions: both.actions.filter((x) => x.action === "update") })
    expect(approve(both, update).plan).toMatchObject({ brakes: [], summary: { update: 1, replace: 0 } })
  })
})

describe("another stack's or site's set", () => {
  const now = planOf(desired(one), [])
  test.each<[string, Partial<Plan>, RegExp | undefined]>([
    ["the same", {}, undefined],
    ["another stack", { stackId: "ffffffff", stack: "other" }, /stack other \(ffffffff\)/],
    ["another site", { site: "cn" }, /site cn/],
  ])("%s", (_, parts, problem) => {
    const found = approvalProblem(now, setOf({ ...now, ...parts }))
    if (problem === undefined) expect(found).toBeUndefined()
    else expect(found).toMatch(problem)
  })
})

describe("a saved set", () => {
  const set = setOf(planOf(desired(one), []))
  const { checksum: _, ...parts } = set
  const text = JSON.stringify(set, null, 2)

  test("is read as it was written", () => {
    expect(parseApprovalSet(text)).toEqual(set)
    expect(parseApprovalSet(`${text}\n`)).toEqual(set)
  })

  test("every cut, and every changed byte, is refused", () => {
    for (let at = 0; at < text.length; at += 1) {
      expect(typeof parseApprovalSet(text.slice(0, at)), `cut at ${at}`).toBe("string")
      const other = text[at] === "x" ? "y" : "x"
      expect(typeof parseApprovalSet(text.slice(0, at) + other + text.slice(at + 1)), `at ${at}`).toBe(
        "string",
      )
    }
  })

  test.each<[string, string, RegExp]>([
    ["nothing", "", /not JSON/],
    ["a plan of -o json", JSON.stringify(set.plan), /plan --out/],
    ["a list", "[]", /no approval set/],
    [
      "a later format",
      JSON.stringify(sealApprovalSet({ ...parts, formatVersion: 2 as never })),
      /format version is 2/,
    ],
    ["no checksum", JSON.stringify(parts), /checksum/],
    ["no plan", JSON.stringify(sealApprovalSet({ ...parts, plan: undefined as never })), /missing/],
    [
      "an action without a digest",
      JSON.stringify(sealApprovalSet({ ...parts, plan: { ...set.plan, actions: [{} as never] } })),
      /missing/,
    ],
    [
      "a change that is none",
      JSON.stringify(
        sealApprovalSet({
          ...parts,
          plan: { ...set.plan, actions: set.plan.actions.map((a) => ({ ...a, changes: [null as never] })) },
        }),
      ),
      /missing/,
    ],
    [
      "choices of another kind",
      JSON.stringify(sealApprovalSet({ ...parts, choices: { images: "all" } as never })),
      /missing/,
    ],
  ])("%s is none", (_name, broken, problem) => {
    expect(parseApprovalSet(broken)).toMatch(problem)
  })
})
