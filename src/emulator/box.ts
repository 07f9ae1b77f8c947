import type { Account, Accounts, KeyPair } from "./accounts.ts"
import type { Behaviour } from "./behaviour.ts"
import type { WallClock, WorldClock } from "./clock.ts"
import type { ObjectStore } from "./objects.ts"
import type { Fields, Parameters } from "./parameters.ts"
import type { World } from "./world.ts"

/** Everything an action can reach. */
export interface Box {
  site: "intl" | "cn"
  behaviour: Behaviour
  world: World
  accounts: Accounts
  clock: WorldClock
  wall: WallClock
  objects: ObjectStore
  /** Signatures of object URLs that were visited: by the store's GET, or by an accepted import. */
  visited: Set<string>
}

/** One authenticated call with checked parameters. `region` is empty where none was sent and none is needed. */
export interface Call {
  account: Account
  key: KeyPair
  region: string
  parameters: Parameters
  requestId: string
}

/** What an action answers; `written` marks an accepted write and names the images that it touched. */
export interface Answer {
  response: Record<string, unknown>
  written?: { imageIds: string[] }
}

/** One action of one product: its table of parameters and what it does. */
export interface Action {
  name: string
  product: "cvm" | "tag" | "sts"
  region: "required" | "optional"
  fields: Fields
  run(box: Box, call: Call): Answer
}
