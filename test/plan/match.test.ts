import { describe, expect, test } from "vitest"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage } from "../../src/model/observed.ts"
import type { Action } from "../../src/model/plan.ts"
import { IMAGE_TAG, STACK_TAG } from "../../src/model/provenance.ts"
import { plan, specHash } from "../../src/plan/index.ts"
import { anImage, aPlacement, desired, NOW, observed, ours } from "./build.ts"

function decide(p: DesiredPlacement, images: readonly CloudImage[]): Action {
  const [action] = plan(desired(p), observed(images)).actions
  if (action === undefined) throw new Error("no action")
  return action
}

/** `verb reason, reason`, as short as a table's cell. */
function cell(p: DesiredPlacement, images: readonly CloudImage[]): string {
  const action = decide(p, images)
  return `${action.action} ${action.reasons.join(", ")}${action.action === "refuse" && action.wanted ? ` -> ${action.wanted}` : ""}`
}

const NAME = aPlacement()
const OTHER = aPlacement({ bootMode: "UEFI" })
const OTHER_SOURCE = aPlacement({ source: { crc64: "2" } })
const FAMILY = aPlacement({ match: "family", family: "f" })
const FAMILY_OTHER = aPlacement({ match: "family", family: "f", bootMode: "UEFI" })

describe("match: name", () => {
  const adopt = aPlacement({ lifecycle: { adopt: true } })
  test.each<[string, DesiredPlacement, CloudImage[], string]>([
    ["nothing", NAME, [], "import missing"],
    ["look-alikes only", NAME, [anImage({ name: "base-2" }), anImage({ name: "Base" })], "import missing"],
    ["ours, same spec", NAME, [ours(NAME)], "keep in_sync"],
    ["ours, importing", NAME, [ours(NAME, { state: "IMPORTING" })], "await importing"],
    ["ours, importing another spec", NAME, [ours(OTHER, { state: "IMPORTING" })], "await importing"],
    ["ours, unknown state", NAME, [ours(NAME, { state: "PONDERING" })], "await unknown_state:PONDERING"],
    ["ours, failed", NAME, [ours(NAME, { state: "IMPORTFAILED" })], "refuse import_failed"],
    [
      "ours, failed with another spec",
      NAME,
      [ours(OTHER, { state: "IMPORTFAILED" })],
      "refuse not_yet_supported, leftover:failed, spec_changed -> retry",
    ],
    ["ours, other spec", NAME, [ours(OTHER)], "refuse not_yet_supported, spec_changed -> replace"],
    [
      "ours, other source",
      NAME,
      [ours(OTHER_SOURCE)],
      "refuse not_yet_supported, spec_changed:source -> replace",
    ],
    [
      "ours, other spec, replacement refused by the manifest",
      aPlacement({ lifecycle: { onChange: "refuse" } }),
      [ours(OTHER)],
      "refuse on_change_refuse, spec_changed -> replace",
    ],
    [
      "ours, other spec, and one with the wanted spec retired",
      NAME,
      [ours(OTHER), ours(NAME, { name: "base.prev-img-0000aaaa" })],
      "refuse not_yet_supported, spec_changed -> restore",
    ],
    [
      "a staged replacement",
      NAME,
      [ours(OTHER), ours(NAME, { name: `base.next-${specHash(NAME).slice(0, 8)}` })],
      "refuse not_yet_supported, leftover:next -> replace",
    ],
    [
      "a swap stopped between its two renames",
      NAME,
      [ours(OTHER, { name: "base.prev-img-0000aaaa" })],
      "refuse not_yet_supported, leftover:prev -> restore",
    ],
    ["two of ours", NAME, [ours(NAME), ours(NAME)], "refuse ambiguous"],
    ["two of nobody's", NAME, [anImage(), anImage()], "refuse ambiguous"],
    ["another stack's", NAME, [ours(NAME, { tags: {} }, { stack: "ffffffff" })], "refuse owned_by_other"],
    [
      "another stack's, whatever the flags",
      adopt,
      [ours(NAME, { tags: {} }, { stack: "ffffffff" })],
      "refuse owned_by_other",
    ],
    [
      "another stack's by tag",
      NAME,
      [anImage({ tags: { [STACK_TAG]: "ffffffff" } })],
      "refuse owned_by_other",
    ],
    [
      "marks that disagree",
      NAME,
      [ours(NAME, { tags: { [STACK_TAG]: "ffffffff", [IMAGE_TAG]: "base" } })],
      "refuse provenance_conflict",
    ],
    [
      "ours, but another image's",
      NAME,
      [ours(aPlacement({ image: "other" }), { name: "base" })],
      "refuse provenance_conflict",
    ],
    [
      "ours, stamped by a newer version",
      NAME,
      [ours(NAME, { tags: {} }, { version: 2 })],
      "refuse provenance_conflict",
    ],
    ["not ours", NAME, [anImage()], "keep unmanaged"],
    [
      "not ours, adopt",
      adopt,
      [anImage()],
      "adopt adopt_requested, provenance_missing:cvmimg.image, provenance_missing:cvmimg.stack",
    ],
    [
      "not ours, still importing, adopt",
      adopt,
      [anImage({ state: "IMPORTING" })],
      "refuse conflict, unknown_state:IMPORTING",
    ],
    [
      "not ours, other architecture",
      NAME,
      [anImage({ architecture: "i386" })],
      "refuse conflict, spec_changed:architecture",
    ],
    [
      "not ours, other licence",
      aPlacement({ licenseType: "BYOL" }),
      [anImage()],
      "refuse conflict, spec_changed:licenseType",
    ],
    ["not ours, no licence stated", NAME, [anImage({ licenseType: "BYOL" })], "keep unmanaged"],
    ["renamed by hand", NAME, [ours(NAME, { name: "base-old" })], "update attribute_changed:name"],
    ["renamed by hand, other spec", NAME, [ours(OTHER, { name: "base-old" })], "import missing"],
    [
      "a former name",
      aPlacement({ formerNames: ["ancient"] }),
      [ours(aPlacement({ image: "ancient" }))],
      "update attribute_changed:name, provenance_missing:cvmimg.image, provenance_outdated",
    ],
    [
      "stamp lost, tags left",
      NAME,
      [ours(NAME, { description: "" })],
      "update provenance_missing:description",
    ],
    [
      "tags lost, stamp left",
      NAME,
      [ours(NAME, { tags: {} })],
      "update provenance_missing:cvmimg.image, provenance_missing:cvmimg.stack",
    ],
    ["tags not yet attached", NAME, [ours(NAME, { tags: {}, createdAt: NOW - 29 * 60_000 })], "keep in_sync"],
    ["released", aPlacement({ lifecycle: { state: "released" } }), [ours(NAME)], "update released"],
    ["released and gone", aPlacement({ lifecycle: { state: "released" } }), [], "keep released"],
  ])("%s", (_, p, images, expected) => {
    expect(cell(p, images)).toBe(expected)
  })
})

