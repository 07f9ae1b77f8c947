// Others in the same account, rights, limits and regions. Rows 17, 26, 28-31, 36, 43, 45, and what a rehearsal forbids.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import type { CloudReader, CloudRehearser } from "../../src/cloud/port.ts"
import { demoAccount } from "../../src/emulator/index.ts"
import { FRANKFURT, image, MINUTE, oneLiveOf, SINGAPORE, scene, stack, VARIANTS } from "./scene.ts"

const manifests = [stack(), image("web")]

describe.concurrent("two appliers on two machines", () => {
  test.each(VARIANTS)("names unique: %s, visible after %i ms", async (duplicateNames, visibilityDelayMs) => {
    const s = await scene({
      manifests: [stack(), image("a"), image("b")],
      speed: 600,
      behaviour: { duplicateNames, visibilityDelayMs },
    })
    const both = await Promise.all([s.apply("--no-checks"), s.host().apply("--no-checks")])
    const rows = both.flatMap((one) => one.rows)
    const made = s.imports().length
    // Nothing is ever deleted, and nothing is sent a third time.
    expect(s.writes()).toEqual(Array(made).fill("ImportImage ap-singapore"))
    expect(s.emulator.world.images()).toHaveLength(made)
    if (duplicateNames !== "never") {
      expect(both.map(({ code }) => code)).toEqual([0, 0])
      expect(made).toBe(2)
      return s.settled()
    }
    // Where neither can see what the other sent, the double is certain.
    if (visibilityDelayMs === 15 * MINUTE) expect(made).toBe(4)
    if (made === 2) return s.settled()
    // Nothing prevents the double: whoever sees it says so, with 5.
    expect(rows.join("\n")).toContain("unknown (ClientError.DoubleImport)")
    expect(both.map(({ code }) => code)).toContain(5)
    const { code, rows: planned } = await s.plan()
    expect(planned.join("\n")).toMatch(/^refuse /)
    expect(code).toBe(3)
    expect((await s.apply()).code).toBe(3)
    expect(s.imports()).toHaveLength(made)
  })
})

describe.concurrent("somebody takes the name between plan and import", () => {
  test("names unique: a failure; their image stays as it is, the others are done", async () => {
    const s = await scene({
      manifests: [stack(), image("web"), image("other")],
      faults: ["ImportImage:web,real,1:someone-creates"],
    })
    const { code, rows } = await s.apply()
    expect(rows).toEqual([
      "import other ap-singapore: done",
      "import web ap-singapore: failed (InvalidImageName.Duplicate)",
    ])
    expect(code).toBe(5)
    const stranger = s.emulator.world.images().find((i) => i.name === "web")
    expect(stranger).toMatchObject({ description: "", tags: {} })
    expect((await s.plan()).rows).toContain("keep web ap-singapore: unmanaged")
    expect(s.imports()).toEqual(["other ap-singapore"])
    oneLiveOf(s.emulator)
  })

  test("names not unique: ours is ours, theirs stays as it is, and neither is taken for the other", async () => {
    const s = await scene({
      manifests,
      behaviour: { duplicateNames: "never" },
      faults: ["ImportImage:web,real,1:someone-creates"],
    })
    await s.apply()
    const [stranger, ...rest] = s.emulator.world.images().filter((i) => i.description === "")
    expect(rest).toEqual([])
    expect(stranger).toMatchObject({ name: "web", tags: {} })
    await s.apply()
    expect(s.imports()).toEqual(["web ap-singapore"])
    expect(s.writes()).toEqual(["ImportImage ap-singapore"])
    oneLiveOf(s.emulator)
  })
})

