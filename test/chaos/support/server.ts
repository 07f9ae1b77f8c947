/** The emulator's world and its actions, called in process: what a signed request would come to, without the wire. */
import { checkRights, createAccounts } from "../../../src/emulator/accounts.ts"
import { findAction } from "../../../src/emulator/actions/index.ts"
import { type Behaviour, defaultBehaviour } from "../../../src/emulator/behaviour.ts"
import type { Action, Box } from "../../../src/emulator/box.ts"
import { ApiFailure } from "../../../src/emulator/failure.ts"
import { type EmulatorWorld, worldHandle } from "../../../src/emulator/handle.ts"
import { settle } from "../../../src/emulator/imports.ts"
import type { ObjectStore } from "../../../src/emulator/objects.ts"
import { checkParameters } from "../../../src/emulator/parameters.ts"
import { createWorld, type ImageRecord } from "../../../src/emulator/world.ts"
import type { EventClock } from "./clock.ts"
import { copyOf } from "./copy.ts"

/** Root accounts by the names that manifests use. */
export const UINS: Readonly<Record<string, string>> = { default: "100000000001", second: "100000000002" }

/** An accepted write, as the ledger has it, and the images it touched as they were before. */
export interface Written {
  readonly action: string
  readonly account: string
  readonly region: string
  readonly parameters: Record<string, unknown>
  readonly imageIds: readonly string[]
  readonly before: readonly ImageRecord[]
  readonly at: number
}

export type Reply =
  | { readonly response: Record<string, unknown> }
  | { readonly code: string; readonly message: string }

export class Server {
  readonly box: Box
  readonly world: EmulatorWorld
  /** When somebody else last changed an image, by id, or any image of a region, by `account/region`. */
  readonly meddled: Map<string, number> = new Map()
  readonly ledger: Written[] = []
  private readonly clock: EventClock

  constructor(clock: EventClock, seed: number, behaviour: Partial<Behaviour>) {
    this.clock = clock
    const accounts = createAccounts(
      Object.values(UINS).map((uin) => ({ uin, secretId: `id-${uin}`, secretKey: "-" })),
    )
    this.box = {
      site: "intl",
      behaviour: { ...defaultBehaviour, enforceRates: false, importMsPerGiB: 0, ...behaviour },
      world: createWorld(String(seed)),
      accounts,
      clock,
      wall: { now: () => clock.now() },
      objects: GOOD_OBJECTS,
      visited: new Set(),
    }
    this.world = worldHandle(this.box)
  }

  /** Carries a call out. `wrote` is told of a write before anything else happens. */
  call(
    name: string,
    account: string,
    region: string,
    parameters: Record<string, unknown>,
    wrote: (written: Written) => void,
  ): Reply {
    const { box } = this
    const owner = box.accounts.byUin(UINS[account] ?? "")
    const action = actionOf(name)
    if (owner === undefined) return { code: "AuthFailure", message: "no such account" }
    const key = owner.keys[0] ?? { secretId: "", secretKey: "" }
    const before = touched(parameters).flatMap((id) => {
      const image = this.images(account, region).get(id)
      return image === undefined ? [] : [copyOf(image)]
    })
    try {
      checkRights(owner, key, action.product, action.name)
      checkParameters(action.fields, parameters, box.site)
      const answer = action.run(box, { account: owner, key, region, parameters, requestId: "" })
      if (answer.written !== undefined) {
        const { imageIds } = answer.written
        const at = this.clock.time
        const written = { action: name, account, region, parameters, imageIds, before, at }
        this.ledger.push(written)
        wrote(written)
      }
      return { response: answer.response }
    } catch (error) {
      if (error instanceof ApiFailure) return { code: error.code, message: error.message }
      throw error
    }
  }

  /** Every image of the account in the region as it is now, hidden ones included. Not copies. */
  images(account: string, region: string): ReadonlyMap<string, ImageRecord> {
    return settle(this.box, UINS[account] ?? "", region).images
  }

  /** `account/region`, as manifests name them. */
  placeOf(image: ImageRecord): string {
    const name = Object.entries(UINS).find(([, uin]) => uin === image.owner)?.[0] ?? ""
    return `${name}/${image.region}`
  }

  /** So many images and no more from now on at a place (`account/region`). */
  limit(place: string, quota: number): void {
    const [account = "", region = ""] = place.split("/")
    const owner = this.box.accounts.byUin(UINS[account] ?? "")
    if (owner !== undefined) owner.quota = { [region]: quota }
  }

  now(): number {
    return this.clock.time
  }

  meddle(account: string, region: string, id: string): void {
    this.meddled.set(id, this.clock.time)
    this.meddled.set(`${account}/${region}`, this.clock.time)
  }
}

const actions = new Map<string, Action>()

function actionOf(name: string): Action {
  const known = actions.get(name)
  if (known !== undefined) return known
  const found = [findAction("2017-03-12", name), findAction("2018-08-13", name)].find(
    (a) => typeof a === "object",
  )
  if (typeof found !== "object") throw new Error(`no action ${name}`)
  actions.set(name, found)
  return found
}

/** The images that a call names. */
export function touched(parameters: Record<string, unknown>): string[] {
  const { ImageId, ImageIds, Resource } = parameters
  if (typeof ImageId === "string") return [ImageId]
  if (Array.isArray(ImageIds)) return ImageIds as string[]
  return typeof Resource === "string" ? [Resource.split("/").at(-1) ?? ""] : []
}

/** Every object is a small qcow2 of 10 GiB. */
const HEAD = ((): Buffer => {
  const bytes = Buffer.alloc(1024)
  bytes.write("QFI\xfb", 0, "latin1")
  bytes.writeUInt32BE(3, 4)
  bytes.writeUInt32BE(16, 20)
  bytes.writeBigUInt64BE(BigInt(10 * 1024 ** 3), 24)
  bytes.writeUInt32BE(104, 100)
  return bytes
})()

const GOOD_OBJECTS: ObjectStore = {
  find: (bucket, key) => ({
    identity: `${bucket}/${key}`,
    size: HEAD.length,
    modifiedMs: 0,
    private: false,
    read: (offset, length) => HEAD.subarray(offset, offset + length),
    stream: () => {
      throw new Error("nobody fetches objects here")
    },
  }),
}
