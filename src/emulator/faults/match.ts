import { createHash } from "node:crypto"
import { slidingWindows, type Windows } from "../rates.ts"
import { effects, type Place } from "./effects.ts"
import { fits, isPattern } from "./glob.ts"
import type { Fault, FaultStatus } from "./spec.ts"
import type { Subject } from "./subject.ts"

/** A fault that was set, with what it remembers. */
export interface Armed extends FaultStatus {
  /** Monotonic time at which it was set. */
  since: number
  seed: string
  /** Draws so far, by what was drawn for. */
  draws: Map<string, number>
  windows: Windows
  /** Takes back what the fault did to keys and rights. */
  undo: (() => void)[]
}

export function arm(id: number, fault: Fault, spec: string | undefined, since: number, seed: string): Armed {
  return {
    id,
    ...(spec === undefined ? {} : { spec }),
    fault,
    seen: 0,
    fired: 0,
    since,
    seed,
    draws: new Map(),
    windows: slidingWindows(),
    undo: [],
  }
}

const writes = new Set([
  "ImportImage",
  "ModifyImageAttribute",
  "ModifyImageSharePermission",
  "DeleteImages",
  "SyncImages",
  "CreateTag",
  "CreateTags",
  "TagResources",
  "UnTagResources",
  "ModifyResourceTags",
])

/** What a fault belongs to. */
export function placeOf({ fault }: Armed): Place {
  return effects[fault.effect.kind].place
}

/** Whether a fault is in force at a monotonic time. */
export function inForce({ fault, since }: Armed, now: number): boolean {
  if (fault.between === undefined) return true
  const [from, to] = fault.between
  const passed = now - since
  return passed >= from && (to === null || passed < to)
}

/** Counts a call, an import or a connection for a fault, and says whether the fault hits it. */
export function hits(armed: Armed, subject: Subject, now: number): boolean {
  const { fault } = armed
  if (!inForce(armed, now) || !concerns(fault, subject)) return false
  armed.seen += 1
  const { calls, every, share } = fault
  if (typeof calls === "number" && armed.seen !== calls) return false
  if (typeof calls === "object" && (armed.seen < calls[0] || armed.seen > (calls[1] ?? Infinity)))
    return false
  if (every !== undefined && armed.seen % every !== 0) return false
  return share === undefined || draw(armed, subject) < share
}

function concerns(fault: Fault, subject: Subject): boolean {
  const { on, image, region, account } = fault
  const { action } = subject
  if (on === "reads") {
    if (writes.has(action)) return false
  } else if (on === "writes") {
    if (!writes.has(action)) return false
  } else if (!fits(on, action)) return false
  const dryRun = fault.dryRun ?? (isPattern(on) || on === "reads" ? undefined : false)
  if (dryRun !== undefined && dryRun !== subject.dryRun) return false
  if (region !== undefined && !fits(region, subject.region)) return false
  if (account !== undefined && !fits(account, subject.account)) return false
  return image === undefined || subject.images().some((name) => fits(image, name))
}

/**
 * A number from 0 to 1. It hangs on the seed, the fault, what is called and how often it was called, and not on what
 * else goes on: calls that run side by side draw the same in each run, whichever comes first.
 */
function draw({ seed, id, draws }: Armed, subject: Subject): number {
  const { action, account, region } = subject
  const key = [action, account, region, subject.imageName ?? subject.images()[0] ?? ""].join("\0")
  const count = (draws.get(key) ?? 0) + 1
  if (draws.size > 100_000) draws.clear()
  draws.set(key, count)
  const digest = createHash("sha256").update(`${seed}\0${id}\0${key}\0${count}`).digest()
  return digest.readUIntBE(0, 6) / 2 ** 48
}