test.concurrent("the quota ends midway: that region stops, the other goes on, and nothing beyond is tried", async () => {
  const both = "regions: [ap-singapore, eu-frankfurt]"
  const s = await scene({
    manifests: [stack("apply: { concurrency: 1 }"), ...["a", "b", "c", "d"].map((n) => image(n, both))],
    // Somebody uses the room that the preflight saw.
    faults: Array.from(
      { length: 3 },
      (_, i) => `ImportImage:b,region=${SINGAPORE},real:someone-creates=x${i}`,
    ),
    accounts: [{ ...demoAccount, quota: { [SINGAPORE]: 4, [FRANKFURT]: 10 } }],
  })
  const { code, rows } = await s.apply()
  expect(code).toBe(5)
  expect(rows.filter((row) => row.includes(FRANKFURT) && !row.endsWith(": done"))).toEqual([])
  const here = rows.filter((row) => row.includes(SINGAPORE))
  expect(here.filter((row) => row.endsWith("failed (ImageQuotaLimitExceeded)"))).toHaveLength(1)
  expect(
    here.filter((row) => /skipped \((quota_exhausted|ImageQuotaLimitExceeded)\)/.test(row)),
  ).toHaveLength(2)
  const refused = s.emulator.requests.filter((r) => r.code === "ImageQuotaLimitExceeded")
  expect(refused).toHaveLength(1)
  s.emulator.clearFaults()
  s.emulator.world.setAccount({ ...demoAccount, quota: 20 })
  expect((await s.apply()).code).toBe(0)
  await s.settled()
})

test.concurrent("no room at all is predicted before anything is sent", async () => {
  const s = await scene({
    manifests: [stack(), image("a"), image("b")],
    accounts: [{ ...demoAccount, quota: 1 }],
  })
  const { code, rows } = await s.apply()
  expect(code).toBe(1)
  expect(rows.filter((row) => !row.includes("skipped (check_failed)"))).toEqual([])
  expect(s.emulator.ledger).toEqual([])
})

describe.concurrent("tags", () => {
  test("no right to create them: refused before any import, naming the permission and the way without", async () => {
    const s = await scene({ manifests, faults: ["CreateTag:*:error=UnauthorizedOperation"] })
    const { code, rows, stdout, stderr } = await s.apply()
    expect(code).toBe(1)
    expect(rows).toEqual(["import web ap-singapore: failed (UnauthorizedOperation)"])
    expect(s.emulator.ledger).toEqual([])
    expect(stdout + stderr).toContain("tag:CreateTag")
    expect(stdout + stderr).toContain("provenance.tags: false")
    s.manifests(stack("provenance: { tags: false }"), image("web"))
    expect((await s.apply()).code).toBe(0)
    await s.settled()
  })

  test("TagKeyNotFound: not accepted, and the next run goes on", async () => {
    const s = await scene({
      manifests,
      faults: ["ImportImage:real,1:error=InvalidParameterValue.TagKeyNotFound"],
    })
    expect(await s.apply()).toMatchObject({
      code: 1,
      rows: ["import web ap-singapore: failed (InvalidParameterValue.TagKeyNotFound)"],
    })
    // Created first, whatever the service says of them then.
    expect(s.emulator.requests.findIndex((r) => r.action === "CreateTag")).toBeLessThan(
      s.emulator.requests.findIndex((r) => r.action === "ImportImage"),
    )
    expect((await s.apply()).code).toBe(0)
    expect(s.imports()).toEqual(["web ap-singapore"])
    await s.settled()
  })
})

describe.concurrent("rehearsals", () => {
  test("that pass are no success: the real call fails", async () => {
    const s = await scene({ manifests, faults: ["ImportImage:real:error=InvalidParameter"] })
    const rehearsed = await s.plan("--rehearse")
    expect(rehearsed.plan.actions.flatMap((a) => a.checks)).toContainEqual(
      expect.objectContaining({ name: "rehearsal", status: "ok" }),
    )
    const { code, rows, stdout } = await s.apply()
    expect(rows).toEqual(["import web ap-singapore: failed (InvalidParameter)"])
    expect(code).toBe(1)
    expect(stdout).toMatch(/0 done/)
    s.emulator.clearFaults()
    expect((await s.apply()).code).toBe(0)
    await s.settled()
  })

  test("a plan with rehearsals says that they check parameters only", async () => {
    const s = await scene({ manifests })
    expect((await s.plan("--rehearse")).stdout).toMatch(/parameters only/)
  })

  test("one fails: nothing is imported at all; with --keep-going the others are", async () => {
    const s = await scene({
      manifests: [stack(), image("bad"), image("good")],
      faults: ["ImportImage:bad,dryrun:error=InvalidParameterValue"],
    })
    const first = await s.apply()
    expect(first.code).toBe(1)
    expect(first.rows).toEqual([
      "import bad ap-singapore: failed (InvalidParameterValue)",
      "import good ap-singapore: skipped (rehearsal_failed)",
    ])
    expect(s.imports()).toEqual([])
    expect(await s.apply("--keep-going")).toMatchObject({ code: 5 })
    expect(s.imports()).toEqual(["good ap-singapore"])
    s.emulator.clearFaults()
    expect((await s.apply()).code).toBe(0)
    await s.settled()
  })
})

