import { describe, expect, test } from "vitest"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage } from "../../src/model/observed.ts"
import { type Action, type ImportAction, REASONS, type UpdateAction } from "../../src/model/plan.ts"
import { ASSERTED_SOURCE, splitDescription } from "../../src/model/provenance.ts"
import { imageHash, isEmpty, plan, specHash } from "../../src/plan/index.ts"
import { anImage, aPlacement, desired, NOW, observed, ours, STACK } from "./build.ts"

function only(p: DesiredPlacement, images: readonly CloudImage[] = []): Action {
  const [action] = plan(desired(p), observed(images)).actions
  if (action === undefined) throw new Error("no action")
  return action
}

function importOf(p: DesiredPlacement, images: readonly CloudImage[] = []): ImportAction {
  const action = only(p, images)
  if (action.action !== "import") throw new Error(action.action)
  return action
}

function updateOf(p: DesiredPlacement, images: readonly CloudImage[]): UpdateAction {
  const action = only(p, images)
  if (action.action !== "update" && action.action !== "adopt") throw new Error(action.action)
  return action
}

describe("import", () => {
  test("carries our marks in description and tags", () => {
    const p = aPlacement({ description: "A base", tags: { app: "web", old: null } })
    const { request } = importOf(p)
    const { text, stamp } = splitDescription(request.description)
    expect(text).toBe("A base")
    expect(stamp).toMatchObject({ version: 1, stack: STACK.id, image: imageHash("base"), spec: specHash(p) })
    expect(request.tags).toEqual({ app: "web", "cvmimg.stack": STACK.id, "cvmimg.image": "base" })
  })

  test("no tags of ours where the stack wants none", () => {
    const d = { ...desired(aPlacement()), stack: { ...STACK, provenance: { tags: false } } }
    const [action] = plan(d, observed([])).actions
    expect(action?.action === "import" && action.request.tags).toEqual({})
  })

  test("leaves room for the stamp whatever the description", () => {
    const { request } = importOf(aPlacement({ description: "x".repeat(180) }))
    expect(request.description.length).toBeLessThanOrEqual(256)
  })

  test("names the family at once only while nobody boots from it", () => {
    const p = aPlacement({ family: "f" })
    expect(importOf(p).request.family).toBe("f")
    expect(importOf(p).afterwards).toEqual({})
    const taken = importOf(p, [anImage({ name: "theirs", family: "f" })])
    expect(taken.request.family).toBeUndefined()
    expect(taken.afterwards).toEqual({ attributes: { family: "f" } })
    const unusable = importOf(p, [anImage({ name: "theirs", family: "f", deprecated: true })])
    expect(unusable.request.family).toBe("f")
  })

  test("holds the family back where the regions are released together", () => {
    const { request, afterwards } = importOf(aPlacement({ family: "f", release: "together" }))
    expect(request.family).toBeUndefined()
    expect(afterwards).toEqual({ attributes: { family: "f" } })
  })

  test("deprecation and shares come after NORMAL", () => {
    const p = aPlacement({ deprecated: true, sharedWith: ["100000000001"] })
    expect(importOf(p).afterwards).toEqual({
      attributes: { deprecated: true },
      shares: { add: ["100000000001"], remove: [] },
    })
  })

  test("every field is a change that a reviewer reads", () => {
    const p = aPlacement({ family: "f", bootMode: "UEFI", force: true, tags: { b: "2", a: "1", gone: null } })
    expect(importOf(p).changes.map((c) => [c.field, c.after])).toEqual([
      ["name", "base"],
      ["family", "f"],
      ["source.url", p.source.url],
      ["source.format", "qcow2"],
      ["os.type", "Ubuntu"],
      ["os.version", "22"],
      ["architecture", "x86_64"],
      ["bootMode", "UEFI"],
      ["force", true],
      ["tags.a", "1"],
      ["tags.b", "2"],
    ])
  })
})

