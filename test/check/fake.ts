/** One placement, what is known of its world, and the results of its checks. */
import { runChecks } from "../../src/check/checks.ts"
import type { CheckedCloud } from "../../src/check/context.ts"
import { type ProbeFailure, PUBLIC, type SourceProbe } from "../../src/check/source-probe.ts"
import { CloudError, failureOf } from "../../src/cloud/failure.ts"
import type { ImportOs } from "../../src/cloud/port.ts"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import { placementKey } from "../../src/model/placement.ts"
import type { Action, CheckResult } from "../../src/model/plan.ts"
import { anImage, desired } from "../plan/build.ts"
import { anImport, aPlan, aReplace, placed, seen } from "./support.ts"

export const GIB: number = 1024 ** 3
export const OS: readonly ImportOs[] = [
  { type: "Ubuntu", versions: ["20", "22"], architectures: ["x86_64"], platform: "Linux" },
  { type: "Windows Server 2022", versions: ["-"], architectures: ["x86_64"], platform: "Windows" },
  { type: "TencentOS", versions: ["3"], architectures: ["arm"], platform: "Linux" },
  { type: "Kylin", versions: [], architectures: [], platform: "Linux" },
]

/** A cloud for checks that counts its calls. */
export class Fake implements CheckedCloud {
  readonly calls: string[] = []
  list: readonly ImportOs[] = OS
  limit = 10
  shares: readonly string[] = []
  /** By method: the code of an error. */
  fails: Record<string, string> = {}
  requests: { name: string; tags: object }[] = []
  async #made<T>(name: string, value: T): Promise<T> {
    this.calls.push(name)
    const code = this.fails[name]
    if (code !== undefined) throw new CloudError(failureOf(code, { message: "no.", requestId: "req-1" }))
    return value
  }
  listImportOs = (): Promise<readonly ImportOs[]> => this.#made("listImportOs", this.list)
  imageQuota = (): Promise<number> => this.#made("imageQuota", this.limit)
  listShares = (): Promise<readonly string[]> => this.#made("listShares", this.shares)
  rehearseImport: NonNullable<CheckedCloud["rehearseImport"]> = (_, request) => {
    this.requests.push(request)
    return this.#made("rehearseImport", { requestId: "req-2" })
  }
}

export const good = (parts: Partial<SourceProbe> = {}, failure: ProbeFailure | null = null): SourceProbe => ({
  access: new Map([[PUBLIC, failure]]),
  seen: { size: GIB, crc64: "7", etag: "e" },
  content: { format: "qcow2", virtualSize: 10 * GIB },
  ...parts,
})

export interface Case {
  placement?: DesiredPlacement
  action?: Action
  probe?: Partial<SourceProbe>
  failure?: ProbeFailure | null
  /** Other placements of the manifest, with their probes. */
  others?: readonly [DesiredPlacement, Partial<SourceProbe>][]
  cloud?: Partial<Fake>
  images?: number
  rehearse?: boolean
}

/** The results of one placement. */
export async function results(c: Case): Promise<readonly CheckResult[]> {
  const placement = c.placement ?? placed("a.qcow2")
  const fake = Object.assign(new Fake(), c.cloud)
  const probes: Record<string, SourceProbe> = { [placement.source.url]: good(c.probe, c.failure) }
  for (const [other, probe] of c.others ?? []) probes[other.source.url] = good(probe)
  const images = Array.from({ length: c.images ?? 0 }, () => anImage())
  const found = await runChecks({
    plan: aPlan(c.action ?? anImport(placement)),
    desired: desired(placement, ...(c.others ?? []).map(([other]) => other)),
    observed: seen({ [placement.region]: images }),
    probes,
    cloud: fake,
    rehearse: c.rehearse ?? false,
  })
  return found.get(placementKey(placement)) ?? []
}

export const there: DesiredPlacement = placed("a.qcow2", { region: "eu-frankfurt" })
export const failure = (status: ProbeFailure["status"], code: ProbeFailure["code"]): ProbeFailure => ({
  status,
  code,
  message: "It is so.",
})
export const with64 = (crc64: string): DesiredPlacement => placed("a.qcow2", { source: { crc64 } })
export const replaced = (lifecycle: object = {}, more: object = {}): Case => {
  const placement = placed("a.qcow2", { lifecycle, ...more })
  return { placement, action: aReplace(placement), cloud: { shares: ["200000000001"] } }
}
