import { describe, expect, test } from "vitest"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage } from "../../src/model/observed.ts"
import type { Action } from "../../src/model/plan.ts"
import { ASSERTED_SOURCE, IMAGE_TAG, STACK_TAG } from "../../src/model/provenance.ts"
import { plan, specHash } from "../../src/plan/index.ts"
import { anImage, aPlacement, desired, NOW, observed, ours, STACK } from "./build.ts"

interface How {
  readonly retryFailed?: boolean
  /** The crc64 that COS shows. */
  readonly seen?: string
}

function decide(p: DesiredPlacement, images: readonly CloudImage[], how: How = {}): Action {
  const seen = how.seen === undefined ? {} : { sources: { [p.source.url]: { crc64: how.seen } } }
  const retryFailed = how.retryFailed === true
  const [action] = plan(desired(p), { ...observed(images), ...seen }, { retryFailed }).actions
  if (action === undefined) throw new Error("no action")
  return action
}

/** `verb reason, reason`, as short as a table's cell. */
function cell(p: DesiredPlacement, images: readonly CloudImage[], how?: How): string {
  const action = decide(p, images, how)
  return `${action.action} ${action.reasons.join(", ")}${action.action === "refuse" && action.wanted ? ` -> ${action.wanted}` : ""}`
}

const NAME = aPlacement()
const OTHER = aPlacement({ bootMode: "UEFI" })
const OTHER_OS = aPlacement({ os: { type: "Debian", version: "12" } })
const NEXT = `base.next-${specHash(NAME).slice(0, 8)}`
const OTHER_SOURCE = aPlacement({ source: { crc64: "2" } })
const ANCIENT = aPlacement({ image: "ancient" })
const RENAMED = aPlacement({ formerNames: ["ancient"] })
const marks = (image: string): Record<string, string> => ({ [STACK_TAG]: STACK.id, [IMAGE_TAG]: image })
const UNREAD = {
  code: "UnauthorizedOperation",
  message: "no",
  advice: "Ask for the right.",
  blame: "permission" as const,
  retryable: false,
  ambiguous: false,
}
const RELEASED = aPlacement({ lifecycle: { state: "released" } })
const FAMILY = aPlacement({ match: "family", family: "f" })
const FAMILY_OTHER = aPlacement({ match: "family", family: "f", bootMode: "UEFI" })

