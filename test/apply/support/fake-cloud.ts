import { CloudError } from "../../../src/cloud/failure.ts"
import type { Accepted, CallOptions, Cloud } from "../../../src/cloud/port.ts"
import type { Clock } from "../../../src/model/clock.ts"
import type { Failure } from "../../../src/model/failure.ts"
import type { CloudImage } from "../../../src/model/observed.ts"
import { type Scope, scopeKey } from "../../../src/model/placement.ts"
import type { ImportRequest, InPlaceUpdate } from "../../../src/model/request.ts"

/** A call as the script sees it. */
export interface FakeCall {
  readonly verb:
    | "list"
    | "rehearse"
    | "import"
    | "modify"
    | "delete"
    | "ensureTag"
    | "tags"
    | "shares"
    | "listShares"
  readonly account: string
  readonly region: string
  /** Image name, image id, or `key=value`. */
  readonly about: string
  /** How often this verb was called about this in this place, from 1. */
  readonly nth: number
}

/** What the script does to a call: it fails; `carriedOut`: the service did it all the same. */
export interface Fault {
  readonly failure: Failure
  readonly carriedOut?: boolean
}

export interface FakeBehaviour {
  readonly latencyMs: number
  readonly visibleAfterMs: number
  readonly importMs: number
  readonly repliesId: boolean
  /** Tags of the request attach so long after NORMAL. */
  readonly tagsAfterMs: number
  /** A name that exists is refused at imports and renames. */
  readonly uniqueNames: boolean
  /** A deleted image stays listed as DELETING for so long. */
  readonly deleteMs: number
  readonly outcome: (name: string, scope: Scope) => string
}

interface FakeImage {
  image: CloudImage
  readonly visibleAt: number
  readonly endsAt: number
  readonly ends: string
  readonly tagsAt: number
  /** Those of the request, until a call changes tags after they attached. */
  lateTags: Readonly<Record<string, string>>
}

export function failure(code: string, parts: Partial<Failure> = {}): Failure {
  return {
    code,
    message: `scripted ${code}`,
    blame: "service",
    advice: "none",
    retryable: false,
    ambiguous: false,
    ...parts,
  }
}

/** No readable reply. */
export const lost = (): Failure => failure("ClientError.ConnectionLost", { retryable: true, ambiguous: true })
export const denied = (): Failure => failure("UnauthorizedOperation", { blame: "permission" })

/** A cloud in memory, with a script of what goes wrong and a record of what was called. */
export class FakeCloud implements Cloud {
  readonly calls: FakeCall[] = []
  /** Requests on the wire at this moment, and the most there were. */
  onWire = 0
  mostOnWire = 0
  /** Imports not ended, the most there were in one place. */
  mostImporting = 0
  /** Ids of deleted images, and snapshots that stayed behind. */
  readonly deleted: string[] = []
  readonly leftSnapshots: string[] = []
  script: (call: FakeCall) => Fault | undefined = () => undefined
  private readonly clock: Clock
  private readonly behaviour: FakeBehaviour
  private readonly places = new Map<string, FakeImage[]>()
  private readonly shared = new Map<string, string[]>()
  private serial = 0

  constructor(clock: Clock, behaviour: Partial<FakeBehaviour> = {}) {
    this.clock = clock
    this.behaviour = {
      latencyMs: 50,
      visibleAfterMs: 0,
      importMs: 60_000,
      repliesId: false,
      tagsAfterMs: 0,
      uniqueNames: true,
      deleteMs: 0,
      outcome: () => "NORMAL",
      ...behaviour,
    }
  }

  put(scope: Scope, image: Partial<CloudImage> & { readonly name: string }, endsInMs = 0): string {
    this.serial += 1
    const id = image.id ?? `img-${String(this.serial).padStart(8, "0")}`
    const state = endsInMs > 0 ? "IMPORTING" : "NORMAL"
    const full: CloudImage = {
      id,
      description: "",
      family: "",
      deprecated: false,
      state,
      architecture: "x86_64",
      tags: {},
      createdAt: this.clock.now(),
      snapshotIds: [],
      ...image,
    }
    const endsAt = this.clock.monotonic() + endsInMs
    const entry = { image: full, visibleAt: 0, endsAt, ends: "NORMAL", tagsAt: 0, lateTags: {} }
    this.place(scope).push(endsInMs > 0 ? entry : { ...entry, endsAt: Number.POSITIVE_INFINITY })
    return id
  }

