/** The Tencent Cloud image API in a box: see README.md of this folder for what it does and where the facts stand. */
import { readdirSync } from "node:fs"
import { type AccountOptions, createAccounts, demoAccount } from "./accounts.ts"
import type { Api } from "./api.ts"
import { type Behaviour, behaviourProblem, defaultBehaviour } from "./behaviour.ts"
import type { Box } from "./box.ts"
import { machineClock, type RunningClock, runningClock, type WallClock, type WorldClock } from "./clock.ts"
import { createFaultSet, type FaultInput, readFault } from "./faults/set.ts"
import type { FaultStatus } from "./faults/spec.ts"
import { bothFaults, type Faults } from "./faults.ts"
import { addPublicImages, type EmulatorWorld, type SeedImage, worldHandle } from "./handle.ts"
import { createLog, type LedgerEntry, type RequestLogEntry } from "./journal.ts"
import { objectFiles } from "./object-files.ts"
import { objectSamples } from "./object-samples.ts"
import { createPort, type Port } from "./port.ts"
import { slidingWindows } from "./rates.ts"
import { createService } from "./server.ts"
import { loadState, stateWriter } from "./state.ts"
import { createWorld } from "./world.ts"

export type { AccountOptions, Denial, KeyPair } from "./accounts.ts"
export { demoAccount } from "./accounts.ts"
export type { Behaviour, FailureReason } from "./behaviour.ts"
export { behaviourProblem, defaultBehaviour } from "./behaviour.ts"
export type { ApiReply, ApiRequest, IncomingCall } from "./call.ts"
export { ManualClock, type WallClock, type WorldClock } from "./clock.ts"
export { type FaultProblem, type Parsed, parseFault } from "./faults/parse.ts"
export type { FaultInput } from "./faults/set.ts"
export type { Effect, Fault, FaultStatus, Manner } from "./faults/spec.ts"
export type { Faults } from "./faults.ts"
export type { EmulatorWorld, SeedImage } from "./handle.ts"
export type { LedgerEntry, RequestLogEntry } from "./journal.ts"
export type { OsRow, OsTable } from "./os-table.ts"
export type { ImageRecord, ImageState } from "./world.ts"

/** How to start an emulator. Everything has a default. */
export interface EmulatorOptions {
  /** 0 (default): a free one. Always on 127.0.0.1. */
  port?: number
  site?: "intl" | "cn"
  /** A file: the world is read from it if it exists, and written after each accepted write and at the end. */
  state?: string
  /** A directory of `<bucket-appid>/<key>`. Without it every key of every bucket is a good sample image. */
  objects?: string
  /** Buckets or objects that need a signature: `bucket`, `bucket/key`, or a beginning of these followed by `*`. */
  privateObjects?: readonly string[]
  /** How much faster than the wall clock the world runs; default 1. Ignored with `clock`. */
  speed?: number
  clock?: WorldClock
  /** For signatures and rate limits; not scaled by `speed`. */
  wallClock?: WallClock
  /** Default: `demoAccount` alone. The first one is the one in `env`. */
  accounts?: readonly AccountOptions[]
  behaviour?: Partial<Behaviour>
  /** Put into a new world; a world that was read from `state` stays as it was. */
  images?: readonly SeedImage[]
  /** Whether the service's own public images exist; default true. */
  publicImages?: boolean
  /** Makes image ids the same in each run, and chooses the draws of faults; without it these are the same too. */
  seed?: string
  /** Entries that `requests` and `ledger` keep at least; default 100,000. */
  logLimit?: number
  /** Faults as texts or objects, counted from when the port is open; or places to put faults of one's own in. */
  faults?: Faults | readonly FaultInput[]
}

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  url: string
  port: number
  /** What a client needs: the endpoint, the keys of the first account, and where objects are. */
  env: Record<string, string>
  world: EmulatorWorld
  requests: readonly RequestLogEntry[]
  ledger: readonly LedgerEntry[]
  /** Switches in force. */
  readonly behaviour: Readonly<Behaviour>
  /** Changes switches from now on. Throws a RangeError for a name or a value that does not exist. */
  setBehaviour(patch: Partial<Behaviour>): void
  /** Puts a fault in from now on. Throws a RangeError that says what is wrong with it and where. */
  fault(fault: FaultInput): FaultStatus
  /** The faults that were put in, with how often each fired. */
  readonly faults: readonly FaultStatus[]
  /** Takes one fault or all away, and back what they did to keys, rights and the port. */
  clearFaults(id?: number): boolean
  /** Forgets both logs. */
  clearLogs(): void
  /** Ends all connections and writes the state a last time. Calling it again changes nothing. */
  close(): Promise<void>
}