test.concurrent("a planner cannot be handed what imports: by type, and on the wire", async () => {
  const reading = {} as CloudReader & CloudRehearser
  // @ts-expect-error -- no such method: a planner's client has rehearsals alone
  expect(reading.importImage).toBeUndefined()
  const s = await scene({
    manifests: [stack("prune: { orphans: delete }"), image("web"), image("api"), image("replaced")],
    images: [{ region: SINGAPORE, name: "api" }],
  })
  for (const args of [
    [],
    ["--rehearse"],
    ["--prune", "all"],
    ["--retry-failed"],
    ["--out", "plan.json", "--rehearse"],
  ])
    await s.plan(...args)
  await s.run(["explain", "web"])
  await s.run(["validate"])
  expect(s.emulator.ledger).toEqual([])
  const imports = s.emulator.requests.filter((r) => r.action === "ImportImage")
  expect(imports.length).toBeGreaterThan(0)
  expect(imports.filter((r) => r.parameters.DryRun !== true)).toEqual([])
})

test.concurrent("a right that is lost midway: writes stop in that place, and what was done is told", async () => {
  const names = ["a", "b", "c", "d", "e", "f"]
  const s = await scene({
    manifests: [stack("apply: { concurrency: 1 }"), ...names.map((name) => image(name))],
    faults: ["ImportImage:real,3:revoke"],
  })
  const { code, rows } = await s.apply()
  expect(code).toBe(5)
  expect(rows.filter((row) => row.endsWith(": done"))).toHaveLength(2)
  expect(rows.filter((row) => row.includes("failed (UnauthorizedOperation"))).toHaveLength(1)
  expect(rows.filter((row) => row.includes(": skipped ("))).toHaveLength(3)
  const refused = s.emulator.requests.filter((r) => r.code?.startsWith("UnauthorizedOperation"))
  expect(refused).toHaveLength(1)
  s.emulator.clearFaults()
  expect((await s.apply()).code).toBe(0)
  expect(s.imports()).toHaveLength(names.length)
  await s.settled()
})

describe.concurrent("a region", () => {
  test("that does not exist fails the plan, and only itself", async () => {
    const s = await scene({ manifests: [stack(), image("web", "regions: [ap-singapore, ap-singapura]")] })
    const { code, rows, stdout } = await s.plan()
    expect(rows).toEqual(["import web ap-singapore: missing", "refuse web ap-singapura: not_observed"])
    expect(code).toBe(1)
    expect(stdout).toContain("UnsupportedRegion")
    expect((await s.apply()).rows).toEqual([
      "import web ap-singapore: done",
      "refuse web ap-singapura: skipped (UnsupportedRegion)",
    ])
    s.manifests(...manifests)
    await s.settled()
  })

  test("that cannot import says so in words of its own, before anything is sent", async () => {
    const s = await scene({ manifests: [stack(), image("web", "regions: [ap-guangzhou-open]")] })
    const { code, rows, stdout, stderr } = await s.apply()
    expect(rows).toEqual([
      "import web ap-guangzhou-open: failed (RegionAbilityLimit.UnsupportedToImportImage)",
    ])
    expect(code).toBe(1)
    expect(stdout + stderr).toMatch(/region cannot|does not support|another region/i)
    expect(s.imports()).toEqual([])
  })
})

