/** Probes of source objects: each distinct object once, side by side. */
import type { SourceSigner } from "../cloud/port.ts"
import type { Clock } from "../model/clock.ts"
import type { DesiredPlacement } from "../model/desired.ts"
import { bareUrl, checkedCosEndpoint, cosObject } from "./cos.ts"
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

/** Objects that are looked at at a time: of one bucket, and in all. */
const OF_A_BUCKET = 32
const SIDE_BY_SIDE = 128
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
  const next = inTurns(targets)
  const worker = async (): Promise<void> => {
    // Where no bucket has room there are as many workers as it takes.
    for (let one = next(); one !== undefined; one = next()) {
      signal?.throwIfAborted()
      found.set(one.target.url, await probeObject(one.target, tools))
      one.done()
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

/** Gives the next object of the buckets in turn, of those that have room for one more; `done`: it has been looked at. */
function inTurns(
  targets: readonly Target[],
): () => { readonly target: Target; readonly done: () => void } | undefined {
  const byBucket = new Map<string | undefined, Target[]>()
  for (const target of targets) {
    const bucket = cosObject(target.url)?.bucket
    const known = byBucket.get(bucket)
    if (known === undefined) byBucket.set(bucket, [target])
    else known.push(target)
  }
  const buckets = [...byBucket.values()].map((all) => ({ left: all.values(), open: 0 }))
  return () => {
    for (let tries = buckets.length; tries > 0; tries--) {
      const bucket = buckets.shift()
      if (bucket === undefined) return undefined
      buckets.push(bucket)
      if (bucket.open === OF_A_BUCKET) continue
      const { value: target } = bucket.left.next()
      if (target === undefined) {
        buckets.pop()
        continue
      }
      bucket.open++
      return { target, done: () => bucket.open-- }
    }
    return undefined
  }
}

function pair(url: string, probe: SourceProbe | undefined): [string, SourceProbe][] {
  return probe === undefined ? [] : [[url, probe]]
}
