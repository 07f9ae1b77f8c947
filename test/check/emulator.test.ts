// From a reading of the cloud to a plan with checks, against the emulator: what is called, and what is said.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it, test } from "vitest"
import { writeSampleImages } from "../../scripts/sample-images.mjs"
import { runChecks, withChecks } from "../../src/check/checks.ts"
import { sourcesSeen } from "../../src/check/source-probe.ts"
import { probeSources } from "../../src/check/sources.ts"
import { systemClock } from "../../src/cloud/clock.ts"
import { observe } from "../../src/cloud/observe.ts"
import { demoAccount, type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.ts"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import type { CheckResult, Plan } from "../../src/model/plan.ts"
import { plan } from "../../src/plan/index.ts"
import { desired } from "../plan/build.ts"
import { cloudOf, placed, type Spy, spy } from "./support.ts"

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function started(options: EmulatorOptions = {}): Promise<Emulator> {
  const objects = mkdtempSync(join(tmpdir(), "cvmimg-check-"))
  closing.push(() => rmSync(objects, { recursive: true, force: true }))
  await writeSampleImages(objects)
  const emulator = await startEmulator({ objects, ...options })
  closing.push(() => emulator.close())
  return emulator
}

/** Observe, probe, plan, check: as the command does. */
async function checkedPlan(
  emulator: Emulator,
  placements: readonly DesiredPlacement[],
  more: { rehearse?: boolean; requests?: Spy } = {},
): Promise<Plan> {
  const cloud = await cloudOf(emulator)
  closing.push(() => cloud.close())
  const [observed, probes] = await Promise.all([
    observe({ reader: cloud, clock: systemClock, placements }),
    probeSources({
      placements,
      fetch: (more.requests ?? spy()).fetch,
      sign: cloud.sourceUrl,
      clock: systemClock,
      cosEndpoint: String(emulator.env.CVMIMG_COS_ENDPOINT),
    }),
  ])
  const stack = desired(...placements)
  const made = plan(stack, { ...observed, sources: sourcesSeen(probes) })
  const { rehearse = false } = more
  const results = await runChecks({ plan: made, desired: stack, observed, probes, cloud, rehearse })
  const checked = withChecks(made, results)
  expect([checked.fingerprint, checked.actions.map(({ digest }) => digest)]).toEqual([
    made.fingerprint,
    made.actions.map(({ digest }) => digest),
  ])
  return checked
}

const wrong = (checked: Plan): CheckResult[] =>
  checked.actions.flatMap(({ checks }) => checks).filter(({ status }) => status !== "ok")

const regions = ["ap-singapore", "eu-frankfurt"]
const ubuntu = (parts: Parameters<typeof placed>[1] = {}) =>
  placed("ubuntu/jammy-20261101.qcow2", { image: "ubuntu", ...parts })
const debian = (parts: Parameters<typeof placed>[1] = {}) =>
  placed("debian/bookworm-20261015.raw", {
    image: "debian",
    os: { type: "Debian", version: "12" },
    ...parts,
    source: { format: "raw", ...parts.source },
  })

describe("a plan with checks", () => {
  it("costs one call of each kind per account and region, and writes nothing", async () => {
    const emulator = await started()
    const requests = spy()
    const placements = regions.flatMap((region) => [
      ubuntu({ region }),
      debian({ region }),
      ubuntu({ region, image: "twin" }),
    ])
    const checked = await checkedPlan(emulator, placements, { requests })
    expect(wrong(checked)).toEqual([])
    expect(checked.actions.map(({ action, checks }) => [action, checks.length])).toEqual(
      placements.map(() => ["import", 6]),
    )
    const calls = (action: string) =>
      emulator.requests.filter((request) => request.action === action).map(({ region }) => region)
    expect(calls("DescribeImportImageOs").sort()).toEqual(regions)
    expect(calls("DescribeImageQuota").sort()).toEqual(regions)
    expect(
      emulator.requests.map(({ action }) => action).filter((action) => !action.startsWith("Describe")),
    ).toEqual([])
    expect(emulator.ledger).toEqual([])
    // A qcow2 is known by its beginning; a raw disk could be a VHD.
    expect(requests.calls).toHaveLength(regions.length * (1 + 2))
  })

  it("makes no calls where nothing is imported, but looks at the objects", async () => {
    const emulator = await started({
      images: [{ region: "ap-singapore", name: "ubuntu" }],
    })
    const requests = spy()
    const checked = await checkedPlan(emulator, [ubuntu()], { requests })
    expect(checked.actions).toMatchObject([{ action: "keep", checks: [] }])
    expect(emulator.requests.filter(({ action }) => action !== "DescribeImages")).toEqual([])
    expect(requests.calls).toHaveLength(1)
  })

  it("rehearses every import without tags, and without a trace", async () => {
    const emulator = await started()
    const checked = await checkedPlan(emulator, [ubuntu(), debian()], { rehearse: true })
    expect(wrong(checked)).toEqual([])
    const rehearsed = emulator.requests.filter(({ action }) => action === "ImportImage")
    expect(rehearsed).toHaveLength(2)
    for (const { parameters, code } of rehearsed) {
      expect(parameters).toMatchObject({ DryRun: true })
      expect(parameters).not.toHaveProperty("TagSpecification")
      expect(code).toBeNull()
    }
    expect(emulator.ledger).toEqual([])
    const ids = checked.actions.flatMap(({ checks }) => checks.flatMap(({ requestId }) => requestId ?? []))
    expect(ids.sort()).toEqual(rehearsed.map(({ requestId }) => requestId).sort())
  })

  test.each([
    ["ImportImage", "rehearsal"],
    ["DescribeImportImageOs", "os"],
    ["DescribeImageQuota", "quota"],
  ])("a missing right to %s skips the check %s and no other", async (action, name) => {
    const emulator = await started({ accounts: [{ ...demoAccount, denied: [`cvm:${action}`] }] })
    const checked = await checkedPlan(emulator, [ubuntu()], { rehearse: true })
    expect(wrong(checked)).toMatchObject([{ name, status: "skipped", code: "not_permitted" }])
  })

  it("says all that is wrong at once", async () => {
    const emulator = await started({
      behaviour: { quota: 1 },
      images: [{ region: "ap-singapore", name: "x" }],
    })
    const checked = await checkedPlan(
      emulator,
      [
        ubuntu({ os: { type: "Ubuntu", version: "22.04" }, source: { crc64: "1" } }),
        placed("rocky/rocky9-20261020.vmdk", {
          image: "rocky",
          os: { type: "rocky linux", version: "9" },
          source: { format: "qcow2" },
        }),
        placed("iso/edge-gateway-4.2.iso", {
          image: "iso",
          os: { type: "Other Linux", version: "-" },
          source: { format: "qcow2" },
        }),
        placed("gone.qcow2", { image: "none" }),
      ],
      { rehearse: true },
    )
    const codes = Object.fromEntries(
      checked.actions.map(({ image, checks }) => [
        image,
        checks.filter(({ status }) => status === "error").map(({ code }) => code),
      ]),
    )
    expect(codes).toEqual({
      iso: ["quota_exceeded", "format_mismatch", "iso_needs_force", "rehearsal_refused"],
      none: ["quota_exceeded", "not_found", "rehearsal_refused"],
      rocky: ["os_unknown", "quota_exceeded", "format_mismatch", "rehearsal_refused"],
      ubuntu: ["os_version_unknown", "quota_exceeded", "checksum_mismatch", "rehearsal_refused"],
    })
    expect(emulator.ledger).toEqual([])
  })

  it("finds nothing wrong with the samples of an emulator that has no objects of its own", async () => {
    const emulator = await startEmulator()
    closing.push(() => emulator.close())
    const formats = ["qcow2", "vhd", "vmdk", "raw", "iso"] as const
    const placements = formats.map((format) =>
      placed(`sample.${format}`, { image: format, force: format === "iso", source: { format } }),
    )
    expect(wrong(await checkedPlan(emulator, placements, { rehearse: true }))).toEqual([])
  })
})
