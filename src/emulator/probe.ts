/** The importer's look at an object, when an import is accepted and when it ends. */
import type { Behaviour, FailureReason } from "./behaviour.ts"
import type { Box } from "./box.ts"
import { maxDataBytes, sniff } from "./formats.ts"
import { accessTo, type CosAddress, parseCosUrl, type StoredObject } from "./objects.ts"
import { digits } from "./world.ts"

/** What the importer found under a URL: sizes in bytes, or why it cannot be imported. */
export type Probe = { bytes: number; virtualBytes: number } | { bytes: number; reason: FailureReason }

const gibibyte = 1024 ** 3

/**
 * Looks at the object behind a URL as the importer would. At the end of an import (`fetched`) only the bytes count:
 * its signature was looked at when it was accepted.
 */
export function probe(box: Box, url: string, force: boolean, fetched: boolean = false): Probe {
  const address = parseCosUrl(url)
  if (typeof address === "string") return { bytes: 0, reason: "InvalidUrl" }
  const object = box.objects.find(address.bucket, address.key)
  if (typeof object === "string") return { bytes: 0, reason: "InvalidUrl" }
  if (!fetched && !opens(box, address, object)) return { bytes: object.size, reason: "InvalidUrl" }
  try {
    const verdict = sniff(object.size, object.read, force)
    if (verdict.format === undefined) return { bytes: object.size, reason: verdict.reason }
    return { bytes: object.size, virtualBytes: verdict.virtualBytes }
  } catch {
    return { bytes: object.size, reason: "InvalidUrl" }
  }
}

/** Whether the importer may read an object: it is public, or the URL carries a good signature not yet used. */
function opens(box: Box, address: CosAddress, object: StoredObject): boolean {
  const { host, key, query, appid } = address
  const request = { method: "GET", paths: [`/${key}`], hosts: [host], headers: {}, query, appid }
  const access = accessTo(object, request, box.accounts, box.wall.now())
  const signature = query.get("q-signature")
  const used = box.behaviour.signedUrlOnce && signature !== null && box.visited.has(signature)
  return (access === "public" || access === "valid") && !used
}

/** Remembers that a signed URL was visited. */
export function visit(box: Box, query: URLSearchParams): void {
  const signature = query.get("q-signature")
  if (signature === null) return
  if (box.visited.size > 100_000) box.visited.clear()
  box.visited.add(signature)
}

/** When an import accepted at `now` becomes visible and when it ends, in milliseconds of the world. */
export function schedule(
  behaviour: Behaviour,
  found: Probe,
  now: number,
  id: string,
): { visibleAt: number; finishAt: number } {
  const delay = behaviour.visibilityDelayMs
  const visibleAt = now + (typeof delay === "number" ? delay : delay[0] + share(id) * (delay[1] - delay[0]))
  if ("reason" in found) return { visibleAt, finishAt: visibleAt + behaviour.failAfterMs }
  const size = (Math.min(found.bytes, maxDataBytes) / gibibyte) * behaviour.importMsPerGiB
  return { visibleAt, finishAt: visibleAt + behaviour.importMs + size }
}

/** A number from 0 to 1 that belongs to an id. */
function share(id: string): number {
  return Number.parseInt(digits(id).slice(0, 4), 36) / 36 ** 4
}
