/** One API request, in the order of arrival. */
export interface RequestLogEntry {
  sequence: number
  method: string
  action: string
  version: string
  /** The root account that signed it; null when the signature was refused. */
  account: string | null
  region: string | null
  /** As sent. Above 64 KiB `{ truncated: true }`. */
  parameters: Record<string, unknown>
  /** The error code, or null for success. */
  code: string | null
  requestId: string
  /** Wall and world time in milliseconds since the epoch; monotonic time of arrival in milliseconds. */
  wallMs: number
  worldMs: number
  monotonicMs: number
  /** X-TC-RequestClient. */
  client: string | null
}

/** One accepted write, in the order of acceptance. Dry runs are none. */
export interface LedgerEntry {
  sequence: number
  account: string
  region: string
  action: string
  parameters: Record<string, unknown>
  requestId: string
  /** The images that the write made, changed or removed. */
  imageIds: string[]
  wallMs: number
  worldMs: number
}

/** A list that keeps its newest entries: never more than twice `limit`, at least `limit` once it is full. */
export interface Log<Entry> {
  readonly entries: readonly Entry[]
  add(entry: Omit<Entry, "sequence">): void
  clear(): void
}

export function createLog<Entry extends { sequence: number }>(limit: number): Log<Entry> {
  const entries: Entry[] = []
  let sequence = 0
  return {
    entries,
    add(entry) {
      sequence += 1
      entries.push({ sequence, ...entry } as Entry)
      if (entries.length > 2 * limit) entries.splice(0, entries.length - limit)
    },
    clear: () => {
      entries.length = 0
    },
  }
}