test.concurrent("a saved plan is refused with the keys of another account", async () => {
  const other = {
    uin: "100000000055",
    secretId: "AKIDotherotherotherother",
    secretKey: "otherotherotherother01",
  }
  const s = await scene({ manifests, accounts: [demoAccount, other] })
  await s.plan("--out", "plan.json")
  const elsewhere = s.host({
    TENCENTCLOUD_SECRET_ID: other.secretId,
    TENCENTCLOUD_SECRET_KEY: other.secretKey,
  })
  writeFileSync(join(elsewhere.directory, "plan.json"), readFileSync(join(s.directory, "plan.json")))
  const { code, stderr } = await elsewhere.apply("--plan", "plan.json")
  expect(code).toBe(1)
  expect(stderr).toContain("100000000055")
  expect(s.emulator.ledger).toEqual([])
  expect((await s.apply("--plan", "plan.json")).code).toBe(0)
  await s.settled()
})

describe.concurrent("who an image is shared with cannot be read", () => {
  const shared = async (spec = "", stackSpec = "") => {
    const s = await scene({ manifests: [stack(stackSpec), image("web")] })
    await s.apply()
    const old = s.emulator.world.images()[0]?.id ?? ""
    s.emulator.world.changeImage(old, { sharedWith: ["200000000009"] })
    const other = image("web", spec).replace("/web.qcow2", "/api.qcow2")
    return { s, old, other }
  }
  const deny = "DescribeImageSharePermission:*:error=UnauthorizedOperation"

  test("a replacement is refused, which says why, and nothing is done; read again, it is lost_shares", async () => {
    const { s, old, other } = await shared()
    s.manifests(stack(), other)
    s.emulator.fault(deny)
    const writes = s.writes()
    const planned = await s.plan()
    expect(planned.rows).toEqual(["refuse web ap-singapore: shares_unread"])
    expect(planned.code).toBe(1)
    expect(planned.plan.actions[0]).toMatchObject({ wanted: "replace", imageId: old })
    expect(planned.stdout).toContain("UnauthorizedOperation")
    expect(planned.stdout).toContain("lifecycle.allowLostShares: true")
    expect((await s.apply()).rows).toEqual(["refuse web ap-singapore: skipped (shares_unread)"])
    expect(s.writes()).toEqual(writes)
    s.emulator.clearFaults()
    expect((await s.plan()).rows).toEqual(["refuse web ap-singapore: lost_shares, lost_shares:200000000009"])
  })

  test("with allowLostShares it goes on, tells it, and retires nothing that others may have", async () => {
    const { s, old, other } = await shared(
      "lifecycle: { allowLostShares: true, keepPrevious: 0, retire: delete }",
    )
    s.manifests(stack("safety: { maxDeletes: 5 }"), other)
    s.emulator.fault(deny)
    const { plan, rows } = await s.plan("--no-checks")
    expect(rows).toEqual(["replace web ap-singapore: spec_changed:source"])
    expect(plan.actions[0]).toMatchObject({ notices: [`shares_unread:${old}`], retire: [] })
    expect((await s.apply()).rows).toEqual(["replace web ap-singapore: done"])
    expect(s.emulator.world.image(old)).toMatchObject({ name: `web.prev-${old}`, deprecated: false })
  })

  test("an orphan stays, and the plan says why", async () => {
    const { s, old } = await shared()
    s.manifests(stack("prune: { orphans: delete }"))
    s.emulator.fault(deny)
    const { plan, rows } = await s.plan("--prune", "orphans", "--allow-deletes", "5")
    expect(rows).toEqual([])
    expect(plan.notices).toMatchObject([{ code: "shares_unread", imageId: old }])
    expect(plan.notices[0]?.message).toContain("UnauthorizedOperation")
  })

  test("a staged image that nobody may look into is not removed", async () => {
    const { s, other } = await shared("lifecycle: { allowLostShares: true }")
    s.manifests(stack(), other)
    s.emulator.fault("ModifyImageAttribute:*,1:error=OperationDenied")
    await s.apply()
    const next = s.emulator.world.images().find((i) => i.name.startsWith("web.next-"))
    expect(next).toMatchObject({ state: "NORMAL" })
    s.emulator.clearFaults()
    s.manifests(stack(), image("web"))
    expect((await s.plan()).rows).toContain("delete web ap-singapore: leftover:next")
    s.emulator.fault(deny)
    expect((await s.plan()).rows).toEqual(["keep web ap-singapore: in_sync"])
  })
})