describe("match: family", () => {
  const adopt = aPlacement({ match: "family", family: "f", lifecycle: { adopt: true } })
  const old = NOW - 2 * 86_400_000
  test.each<[string, DesiredPlacement, CloudImage[], string]>([
    ["nothing", FAMILY, [], "import missing"],
    ["ours, same spec", FAMILY, [ours(FAMILY)], "keep in_sync"],
    ["ours, importing", FAMILY, [ours(FAMILY, { state: "IMPORTING" })], "await importing"],
    ["ours, failed", FAMILY, [ours(FAMILY, { state: "IMPORTFAILED" })], "refuse import_failed"],
    [
      "ours, failed with another spec",
      FAMILY,
      [ours(FAMILY_OTHER, { state: "IMPORTFAILED" })],
      "import missing",
    ],
    ["ours, other spec", FAMILY, [ours(FAMILY_OTHER)], "import family_moved, spec_changed"],
    [
      "ours, other spec, and an older member with the wanted spec",
      FAMILY,
      [ours(FAMILY_OTHER), ours(FAMILY, { createdAt: old })],
      "refuse not_yet_supported, spec_changed -> restore",
    ],
    [
      "two of ours, the newest counts",
      FAMILY,
      [ours(FAMILY), ours(FAMILY_OTHER, { createdAt: old })],
      "keep in_sync",
    ],
    [
      "another stack's on the name",
      FAMILY,
      [ours(FAMILY, { tags: {} }, { stack: "ffffffff" })],
      "refuse owned_by_other",
    ],
    [
      "nobody's on the name",
      FAMILY,
      [anImage({ name: `base-${specHash(FAMILY).slice(0, 8)}` })],
      "refuse conflict",
    ],
    ["somebody's newest, not adopted", FAMILY, [anImage({ name: "theirs", family: "f" })], "import missing"],
    [
      "somebody's newest, adopted",
      adopt,
      [anImage({ name: "theirs", family: "f" }), anImage({ name: "older", family: "f", createdAt: old })],
      "adopt adopt_requested, provenance_missing:cvmimg.image, provenance_missing:cvmimg.stack",
    ],
    [
      "another stack's newest, adopt",
      adopt,
      [
        ours(
          aPlacement({ match: "family", family: "f", image: "theirs" }),
          { tags: {} },
          { stack: "ffffffff" },
        ),
      ],
      "import missing",
    ],
    ["ours left the family", FAMILY, [ours(FAMILY, { family: "" })], "update attribute_changed:family"],
    [
      "other spec, replacement refused by the manifest",
      aPlacement({ match: "family", family: "f", lifecycle: { onChange: "refuse" } }),
      [ours(FAMILY_OTHER)],
      "refuse on_change_refuse, spec_changed -> import",
    ],
  ])("%s", (_, p, images, expected) => {
    expect(cell(p, images)).toBe(expected)
  })

  test("the member's name carries the spec", () => {
    const action = decide(FAMILY, [])
    expect(action.action === "import" && action.request.name).toBe(`base-${specHash(FAMILY).slice(0, 8)}`)
  })

  test("a newer usable member of somebody else is said", () => {
    const theirs = anImage({ name: "theirs", family: "f", createdAt: NOW - 1000 })
    expect(decide(FAMILY, [ours(FAMILY), theirs]).notices).toEqual([`family_shadowed:${theirs.id}`])
    expect(decide(FAMILY, [ours(FAMILY), { ...theirs, deprecated: true }]).notices).toEqual([])
  })
})

describe("where regions cannot be read", () => {
  test("a failing region refuses its own placements only", () => {
    const here = aPlacement()
    const there = aPlacement({ region: "eu-frankfurt" })
    const failure = {
      code: "UnsupportedRegion",
      message: "no",
      blame: "manifest",
      advice: "Name another region.",
      retryable: false,
      ambiguous: false,
    } as const
    const { actions } = plan(desired(here, there), {
      at: NOW,
      scopes: [
        { account: "default", region: "ap-singapore", images: [] },
        { account: "default", region: "eu-frankfurt", failure },
      ],
    })
    expect(actions.map((a) => [a.region, a.action, a.reasons[0]])).toEqual([
      ["ap-singapore", "import", "missing"],
      ["eu-frankfurt", "refuse", "not_observed"],
    ])
    expect(actions[1]).toMatchObject({ failure, advice: failure.advice })
  })

  test("a region nobody looked at is never taken as empty", () => {
    const [action] = plan(desired(aPlacement()), { at: NOW, scopes: [] }).actions
    expect(action?.reasons).toEqual(["not_observed"])
  })
})
