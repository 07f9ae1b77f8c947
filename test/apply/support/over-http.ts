import { connect } from "../../../src/cloud/connect.ts"
import { observe } from "../../../src/cloud/observe.ts"
import type { Cloud } from "../../../src/cloud/port.ts"
import { type Behaviour, type Emulator, startEmulator } from "../../../src/emulator/index.ts"
import type { Desired, DesiredPlacement } from "../../../src/model/desired.ts"
import type { Plan } from "../../../src/model/plan.ts"
import type { ApplySettings } from "../../../src/model/stack.ts"
import { type PlanOptions, plan } from "../../../src/plan/index.ts"
import { aPlacement, type PlacementParts, STACK } from "../../plan/build.ts"
import { FastClock } from "../../support/fast-clock.ts"
import { type Ran, run } from "./build.ts"
import { type Door, openDoor } from "./door.ts"

export const SINGAPORE = "ap-singapore"
export const HONGKONG = "ap-hongkong"
export const FAST: { readonly minMs: number; readonly maxMs: number } = { minMs: 10, maxMs: 50 }

/** Of tool and world: real time, but for stalls of this machine. */
export const clock: FastClock = new FastClock(1)

/** Times of the world, in ms of that. */
const LIFE: Partial<Behaviour> = {
  enforceRates: false,
  importMs: 150,
  importMsPerGiB: 0,
  failAfterMs: 50,
  visibilityDelayMs: 50,
  tagDelayMs: 0,
}

export interface HttpWorld {
  readonly emulator: Emulator
  readonly door: Door
  readonly cloud: Cloud
}

const open: HttpWorld[] = []

/** After each test. */
export async function closeWorlds(): Promise<void> {
  for (const { cloud, door, emulator } of open.splice(0)) {
    cloud.close()
    await door.close()
    await emulator.close()
  }
}

/** The emulator, the real adapter, and a door between them. */
export async function httpWorld(behaviour: Partial<Behaviour> = {}): Promise<HttpWorld> {
  const emulator = await startEmulator({
    publicImages: false,
    clock,
    wallClock: clock,
    behaviour: { ...LIFE, ...behaviour },
  })
  const door = await openDoor(emulator.url)
  const fast = ["ImportImage", "DescribeImages", "ModifyImageAttribute", "CreateTag", "DeleteImages"]
  const cloud = await connect({
    site: "intl",
    accounts: STACK.accounts,
    clock,
    env: emulator.env,
    home: "/nonexistent",
    endpoint: door.url,
    pace: { perSecond: Object.fromEntries(fast.map((action) => [action, 500])) },
  })
  const made = { emulator, door, cloud }
  open.push(made)
  return made
}

export const inRegion = (image: string, region: string, parts: PlacementParts = {}): DesiredPlacement => {
  const url = `https://golden-1250000000.cos.${region}.myqcloud.com/${image}.qcow2`
  return aPlacement({ image, region, ...parts, source: { ...parts.source, url } })
}

export async function planned(w: HttpWorld, wanted: Desired, options: PlanOptions = {}): Promise<Plan> {
  const { placements } = wanted
  return plan(wanted, await observe({ reader: w.cloud, clock, placements }), options)
}

export async function applied(
  w: HttpWorld,
  wanted: Desired,
  settings: Partial<ApplySettings> = {},
  options: PlanOptions = {},
): Promise<Ran> {
  const world = { cloud: w.cloud, clock }
  return run(await planned(w, wanted, options), world, { settings, options: { poll: FAST } })
}

/** Accepted imports. */
export const imports = (w: HttpWorld): number =>
  w.emulator.ledger.filter((e) => e.action === "ImportImage").length