describe("update", () => {
  const p = aPlacement({
    description: "new",
    family: "f",
    deprecated: false,
    tags: { app: "web", old: null },
    sharedWith: ["1", "2"],
  })

  test("each managed field that differs, and nothing else", () => {
    const image = ours(p, {
      family: "g",
      deprecated: true,
      tags: { ...ours(p).tags, app: "db", old: "x", alien: "stays" },
      sharedWith: ["2", "3"],
    })
    const action = updateOf(p, [image])
    expect(action.changes.map((c) => [c.field, c.before, c.after, c.impact])).toEqual([
      ["family", "g", "f", "in_place"],
      ["deprecated", true, false, "in_place"],
      ["tags.app", "db", "web", "in_place"],
      ["tags.old", "x", null, "in_place"],
      ["sharedWith", ["2", "3"], ["1", "2"], "in_place"],
    ])
    expect(action.update).toEqual({
      attributes: { family: "f", deprecated: false },
      tags: { set: { app: "web" }, remove: ["old"] },
      shares: { add: ["1"], remove: ["3"] },
    })
  })

  test("absent is not managed", () => {
    const free = aPlacement()
    const image = ours(free, { family: "whatever", deprecated: true, tags: { ...ours(free).tags, x: "y" } })
    expect(only(free, [image]).action).toBe("keep")
  })

  test("empty means must be empty", () => {
    const empty = aPlacement({ description: "", family: "" })
    const image = ours(empty, { family: "f" })
    expect(updateOf(empty, [image]).update).toEqual({ attributes: { family: "" } })
  })

  test("a changed description is stamped with the attributes as they are wanted", () => {
    const before = aPlacement({ description: "old" })
    const after = aPlacement({ description: "new" })
    const action = updateOf(after, [ours(before)])
    expect(action.changes.map((c) => c.field)).toEqual(["description", "provenance"])
    expect(action.update.attributes?.description).toBe(ours(after).description)
  })

  test("a tag that left the manifest stays on the image, and the stamp forgets it", () => {
    const before = aPlacement({ tags: { app: "web" } })
    const action = updateOf(aPlacement(), [ours(before)])
    expect(action.reasons).toEqual(["provenance_outdated"])
    expect(action.update.tags).toBeUndefined()
  })

  test("a lost stamp is asserted, not invented", () => {
    const bare = aPlacement()
    const action = updateOf(bare, [ours(bare, { description: "" })])
    expect(splitDescription(action.update.attributes?.description ?? "").stamp?.source).toBe(ASSERTED_SOURCE)
  })

  test("someone else's long text and our stamp do not fit: refused, never cut", () => {
    const adopting = aPlacement({ lifecycle: { adopt: true } })
    const action = only(adopting, [anImage({ description: "x".repeat(200) })])
    expect(action.reasons).toEqual(["conflict", "attribute_changed:description"])
  })

  test("release takes the marks off and leaves the rest", () => {
    const released = aPlacement({
      description: "text",
      tags: { app: "web" },
      lifecycle: { state: "released" },
    })
    expect(updateOf(released, [ours(released)]).update).toEqual({
      attributes: { description: "text" },
      tags: { set: {}, remove: ["cvmimg.image", "cvmimg.stack"] },
    })
  })

  test("two manifests never write to one image", () => {
    const a = aPlacement({ match: "family", family: "f", lifecycle: { adopt: true } })
    const b = { ...a, image: "second" }
    const result = plan(desired(a, b), observed([anImage({ name: "theirs", family: "f" })]))
    expect(result.actions.map((x) => [x.action, x.reasons[0]])).toEqual([
      ["refuse", "ambiguous"],
      ["refuse", "ambiguous"],
    ])
  })
})

describe("await", () => {
  test("knows what is left to do", () => {
    const p = aPlacement({ family: "f" })
    const action = only(p, [ours(p, { state: "IMPORTING", family: "" })])
    expect(action).toMatchObject({ action: "await", afterwards: { attributes: { family: "f" } } })
  })

  test("has nothing to do to an image of another spec", () => {
    const other = ours(aPlacement({ bootMode: "UEFI" }), { state: "IMPORTING" })
    expect(only(aPlacement({ family: "f" }), [other])).toMatchObject({ action: "await", afterwards: {} })
  })
})

