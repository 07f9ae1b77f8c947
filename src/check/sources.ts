/** Probes of source objects: each distinct object once, side by side. */
import type { SourceSigner } from "../cloud/port.ts"
import type { Clock } from "../model/clock.ts"
import type { DesiredPlacement } from "../model/desired.ts"
import { bareUrl, checkedCosEndpoint } from "./cos.ts"
import { type ProbeTools, probeObject, type Target } from "./probe.ts"
import type { Fetch } from "./ranged.ts"
import { readerOf, type SourceProbe } from "./source-probe.ts"

export interface ProbeOptions {
  readonly placements: readonly DesiredPlacement[]
  readonly fetch: Fetch
  /** Makes signed URLs for sources with `sign`. */
  readonly sign: SourceSigner["sourceUrl"]
  readonly clock: Clock
  readonly signal?: AbortSignal
  /** CVMIMG_COS_ENDPOINT: a store on this machine that stands in for COS; a bucket is `<endpoint>/<bucket-appid>`. */
  readonly cosEndpoint?: string
  /** For one request, its body included. Default: 15 s. */
  readonly timeoutMs?: number
}

/** Objects that are looked at at a time. */
const SIDE_BY_SIDE = 32
const TIMEOUT_MS = 15_000

/**
 * What can be said of the sources and data disks of the placements, by URL without query. Rejects only with the
 * signal's reason, or with a RangeError for a `cosEndpoint` that is not on this machine.
 */
export async function probeSources(options: ProbeOptions): Promise<Record<string, SourceProbe>> {
  const { fetch, sign, clock, signal, cosEndpoint } = options
  const tools: ProbeTools = {
    fetch,
    sign,
    clock,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
    ...(cosEndpoint === undefined || cosEndpoint === "" ? {} : { endpoint: checkedCosEndpoint(cosEndpoint) }),
  }
  const targets = targetsOf(options.placements)
  const found = new Map<string, SourceProbe>()
  const queue = targets.values()
  // The workers take turns at one iterator.
  const worker = async (): Promise<void> => {
    for (const target of queue) {
      signal?.throwIfAborted()
      found.set(target.url, await probeObject(target, tools))
    }
  }
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, targets.length) }, worker))
  return Object.fromEntries(targets.flatMap(({ url }) => pair(url, found.get(url))))
}

/** Each object once, sorted. */
function targetsOf(placements: readonly DesiredPlacement[]): Target[] {
  const byUrl = new Map<string, { readers: Set<string>; checksum: boolean; qcow2: boolean }>()
  for (const { account, source, dataDisks } of placements) {
    const reader = readerOf(account, source)
    const urls = [source.url, ...dataDisks.map((disk) => disk.url)].map(bareUrl)
    for (const [index, url] of urls.entries()) {
      const target = byUrl.get(url) ?? { readers: new Set(), checksum: false, qcow2: true }
      target.readers.add(reader)
      target.checksum ||= index === 0 && source.crc64 !== undefined
      target.qcow2 &&= index === 0 && source.format === "qcow2"
      byUrl.set(url, target)
    }
  }
  return [...byUrl]
    .map(([url, target]) => ({ ...target, url, readers: [...target.readers].sort() }))
    .sort((a, b) => (a.url < b.url ? -1 : 1))
}

function pair(url: string, probe: SourceProbe | undefined): [string, SourceProbe][] {
  return probe === undefined ? [] : [[url, probe]]
}
