/** The private images of one account and region as they were last listed. Everybody in a region shares its listings. */
import type { CloudReader } from "../cloud/port.ts"
import type { Clock } from "../model/clock.ts"
import type { CloudImage } from "../model/observed.ts"
import type { Scope } from "../model/placement.ts"

/** One complete listing, indexed. */
export interface Listing {
  /** Monotonic time at which the call was begun: what happened before it is in it. */
  readonly begun: number
  readonly byId: ReadonlyMap<string, CloudImage>
  readonly byName: ReadonlyMap<string, readonly CloudImage[]>
}

export class RegionImages {
  private readonly scope: Scope
  private readonly cloud: CloudReader
  private readonly clock: Clock
  private readonly stop: AbortSignal
  private last: Listing | undefined
  private current: Promise<Listing> | undefined
  private next: Promise<Listing> | undefined

  constructor(scope: Scope, cloud: CloudReader, clock: Clock, stop: AbortSignal) {
    this.scope = scope
    this.cloud = cloud
    this.clock = clock
    this.stop = stop
  }

  /** A listing not older than `maxAgeMs`: the last one, the one under way, or a new one. Rejects as the port does. */
  recent(maxAgeMs: number): Promise<Listing> {
    const { last } = this
    if (last !== undefined && this.clock.monotonic() - last.begun <= maxAgeMs) return Promise.resolve(last)
    return this.current ?? this.fresh()
  }

  /** A listing begun after this call. Those who ask while one is under way share the next one. */
  fresh(): Promise<Listing> {
    if (this.current === undefined) return this.begin()
    this.next ??= this.current.then(
      () => this.begin(),
      () => this.begin(),
    )
    return this.next
  }

  private begin(): Promise<Listing> {
    this.next = undefined
    const current = this.list()
    const over = (): void => {
      if (this.current === current) this.current = undefined
    }
    this.current = current
    current.then(over, over)
    return current
  }

  private async list(): Promise<Listing> {
    const begun = this.clock.monotonic()
    const images = await this.cloud.listImages(this.scope, { signal: this.stop })
    this.last = indexed(begun, images)
    return this.last
  }
}

function indexed(begun: number, images: readonly CloudImage[]): Listing {
  const byId = new Map<string, CloudImage>()
  const byName = new Map<string, CloudImage[]>()
  for (const image of images) {
    byId.set(image.id, image)
    const sameName = byName.get(image.name)
    if (sameName === undefined) byName.set(image.name, [image])
    else sameName.push(image)
  }
  return { begun, byId, byName }
}