  remove(id: string): void {
    for (const [key, images] of this.places) {
      this.places.set(
        key,
        images.filter((i) => i.image.id !== id),
      )
    }
  }

  change(id: string, parts: Partial<CloudImage>): void {
    const entry = this.entry(id)
    if (entry !== undefined) entry.image = { ...entry.image, ...parts }
  }

  share(id: string, ...accounts: string[]): void {
    this.shared.set(id, accounts)
  }

  sharesOf(id: string): readonly string[] {
    return this.shared.get(id) ?? []
  }

  /** Everything that exists, visible or not. */
  all(scope: Scope): readonly CloudImage[] {
    return this.place(scope).map((entry) => this.read(entry))
  }

  count(verb: FakeCall["verb"]): number {
    return this.calls.filter((call) => call.verb === verb).length
  }

  async listImages(scope: Scope, options?: CallOptions): Promise<readonly CloudImage[]> {
    return this.call("list", scope, "", options, () =>
      this.place(scope)
        .filter((entry) => this.clock.monotonic() >= entry.visibleAt)
        .map((entry) => this.read(entry)),
    )
  }

  rehearseImport(scope: Scope, request: ImportRequest, options?: CallOptions): Promise<Accepted> {
    return this.call("rehearse", scope, request.name, options, (requestId) => {
      this.refuseTaken(scope, request.name, requestId)
      return { requestId }
    })
  }

  importImage(
    scope: Scope,
    request: ImportRequest,
    options?: CallOptions,
  ): Promise<Accepted & { readonly imageId?: string }> {
    return this.call("import", scope, request.name, options, (requestId) => {
      const { behaviour, clock } = this
      this.refuseTaken(scope, request.name, requestId)
      this.serial += 1
      const id = `img-${String(this.serial).padStart(8, "0")}`
      const visibleAt = clock.monotonic() + behaviour.visibleAfterMs
      const endsAt = clock.monotonic() + behaviour.importMs
      this.place(scope).push({
        image: {
          id,
          name: request.name,
          description: request.description,
          family: request.family ?? "",
          deprecated: false,
          state: "IMPORTING",
          architecture: "x86_64",
          tags: {},
          createdAt: clock.now(),
          snapshotIds: [],
        },
        visibleAt,
        endsAt,
        ends: behaviour.outcome(request.name, scope),
        tagsAt: endsAt + behaviour.tagsAfterMs,
        lateTags: request.tags,
      })
      const importing = this.place(scope).filter((i) => this.read(i).state === "IMPORTING").length
      this.mostImporting = Math.max(this.mostImporting, importing)
      return behaviour.repliesId ? { requestId, imageId: id } : { requestId }
    })
  }

  modifyImage(
    scope: Scope,
    imageId: string,
    attributes: NonNullable<InPlaceUpdate["attributes"]>,
    options?: CallOptions,
  ): Promise<Accepted> {
    return this.call("modify", scope, imageId, options, (requestId) => {
      this.known(imageId, requestId)
      if (attributes.name !== undefined) this.refuseTaken(scope, attributes.name, requestId, imageId)
      this.change(imageId, attributes)
      return { requestId }
    })
  }

  deleteImage(
    scope: Scope,
    imageId: string,
    what: { readonly snapshots: boolean },
    options?: CallOptions,
  ): Promise<Accepted> {
    return this.call("delete", scope, imageId, options, (requestId) => {
      const entry = this.entry(imageId)
      if (entry === undefined) return { requestId }
      const { state } = this.read(entry)
      if (state === "DELETING")
        throw new CloudError(failure("MutexOperation.TaskRunning", { retryable: true }))
      if (state === "IMPORTING") throw new CloudError(failure("InvalidImageId.IncorrectState"))
      if (this.sharesOf(imageId).length > 0) throw new CloudError(failure("InvalidImageId.InShared"))
      if (!what.snapshots) this.leftSnapshots.push(...entry.image.snapshotIds)
      this.deleted.push(imageId)
      if (this.behaviour.deleteMs === 0) this.remove(imageId)
      else {
        this.change(imageId, { state: "DELETING" })
        this.clock.sleep(this.behaviour.deleteMs).then(
          () => this.remove(imageId),
          () => {},
        )
      }
      return { requestId }
    })
  }