describe("families and brakes", () => {
  const family = (image: string, parts = {}): DesiredPlacement =>
    aPlacement({ image, match: "family", family: `f-${image}`, ...parts })

  test("says what the family resolves to before and after", () => {
    const p = family("a")
    const old = ours(family("a", { bootMode: "UEFI" }))
    expect(plan(desired(p), observed([old])).families).toEqual([
      {
        account: "default",
        region: "ap-singapore",
        family: "f-a",
        before: { name: old.name, imageId: old.id },
        after: { name: `a-${specHash(p).slice(0, 8)}` },
        images: ["a"],
      },
    ])
  })

  test("an image that leaves or is deprecated uncovers the one before it", () => {
    const p = aPlacement({ family: "f", deprecated: true })
    const image = ours(p, { deprecated: false })
    const older = anImage({ name: "older", family: "f", createdAt: 0 })
    expect(plan(desired(p), observed([image, older])).families[0]).toMatchObject({
      before: { imageId: image.id },
      after: { imageId: older.id },
    })
  })

  test("a limit counts images, says the placements, and is lifted by its number", () => {
    const names = ["a", "b", "c", "d", "e", "f"]
    const images = names.map((n) => ours(family(n, { bootMode: "UEFI" })))
    const d = desired(...names.map((n) => family(n)))
    expect(plan(d, observed(images)).brakes).toEqual([
      { limit: "maxFamilyMoves", count: 6, placements: 6, allowed: 5, images: names },
    ])
    expect(plan(d, observed(images), { allow: { maxFamilyMoves: 6 } }).brakes).toEqual([])
  })

  test("a first member moves nothing", () => {
    const names = ["a", "b", "c", "d", "e", "f"]
    expect(plan(desired(...names.map((n) => family(n))), observed([])).brakes).toEqual([])
  })
})

describe("the plan as a whole", () => {
  test("counts, sorts, and knows when it is empty", () => {
    const a = aPlacement()
    const b = aPlacement({ image: "second" })
    const result = plan(desired(b, a), observed([ours(a)]))
    expect(result.summary).toMatchObject({ import: 1, keep: 1, refuse: 0 })
    expect(result.actions.map((x) => x.image)).toEqual(["base", "second"])
    expect(isEmpty(result)).toBe(false)
    expect(isEmpty(plan(desired(a), observed([ours(a)])))).toBe(true)
  })

  test("what is left out is counted", () => {
    const result = plan(desired(aPlacement(), aPlacement({ image: "b" })), observed([]), {
      select: (p) => p.image === "b",
    })
    expect(result.notConsidered).toBe(1)
    expect(result.actions.map((x) => x.image)).toEqual(["b"])
  })

  test("an image without a manifest is a notice, in its own region only", () => {
    const gone = ours(aPlacement({ image: "gone" }))
    const result = plan(desired(aPlacement()), observed([gone, ours(aPlacement())]))
    expect(result.notices).toMatchObject([{ code: "orphaned", imageId: gone.id, region: "ap-singapore" }])
  })

  test("digests follow what is approved, not when it was seen", () => {
    const p = aPlacement({ description: "new" })
    const image = ours(aPlacement({ description: "old" }))
    const first = plan(desired(p), observed([image]))
    const later = plan(desired(p), { ...observed([image]), at: NOW + 1 })
    expect(later.fingerprint).toBe(first.fingerprint)
    const moved = plan(desired(p), observed([{ ...image, id: "img-zzzzzzzz" }]))
    expect(moved.fingerprint).not.toBe(first.fingerprint)
  })

  test("every reason is one that is documented", () => {
    const p = aPlacement({ tags: { a: "b" } })
    for (const action of plan(desired(p), observed([ours(aPlacement())])).actions) {
      for (const reason of action.reasons) expect(REASONS).toHaveProperty(reason.split(":")[0] ?? "")
    }
  })
})
