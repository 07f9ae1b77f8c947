// Objects and data disks that could not be read, or not wholly.
import { describe, expect, it } from "vitest"
import { runChecks } from "../../src/check/checks.ts"
import { PUBLIC, type SourceProbe } from "../../src/check/source-probe.ts"
import { desired } from "../plan/build.ts"
import { Fake, failure, GIB, good, there, with64 } from "./fake.ts"
import { anImport, aPlan, placed, seen } from "./support.ts"

describe("a check of an object", () => {
  it("says so once where an object could not be read, and is skipped elsewhere", async () => {
    const gone: SourceProbe = { access: new Map([[PUBLIC, failure("error", "not_found")]]) }
    const placement = with64("7")
    const found = await runChecks({
      plan: aPlan(anImport(placement)),
      desired: desired(placement, there),
      observed: seen({ "ap-singapore": [] }),
      probes: { [placement.source.url]: gone },
      cloud: new Fake(),
    })
    const codes = [...found.values()].flat().map(({ name, status, code }) => [name, status, code])
    expect(codes).toEqual([
      ["os", "ok", undefined],
      ["quota", "ok", undefined],
      ["source_exists", "error", "not_found"],
      ["source_size", "skipped", "source_unread"],
      ["source_format", "skipped", "source_unread"],
      ["source_checksum", "skipped", "source_unread"],
      ["source_same", "skipped", "source_unread"],
    ])
  })

  it("is skipped where only the bytes could not be seen", async () => {
    const access = new Map([[PUBLIC, null]])
    const formatOf = async (probe: SourceProbe) => {
      const placement = placed("a.qcow2")
      const found = await runChecks({
        plan: aPlan(anImport(placement)),
        desired: desired(placement),
        observed: { at: 0, scopes: [] },
        probes: { [placement.source.url]: probe },
        cloud: new Fake(),
      })
      const all = [...found.values()].flat()
      return ["source_format", "source_size", "quota"].map(
        (name) => all.find((one) => one.name === name)?.code,
      )
    }
    expect(await formatOf({ access, seen: { size: 9 }, encoding: "gzip" })).toEqual([
      "encoded",
      undefined,
      "not_observed",
    ])
    expect(await formatOf({ access, seen: { size: 9 }, unread: "Gone." })).toEqual([
      "source_unread",
      undefined,
      "not_observed",
    ])
  })

  it("names a data disk that is not fit, and says nothing of good ones", async () => {
    const disk = (key: string) => ({ url: placed(key).source.url, template: "" })
    const placement = placed("a.qcow2", {
      dataDisks: [disk("good.raw"), disk("gone.raw"), disk("huge.qcow2"), disk("cd.iso")],
    })
    const raw = { format: "raw", problem: { code: "no_partition_table", message: "m" } } as const
    const found = await runChecks({
      plan: aPlan(anImport(placement)),
      desired: desired(placement),
      observed: seen({ "ap-singapore": [] }),
      probes: {
        [placement.source.url]: good(),
        [disk("good.raw").url]: good({ content: raw }),
        [disk("gone.raw").url]: { access: new Map([[PUBLIC, failure("error", "not_found")]]) },
        [disk("huge.qcow2").url]: good({ content: { format: "qcow2", virtualSize: 900 * GIB } }),
        [disk("cd.iso").url]: good({ content: { format: "iso", virtualSize: GIB } }),
      },
      cloud: new Fake(),
    })
    const wrong = [...found.values()].flat().filter(({ status }) => status !== "ok")
    expect(wrong.map(({ name, code }) => [name, code])).toEqual([
      ["source_exists", "not_found"],
      ["source_size", "disk_too_large"],
      ["source_format", "format_mismatch"],
    ])
    expect(wrong[0]?.message).toBe(`Data disk ${disk("gone.raw").url}: It is so.`)
  })
})