describe("match: name", () => {
  const adopt = aPlacement({ lifecycle: { adopt: true } })
  test.each<[string, DesiredPlacement, CloudImage[], string, How?]>([
    ["nothing", NAME, [], "import missing"],
    ["look-alikes only", NAME, [anImage({ name: "base-2" }), anImage({ name: "Base" })], "import missing"],
    ["ours, same spec", NAME, [ours(NAME)], "keep in_sync"],
    ["ours, importing", NAME, [ours(NAME, { state: "IMPORTING" })], "await importing"],
    ["ours, importing another spec", NAME, [ours(OTHER, { state: "IMPORTING" })], "await importing"],
    ["ours, unknown state", NAME, [ours(NAME, { state: "PONDERING" })], "await unknown_state:PONDERING"],
    ["ours, failed", NAME, [ours(NAME, { state: "IMPORTFAILED" })], "refuse import_failed -> retry"],
    [
      "ours, failed with another spec",
      NAME,
      [ours(OTHER, { state: "IMPORTFAILED" })],
      "import missing, leftover:failed",
    ],
    ["ours, other spec", NAME, [ours(OTHER)], "replace spec_changed:bootMode"],
    ["ours, other source", NAME, [ours(OTHER_SOURCE)], "replace spec_changed:source"],
    ["ours, other OS, which no reader can tell", NAME, [ours(OTHER_OS)], "replace spec_changed"],
    [
      "ours, failed, and protected",
      NAME,
      [ours(OTHER, { state: "IMPORTFAILED", tags: { "cvmimg.protect": "1" } })],
      "refuse conflict, protected",
    ],
    [
      "ours, failed, and told to retry",
      NAME,
      [ours(NAME, { state: "IMPORTFAILED" })],
      "retry retry_requested",
      { retryFailed: true },
    ],
    [
      "ours, failed from an object that is another one now",
      aPlacement(),
      [ours(NAME, { state: "IMPORTFAILED" })],
      "import missing, leftover:failed",
      { seen: "2" },
    ],
    ["ours, the object under the URL changed", NAME, [ours(NAME)], "keep in_sync", { seen: "2" }],
    [
      "ours, the object changed and the image follows it",
      aPlacement({ source: { onChange: "replace" } }),
      [ours(NAME)],
      "replace source_changed",
      { seen: "2" },
    ],
    [
      "ours, other spec, shared out",
      NAME,
      [ours(OTHER, { sharedWith: ["100"] })],
      "refuse lost_shares, lost_shares:100 -> replace",
    ],
    [
      "ours, other spec, and who it is shared with could not be read",
      NAME,
      [ours(OTHER, { sharesUnread: UNREAD })],
      "refuse shares_unread -> replace",
    ],
    [
      "ours, other spec, and who it is shared with does not matter",
      aPlacement({ lifecycle: { allowLostShares: true } }),
      [ours(OTHER, { sharesUnread: UNREAD })],
      "replace spec_changed:bootMode",
    ],
    [
      "ours, other spec, shared out, and the loss allowed",
      aPlacement({ lifecycle: { allowLostShares: true } }),
      [ours(OTHER, { sharedWith: ["100"] })],
      "replace spec_changed:bootMode",
    ],
    [
      "ours, other spec, shared out, and the new one is to be shared as well",
      aPlacement({ sharedWith: ["100"] }),
      [ours(OTHER, { sharedWith: ["100"] })],
      "replace spec_changed:bootMode",
    ],
    [
      "ours, other spec, replacement refused by the manifest",
      aPlacement({ lifecycle: { onChange: "refuse" } }),
      [ours(OTHER)],
      "refuse on_change_refuse, spec_changed:bootMode -> replace",
    ],
    [
      "ours, other spec, and one with the wanted spec retired",
      NAME,
      [ours(OTHER), ours(NAME, { name: "base.prev-img-0000aaaa" })],
      "restore restorable, spec_changed:bootMode",
    ],
    [
      "the same, and the one of today is shared out",
      NAME,
      [
        ours(OTHER, { sharedWith: ["100", "200"] }),
        ours(NAME, { name: "base.prev-img-0000aaaa", sharedWith: ["200"] }),
      ],
      "refuse lost_shares, lost_shares:100 -> restore",
    ],
    [
      "the same, and the earlier one is shared with them as well",
      NAME,
      [
        ours(OTHER, { sharedWith: ["100"] }),
        ours(NAME, { name: "base.prev-img-0000aaaa", sharedWith: ["100"] }),
      ],
      "restore restorable, spec_changed:bootMode",
    ],
    [
      "the same, and the manifest shares it with others",
      aPlacement({ sharedWith: ["200"] }),
      [
        ours(OTHER, { sharedWith: ["100"] }),
        ours(NAME, { name: "base.prev-img-0000aaaa", sharedWith: ["100"] }),
      ],
      "refuse lost_shares, lost_shares:100 -> restore",
    ],
    [
      "the same, and the loss is allowed",
      aPlacement({ lifecycle: { allowLostShares: true } }),
      [ours(OTHER, { sharedWith: ["100"] }), ours(NAME, { name: "base.prev-img-0000aaaa" })],
      "restore restorable, spec_changed:bootMode",
    ],
    [
      "the same, and who has the one of today could not be read",
      NAME,
      [ours(OTHER, { sharesUnread: UNREAD }), ours(NAME, { name: "base.prev-img-0000aaaa" })],
      "refuse shares_unread -> restore",
    ],
    [
      "the same, and who has the earlier one could not be read",
      NAME,
      [
        ours(OTHER, { sharedWith: ["100"] }),
        ours(NAME, { name: "base.prev-img-0000aaaa", sharesUnread: UNREAD }),
      ],
      "refuse shares_unread -> restore",
    ],
    [
      "the same, nobody has the one of today, and who has the earlier one could not be read",
      NAME,
      [ours(OTHER, { sharedWith: [] }), ours(NAME, { name: "base.prev-img-0000aaaa", sharesUnread: UNREAD })],
      "restore restorable, spec_changed:bootMode",
    ],
    [
      "ours, failed, and one with the wanted spec retired",
      NAME,
      [ours(OTHER, { state: "IMPORTFAILED" }), ours(NAME, { name: "base.prev-img-0000aaaa" })],
      "restore restorable, leftover:failed",
    ],
    [
      "ours, failed, and the replacement is staged",
      NAME,
      [ours(OTHER, { state: "IMPORTFAILED" }), ours(NAME, { name: NEXT })],
      "replace half_done:swap",
    ],
    [
      "ours, other spec, a failed replacement, and one with the wanted spec retired",
      NAME,
      [
        ours(OTHER),
        ours(NAME, { name: NEXT, state: "IMPORTFAILED" }),
        ours(NAME, { name: "base.prev-img-0000aaaa" }),
      ],
      "restore restorable, leftover:failed, spec_changed:bootMode",
    ],
    [
      "ours, other spec, and somebody's image has the staged name",
      NAME,
      [ours(OTHER), anImage({ name: NEXT })],
      "refuse conflict -> replace",
    ],
    [
      "ours, other spec, and a staged one that lost its stamp",
      NAME,
      [ours(OTHER), ours(NAME, { name: NEXT, description: "edited" })],
      "replace half_done:swap, spec_changed:bootMode",
    ],
    [
      "ours, other spec, and a staged one of another spec that lost its stamp",
      NAME,
      [ours(OTHER), ours(NAME, { name: "base.next-00000000", description: "edited" })],
      "replace spec_changed:bootMode",
    ],
    [
      "ours, other spec, and a stale staged one that is shared out",
      NAME,
      [ours(OTHER), ours(OTHER_SOURCE, { name: "base.next-00000000", sharedWith: ["100"] })],
      "replace spec_changed:bootMode",
    ],
    [
      "nothing of the name, and the same import failed as a member of a family",
      NAME,
      [ours(NAME, { name: "base-00000000", state: "IMPORTFAILED" })],
      "refuse import_failed -> retry",
    ],
    [
      "the same, and told to retry",
      NAME,
      [ours(NAME, { name: "base-00000000", state: "IMPORTFAILED" })],
      "retry retry_requested",
      { retryFailed: true },
    ],
    [
      "ours, other spec, and the same import failed as a member of a family",
      NAME,
      [ours(OTHER), ours(NAME, { name: "base-00000000", state: "IMPORTFAILED" })],
      "refuse import_failed -> retry",
    ],
    [
      "ours, other spec, and somebody's image of the same name beside it",
      NAME,
      [ours(OTHER), anImage()],
      "refuse conflict",
    ],
    [
      "ours, shared out since the replacement was staged",
      NAME,
      [ours(OTHER, { sharedWith: ["100"] }), ours(NAME, { name: NEXT })],
      "refuse lost_shares, lost_shares:100 -> replace",
    ],
    [
      "S1: the replacement is importing",
      NAME,
      [ours(OTHER), ours(NAME, { name: NEXT, state: "IMPORTING" })],
      "replace half_done:swap, spec_changed:bootMode",
    ],
    [
      "S2: the replacement is staged",
      NAME,
      [ours(OTHER), ours(NAME, { name: NEXT })],
      "replace half_done:swap, spec_changed:bootMode",
    ],
    [
      "S2: the replacement failed",
      NAME,
      [ours(OTHER), ours(NAME, { name: NEXT, state: "IMPORTFAILED" })],
      "refuse import_failed -> retry",
    ],
    [
      "S2: the replacement failed, told to retry, and somebody's image has the staged name as well",
      NAME,
      [ours(OTHER), ours(NAME, { name: NEXT, state: "IMPORTFAILED" }), anImage({ name: NEXT })],
      "refuse conflict -> replace",
      { retryFailed: true },
    ],
    [
      "S2: the replacement failed, and told to retry",
      NAME,
      [ours(OTHER), ours(NAME, { name: NEXT, state: "IMPORTFAILED" })],
      "replace retry_requested, spec_changed:bootMode",
      { retryFailed: true },
    ],
    [
      "S3: the old one is out of the way, the name is absent",
      NAME,
      [ours(OTHER, { name: "base.prev-img-0000aaaa" }), ours(NAME, { name: NEXT })],
      "replace half_done:swap",
    ],
    [
      "S4: both are renamed, the family is not given",
      aPlacement({ family: "f" }),
      [ours(OTHER, { name: "base.prev-img-0000aaaa" }), ours(aPlacement({ family: "f" }), { family: "" })],
      "update attribute_changed:family",
    ],
    [
      "S5: nothing is left but the one before",
      NAME,
      [ours(OTHER, { name: "base.prev-img-0000aaaa" }), ours(NAME)],
      "keep in_sync",
    ],
    [
      "a swap stopped between its two renames, and the manifest went back",
      OTHER,
      [ours(OTHER, { name: "base.prev-img-0000aaaa" }), ours(NAME, { name: NEXT })],
      "restore half_done:swap, restorable",
    ],
    [
      "the one before alone, of another spec",
      NAME,
      [ours(OTHER, { name: "base.prev-img-0000aaaa" })],
      "import missing",
    ],
    [
      "a staged image of an older wish",
      NAME,
      [ours(OTHER), ours(OTHER_SOURCE, { name: "base.next-00000000" })],
      "replace spec_changed:bootMode",
    ],
    [
      "a replacement staged twice",
      NAME,
      [ours(OTHER), ours(NAME, { name: NEXT }), ours(NAME, { name: NEXT })],
      "replace half_done:swap, spec_changed:bootMode",
    ],
    [
      "a replacement staged twice, and people keep both",
      NAME,
      [
        ours(OTHER),
        ours(NAME, { name: NEXT, sharedWith: ["100"] }),
        ours(NAME, { name: NEXT, tags: { "cvmimg.protect": "1" } }),
      ],
      "refuse ambiguous -> replace",
    ],
    [
      "the same, and nothing bears the name",
      NAME,
      [ours(NAME, { name: NEXT, family: "f" }), ours(NAME, { name: NEXT, sharedWith: ["100"] })],
      "refuse ambiguous -> replace",
    ],
    [
      "a replacement staged twice, of which one is importing",
      NAME,
      [ours(OTHER), ours(NAME, { name: NEXT }), ours(NAME, { name: NEXT, state: "IMPORTING" })],
      "await importing",
    ],
    [
      "a replacement staged twice, of which the newer one failed",
      NAME,
      [
        ours(OTHER),
        ours(NAME, { name: NEXT, state: "IMPORTFAILED", createdAt: NOW - 7_200_000 }),
        ours(NAME, { name: NEXT, createdAt: NOW - 14_400_000 }),
      ],
      "replace half_done:swap, spec_changed:bootMode",
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
      "not ours, and the replacement of ours is staged",
      NAME,
      [anImage(), ours(NAME, { name: NEXT })],
      "refuse conflict, half_done:swap -> replace",
    ],
    [
      "the same, adopt",
      adopt,
      [anImage(), ours(NAME, { name: NEXT, state: "IMPORTING" })],
      "refuse conflict, half_done:swap -> replace",
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
      "a former name, other spec",
      RENAMED,
      [ours({ ...OTHER, image: "ancient" })],
      "replace spec_changed:bootMode",
    ],
    [
      "a former name, other spec, and the replacement is staged",
      RENAMED,
      [ours({ ...OTHER, image: "ancient" }), ours(RENAMED, { name: NEXT })],
      "replace half_done:swap, spec_changed:bootMode",
    ],
    [
      "a former name, and the replacement was staged under it",
      RENAMED,
      [ours({ ...OTHER, image: "ancient" }), ours(ANCIENT, { name: NEXT.replace("base", "ancient") })],
      "replace half_done:swap, spec_changed:bootMode",
    ],
    [
      "a former name, other spec, and one with the wanted spec retired under it",
      RENAMED,
      [ours({ ...OTHER, image: "ancient" }), ours(ANCIENT, { name: "ancient.prev-img-0000aaaa" })],
      "restore restorable, spec_changed:bootMode",
    ],
    [
      "a former name, still importing, and the replacement is staged",
      RENAMED,
      [ours({ ...OTHER, image: "ancient" }, { state: "IMPORTING" }), ours(RENAMED, { name: NEXT })],
      "await importing",
    ],
    [
      "two former names, and images that bear them",
      aPlacement({ formerNames: ["ancient", "older"] }),
      [ours({ ...OTHER, image: "ancient" }), ours({ ...OTHER, image: "older" })],
      "refuse ambiguous",
    ],
    [
      "a failed import under a former name",
      RENAMED,
      [ours({ ...OTHER, image: "ancient" }, { state: "IMPORTFAILED" })],
      "import missing",
    ],
    [
      "the same import failed under a former name",
      RENAMED,
      [ours(ANCIENT, { state: "IMPORTFAILED" })],
      "refuse import_failed -> retry",
    ],
    [
      "renamed by hand before the manifest was",
      RENAMED,
      [ours(ANCIENT, { name: "base" })],
      "update provenance_missing:cvmimg.image, provenance_outdated",
    ],
    [
      "a rename that wrote the tags and no more",
      RENAMED,
      [ours(ANCIENT, { tags: marks("base") })],
      "update half_done:rename, attribute_changed:name, provenance_outdated",
    ],
    [
      "a rename that wrote name and stamp, and the tags name the former image",
      RENAMED,
      [ours(NAME, { tags: marks("ancient") })],
      "update half_done:rename, provenance_missing:cvmimg.image",
    ],
    [
      "the same, and somebody renamed it since",
      RENAMED,
      [ours(NAME, { name: "mine", tags: marks("ancient") })],
      "update half_done:rename, attribute_changed:name, provenance_missing:cvmimg.image",
    ],
    [
      "a half-done rename, and the manifest wants another spec since",
      aPlacement({ formerNames: ["ancient"], bootMode: "UEFI" }),
      [ours(ANCIENT, { tags: marks("base") })],
      "replace spec_changed:bootMode",
    ],
    [
      "a half-done rename, and the manifest went back",
      aPlacement({ image: "ancient", formerNames: ["base"] }),
      [ours(ANCIENT, { tags: marks("base") })],
      "update half_done:rename, provenance_missing:cvmimg.image",
    ],
    [
      "a half-done rename, and the next one",
      aPlacement({ image: "third", formerNames: ["base", "ancient"] }),
      [ours(ANCIENT, { tags: marks("base") })],
      "update half_done:rename, attribute_changed:name, provenance_missing:cvmimg.image, provenance_outdated",
    ],
    [
      "a half-done rename, released",
      aPlacement({ formerNames: ["ancient"], lifecycle: { state: "released" } }),
      [ours(ANCIENT, { tags: marks("base") })],
      "update released",
    ],
    [
      "a half-done rename that no manifest tells of",
      NAME,
      [ours(ANCIENT, { tags: marks("base") })],
      "refuse provenance_conflict",
    ],
    [
      "marks of which one names a former image, and the other none that the manifest knows",
      RENAMED,
      [ours(ANCIENT, { tags: marks("unheard-of") })],
      "refuse provenance_conflict",
    ],
    [
      "marks that disagree on a failed import",
      NAME,
      [ours(ANCIENT, { tags: marks("base"), state: "IMPORTFAILED" })],
      "import missing",
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
    ["released and gone", RELEASED, [], "keep released"],
    ["released and failed", RELEASED, [ours(NAME, { state: "IMPORTFAILED" })], "keep released"],
    [
      "released, and an import of it failed beside it",
      RELEASED,
      [ours(NAME), ours(NAME, { name: NEXT, state: "IMPORTFAILED" })],
      "update released",
    ],
    ["released while importing", RELEASED, [ours(NAME, { state: "IMPORTING" })], "await released, importing"],
    [
      "released before it was renamed",
      aPlacement({ formerNames: ["ancient"], lifecycle: { state: "released" } }),
      [ours(ANCIENT)],
      "update released",
    ],
    ["released, two of it", RELEASED, [ours(NAME), ours(NAME)], "refuse ambiguous, released"],
  ])("%s", (_, p, images, expected, how) => {
    expect(cell(p, images, how)).toBe(expected)
  })
})

describe("a rename without tags of ours", () => {
  const stack = { ...STACK, provenance: { tags: false } }
  const of = (...images: CloudImage[]): Action | undefined =>
    plan({ stack, placements: [RENAMED], families: [] }, observed(images)).actions[0]
  const takenOff = { set: {}, remove: [IMAGE_TAG, STACK_TAG] }

  test("takes off the tags that name the former image", () => {
    const action = of(ours(ANCIENT))
    expect(action).toMatchObject({
      action: "update",
      reasons: [
        "attribute_changed:name",
        `provenance_outdated:${IMAGE_TAG}`,
        `provenance_outdated:${STACK_TAG}`,
        "provenance_outdated",
      ],
      update: { tags: takenOff, attributes: { name: "base" } },
    })
  })

  test("that was stopped before the tags were taken off, or after, goes on", () => {
    expect(of(ours(NAME, { tags: marks("ancient") }))).toMatchObject({
      reasons: ["half_done:rename", `provenance_outdated:${IMAGE_TAG}`, `provenance_outdated:${STACK_TAG}`],
      update: { tags: takenOff },
    })
    expect(of(ours(ANCIENT, { tags: {} }))).toMatchObject({
      reasons: ["attribute_changed:name", "provenance_outdated"],
    })
  })

  test("leaves tags alone that name the image", () => {
    expect(of(ours(NAME))).toMatchObject({ action: "keep" })
  })
})

describe("a released image", () => {
  test("whose import failed is said, since its marks stay", () => {
    const failed = ours(NAME, { state: "IMPORTFAILED" })
    expect(decide(RELEASED, [failed])).toMatchObject({
      imageId: failed.id,
      notices: [`import_failed:${failed.id}`],
    })
    expect(decide(RELEASED, [ours(NAME), failed])).toMatchObject({ notices: [`import_failed:${failed.id}`] })
  })

  test("that is importing is waited for, and its marks taken off then", () => {
    const { description, tags } = ours(NAME)
    const action = decide(RELEASED, [ours(NAME, { state: "IMPORTING", description, tags })])
    expect(action).toMatchObject({
      afterwards: { attributes: { description: "" }, tags: { remove: [IMAGE_TAG, STACK_TAG] } },
    })
  })
})

describe("beside an image of nobody", () => {
  const adopt = { lifecycle: { adopt: true } }
  const failed = ours(NAME, { name: NEXT, state: "IMPORTFAILED" })
  const others = [
    failed,
    ours(OTHER, { name: "base-00000000", state: "IMPORTFAILED" }),
    ours(OTHER, { name: "base.next-00000000" }),
  ]
  const kept = ours(OTHER, { name: "base-2", state: "IMPORTFAILED", tags: { "cvmimg.protect": "1" } })
  const rows = (p: DesiredPlacement, images: readonly CloudImage[]): string[] =>
    plan(desired(p), observed(images)).actions.map((a) => `${a.action} ${"imageId" in a ? a.imageId : ""}`)

  test("that is adopted, what earlier attempts of ours left goes; what people protect stays", () => {
    const found = anImage()
    expect(rows(aPlacement(adopt), [found, ...others, kept])).toEqual([
      `adopt ${found.id}`,
      ...others.map((i) => `delete ${i.id}`).sort(),
    ])
  })

  test("that is not managed, it goes as well, but for what says that the same import failed", () => {
    const found = anImage()
    const stale = others.filter((i) => i !== failed)
    expect(rows(NAME, [found, ...others])).toEqual([
      `keep ${found.id}`,
      ...stale.map((i) => `delete ${i.id}`).sort(),
    ])
  })

  test("that is in sync, a staged one goes, but not one whose stamp says that it was adopted", () => {
    const held = ours(NAME)
    const stale = ours(OTHER, { name: "base.next-00000000" })
    const adopted = ours(OTHER, { name: "base.next-11111111" }, { source: ASSERTED_SOURCE })
    expect(rows(NAME, [held, stale, adopted])).toEqual([`keep ${held.id}`, `delete ${stale.id}`])
  })

  test("that is adopted as the family's newest, a failed import of another spec goes", () => {
    const found = anImage({ name: "theirs", family: "f" })
    const left = ours(FAMILY_OTHER, { state: "IMPORTFAILED" })
    expect(rows(aPlacement({ match: "family", family: "f", ...adopt }), [found, left])).toEqual([
      `adopt ${found.id}`,
      `delete ${left.id}`,
    ])
  })
})

describe("a replacement that was staged twice", () => {
  const free = ours(NAME, { name: NEXT })
  const kept = ours(NAME, { name: NEXT, tags: { "cvmimg.protect": "1" }, createdAt: NOW - 604_800_000 })

  test("goes on with the one that people keep; the other one goes", () => {
    for (const images of [
      [ours(OTHER), free, kept],
      [ours(OTHER), kept, free],
    ]) {
      expect(decide(NAME, images)).toMatchObject({
        action: "replace",
        staged: { imageId: kept.id },
        remove: [{ imageId: free.id }],
      })
    }
  })

  test("and is kept twice by people is refused, with both ids", () => {
    const shared = { ...free, sharedWith: ["100"] }
    const action = decide(NAME, [ours(OTHER), shared, kept])
    expect(action).toMatchObject({ imageIds: [shared.id, kept.id].sort() })
    expect(action.action === "refuse" && action.advice).toContain(kept.id)
  })

  test("is finished with the one that is usable, not the one that failed", () => {
    const failed = ours(NAME, { name: NEXT, state: "IMPORTFAILED", createdAt: NOW - 3_600_000 })
    expect(decide(NAME, [ours(OTHER), failed, free])).toMatchObject({
      staged: { imageId: free.id },
      remove: [{ imageId: failed.id }],
    })
  })
})

test("what a family resolves to after a restoration has the name that it gets", () => {
  const p = aPlacement({ family: "f" })
  const earlier = ours(p, { name: "base.prev-img-0000aaaa", createdAt: NOW - 604_800_000 })
  const today = ours(aPlacement({ family: "f", bootMode: "UEFI" }))
  expect(plan(desired(p), observed([today, earlier])).families).toMatchObject([
    { before: { name: "base", imageId: today.id }, after: { name: "base", imageId: earlier.id } },
  ])
})

test("two released images are refused with what to do about each", () => {
  const action = decide(RELEASED, [ours(NAME), ours(NAME, { name: "base.prev-img-0000aaaa" })])
  expect(action).toMatchObject({ action: "refuse", refusal: "ambiguous" })
  expect(action.action === "refuse" && action.advice).toContain("the tags cvmimg.stack and cvmimg.image")
})

test("a newer member that is protected is told as what it is", () => {
  const older = ours(FAMILY, { createdAt: NOW - 604_800_000 })
  const action = decide(FAMILY, [older, ours(FAMILY_OTHER, { tags: { "cvmimg.protect": "1" } })])
  expect(action.action === "refuse" && action.advice).toMatch(/^To restore the earlier image, /)
})

describe("match: family", () => {
  const adopt = aPlacement({ match: "family", family: "f", lifecycle: { adopt: true } })
  const old = NOW - 2 * 86_400_000
  test.each<[string, DesiredPlacement, CloudImage[], string, How?]>([
    ["nothing", FAMILY, [], "import missing"],
    ["ours, same spec", FAMILY, [ours(FAMILY)], "keep in_sync"],
    ["ours, importing", FAMILY, [ours(FAMILY, { state: "IMPORTING" })], "await importing"],
    ["ours, failed", FAMILY, [ours(FAMILY, { state: "IMPORTFAILED" })], "refuse import_failed -> retry"],
    [
      "ours, failed with another spec",
      FAMILY,
      [ours(FAMILY_OTHER, { state: "IMPORTFAILED" })],
      "import missing",
    ],
    [
      "ours, failed under another name",
      FAMILY,
      [ours(FAMILY, { name: NEXT, state: "IMPORTFAILED" })],
      "refuse import_failed -> retry",
    ],
    [
      "an older one of the wanted spec, and the newer one is protected",
      FAMILY,
      [ours(FAMILY, { createdAt: old }), ours(FAMILY_OTHER, { tags: { "cvmimg.protect": "1" } })],
      "refuse conflict, protected -> restore",
    ],
    [
      "an older one of the wanted spec, and the newer one is shared out",
      FAMILY,
      [ours(FAMILY, { createdAt: old }), ours(FAMILY_OTHER, { sharedWith: ["100"] })],
      "refuse lost_shares, lost_shares:100 -> restore",
    ],
    ["ours, other spec", FAMILY, [ours(FAMILY_OTHER)], "import family_moved, spec_changed:bootMode"],
    [
      "ours, other spec, and an older member with the wanted spec",
      FAMILY,
      [ours(FAMILY_OTHER), ours(FAMILY, { createdAt: old })],
      "restore restorable, spec_changed:bootMode",
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
    [
      "a former name",
      { ...FAMILY, formerNames: ["ancient"] },
      [ours({ ...FAMILY, image: "ancient" })],
      "update provenance_missing:cvmimg.image, provenance_outdated",
    ],
    [
      "a former name, other spec",
      { ...FAMILY, formerNames: ["ancient"] },
      [ours({ ...FAMILY_OTHER, image: "ancient" })],
      "import family_moved, spec_changed:bootMode",
    ],
    [
      "a half-done rename",
      { ...FAMILY, formerNames: ["ancient"] },
      [ours({ ...FAMILY, image: "ancient" }, { tags: marks("base") })],
      "update half_done:rename, provenance_outdated",
    ],
    [
      "a half-done rename that no manifest tells of",
      FAMILY,
      [ours({ ...FAMILY, image: "ancient" }, { tags: marks("base") })],
      "refuse provenance_conflict",
    ],
    ["ours left the family", FAMILY, [ours(FAMILY, { family: "" })], "update attribute_changed:family"],
    [
      "other spec, replacement refused by the manifest",
      aPlacement({ match: "family", family: "f", lifecycle: { onChange: "refuse" } }),
      [ours(FAMILY_OTHER)],
      "refuse on_change_refuse, spec_changed:bootMode -> import",
    ],
  ])("%s", (_, p, images, expected, how) => {
    expect(cell(p, images, how)).toBe(expected)
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