/**
 * Starts the API. Throws when the port is taken, the state file cannot be read or written, the objects cannot be read, and a
 * RangeError when a switch, a fault or the speed is wrong.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const problem = behaviourProblem(options.behaviour ?? {})
  if (problem !== undefined) throw new RangeError(problem)
  if (options.speed !== undefined && !(options.speed > 0)) throw new RangeError("speed is a number above 0")
  const given = isList(options.faults) ? options.faults : []
  const hooks = isList(options.faults) ? {} : (options.faults ?? {})
  const firstFaults = given.map(readFault)
  const accounts = createAccounts(options.accounts ?? [demoAccount])
  const wall = options.wallClock ?? machineClock
  const loaded = options.state === undefined ? undefined : loadState(options.state)
  const running: RunningClock | undefined =
    options.clock === undefined ? runningClock(wall, options.speed ?? 1, loaded?.epoch) : undefined
  const clock = options.clock ?? (running as RunningClock)
  const world = loaded?.world ?? createWorld(options.seed)
  if (options.objects !== undefined) readdirSync(options.objects)
  const listed = options.privateObjects ?? []
  const objects = options.objects === undefined ? objectSamples(listed) : objectFiles(options.objects, listed)
  const behaviour: Behaviour = { ...defaultBehaviour, ...options.behaviour }
  const box: Box = {
    site: options.site ?? "intl",
    behaviour,
    world,
    accounts,
    clock,
    wall: {
      now: () => wall.now() + faultSet.skewMs(),
      monotonic: () => wall.monotonic?.() ?? wall.now(),
    },
    objects,
    visited: new Set(),
  }
  const handle = worldHandle(box)
  if (options.publicImages ?? true) addPublicImages(box)
  for (const seed of loaded === undefined ? (options.images ?? []) : []) handle.addImage(seed)
  const requests = createLog<RequestLogEntry>(options.logLimit ?? 100_000)
  const ledger = createLog<LedgerEntry>(options.logLimit ?? 100_000)
  const windows = slidingWindows()
  const faultSet = createFaultSet({
    box,
    wall,
    seed: options.seed ?? "",
    shut: (from, to, done) => port.shut(from, to, done),
  })
  const faults = bothFaults(hooks, faultSet.hooks)
  const api: Api = { box, windows, requests, ledger, faults }
  const save =
    options.state === undefined
      ? async (): Promise<void> => {}
      : stateWriter(options.state, world, () => running?.epoch())
  const setBehaviour = (patch: Partial<Behaviour>): void => {
    const wrong = behaviourProblem(patch)
    if (wrong !== undefined) throw new RangeError(wrong)
    Object.assign(behaviour, patch)
    for (const partition of world.partitions.values()) partition.listing = null
  }
  const inspection = {
    requests,
    ledger,
    world: handle,
    behaviour: () => behaviour,
    setBehaviour,
    faults: faultSet,
  }
  const server = createService({ api, inspection, save })
  const port: Port = createPort(server, faultSet)
  await save()
  const number = await port.open(options.port ?? 0)
  for (const one of firstFaults) faultSet.add(one)
  let closed: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    faultSet.stop()
    await port.close()
    await save()
  }
  const url = `http://127.0.0.1:${number}`
  return {
    url,
    port: number,
    env: environment(url, accounts.list[0]?.keys[0]),
    world: handle,
    requests: requests.entries,
    ledger: ledger.entries,
    behaviour,
    setBehaviour,
    fault: (fault) => faultSet.add(readFault(fault)),
    get faults() {
      return faultSet.list()
    },
    clearFaults: (id) => faultSet.clear(id),
    clearLogs() {
      requests.clear()
      ledger.clear()
    },
    close() {
      closed ??= stop()
      return closed
    },
  }
}

function isList(faults: EmulatorOptions["faults"]): faults is readonly FaultInput[] {
  return Array.isArray(faults)
}

function environment(
  url: string,
  key: { secretId: string; secretKey: string; token?: string } | undefined,
): Record<string, string> {
  const env: Record<string, string> = {
    CVMIMG_ENDPOINT: url,
    TENCENTCLOUD_SECRET_ID: key?.secretId ?? "",
    TENCENTCLOUD_SECRET_KEY: key?.secretKey ?? "",
    CVMIMG_COS_ENDPOINT: `${url}/cos`,
  }
  if (key?.token !== undefined) env.TENCENTCLOUD_TOKEN = key.token
  return env
}