  ensureTag(account: string, key: string, value: string, options?: CallOptions): Promise<Accepted> {
    const scope = { account, region: "" }
    return this.call("ensureTag", scope, `${key}=${value}`, options, (requestId) => ({ requestId }))
  }

  modifyTags(
    scope: Scope,
    imageId: string,
    tags: NonNullable<InPlaceUpdate["tags"]>,
    options?: CallOptions,
  ): Promise<Accepted> {
    return this.call("tags", scope, imageId, options, (requestId) => {
      const entry = this.entry(imageId)
      const before = entry === undefined ? {} : this.read(entry).tags
      if (entry !== undefined && this.clock.monotonic() >= entry.tagsAt) entry.lateTags = {}
      const kept = Object.entries(before).filter(([key]) => !tags.remove.includes(key))
      this.change(imageId, { tags: { ...Object.fromEntries(kept), ...tags.set } })
      return { requestId }
    })
  }

  modifyShares(
    scope: Scope,
    imageId: string,
    shares: NonNullable<InPlaceUpdate["shares"]>,
    options?: CallOptions,
  ): Promise<Accepted> {
    return this.call("shares", scope, imageId, options, (requestId) => {
      const before = this.shared.get(imageId) ?? []
      this.shared.set(imageId, [...before.filter((a) => !shares.remove.includes(a)), ...shares.add])
      return { requestId }
    })
  }

  listShares(scope: Scope, imageId: string, options?: CallOptions): Promise<readonly string[]> {
    return this.call("listShares", scope, imageId, options, () => this.shared.get(imageId) ?? [])
  }

  listImportOs(): Promise<never> {
    return Promise.reject(new Error("apply does not ask for systems"))
  }

  imageQuota(): Promise<never> {
    return Promise.reject(new Error("apply does not ask for the quota"))
  }

  familyImage(): Promise<never> {
    return Promise.reject(new Error("apply does not ask for families"))
  }

  listOwned(): Promise<never> {
    return Promise.reject(new Error("apply does not ask what the stack owns"))
  }

  callerIdentity(): Promise<never> {
    return Promise.reject(new Error("apply does not ask who it is"))
  }

  close(): void {}

  private async call<T>(
    verb: FakeCall["verb"],
    { account, region }: Scope,
    about: string,
    options: CallOptions | undefined,
    what: (requestId: string) => T,
  ): Promise<T> {
    options?.signal?.throwIfAborted()
    const same = (c: FakeCall): boolean =>
      c.verb === verb && c.account === account && c.region === region && c.about === about
    const call = { verb, account, region, about, nth: this.calls.filter(same).length + 1 }
    this.calls.push(call)
    this.onWire += 1
    if (verb !== "list") this.mostOnWire = Math.max(this.mostOnWire, this.onWire)
    await this.clock.sleep(this.behaviour.latencyMs)
    this.onWire -= 1
    const requestId = `req-${this.calls.length}`
    const fault = this.script(call)
    if (fault === undefined) return what(requestId)
    if (fault.carriedOut === true) what(requestId)
    throw new CloudError(fault.failure)
  }

  private read(entry: FakeImage): CloudImage {
    const now = this.clock.monotonic()
    const { image } = entry
    const ended = now >= entry.endsAt && image.state === "IMPORTING"
    const tags = ended && now >= entry.tagsAt ? { ...entry.lateTags, ...image.tags } : image.tags
    return { ...image, tags, state: ended ? entry.ends : image.state }
  }

  private refuseTaken(scope: Scope, name: string, requestId: string, by = ""): void {
    const taken = this.place(scope).some(({ image }) => image.name === name && image.id !== by)
    if (taken && this.behaviour.uniqueNames) {
      throw new CloudError(failure("InvalidImageName.Duplicate", { blame: "manifest", requestId }))
    }
  }

  private known(id: string, requestId: string): void {
    const entry = this.entry(id)
    const code = entry === undefined ? "InvalidImageId.NotFound" : "InvalidImageId.IncorrectState"
    if (entry === undefined || this.read(entry).state !== "NORMAL") {
      throw new CloudError(failure(code, { requestId }))
    }
  }

  private entry(id: string): FakeImage | undefined {
    for (const images of this.places.values()) {
      const found = images.find((i) => i.image.id === id)
      if (found !== undefined) return found
    }
    return undefined
  }

  private place(scope: Scope): FakeImage[] {
    const key = scopeKey(scope)
    const place = this.places.get(key) ?? []
    this.places.set(key, place)
    return place
  }
}
