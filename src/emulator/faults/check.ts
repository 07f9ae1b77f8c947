import { actionNames } from "../actions/index.ts"
import { effectRow, effects, fitsObjects, type Place } from "./effects.ts"
import { closest, fits, isPattern } from "./glob.ts"
import type { Fault } from "./spec.ts"
import { isCount, isDuration, kinds } from "./values.ts"

/** What is wrong with a fault, and in which of its three parts. */
export interface Wrong {
  part: "what" | "which" | "effect"
  message: string
}

/** Targets that are no actions. */
const targets = ["import", "objects", "server", "reads", "writes"]

const fields = new Set([
  "on",
  "calls",
  "every",
  "share",
  "between",
  "image",
  "region",
  "account",
  "dryRun",
  "effect",
])

/** Says what is wrong with a fault that came from outside, or undefined when it can be set. */
export function faultProblem(value: unknown): Wrong | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { part: "what", message: "a fault is a text or an object with on and effect" }
  for (const name of Object.keys(value))
    if (!fields.has(name)) return { part: "which", message: `a fault has no field ${name}` }
  const fault = value as Partial<Fault>
  const what = targetProblem(fault.on)
  if (what !== undefined) return { part: "what", message: what }
  const effect = effectProblem(fault.effect)
  if (effect !== undefined) return { part: "effect", message: effect }
  const which = whichProblem(fault)
  if (which !== undefined) return { part: "which", message: which }
  return belongs(fault as Fault)
}

/** Says what is wrong with a target. */
export function targetProblem(on: unknown): string | undefined {
  if (typeof on !== "string" || on === "")
    return "an action, import, objects, server, reads or writes is expected"
  if (targets.includes(on) || actionNames.includes(on)) return undefined
  if (isPattern(on)) {
    return actionNames.some((name) => fits(on, name)) ? undefined : `no action fits ${on}`
  }
  const near = closest(on, [...actionNames, ...targets])
  return `there is no action ${on}${near === undefined ? "" : `; did you mean ${near}?`}`
}

/** Says what is wrong with the name of an effect. */
export function kindProblem(kind: string, place?: Place): string | undefined {
  if (effectRow(kind) !== undefined) return undefined
  const near = closest(kind, Object.keys(effects))
  if (near !== undefined) return `there is no effect ${kind}; did you mean ${near}?`
  const known = Object.entries(effects).filter(([, row]) => place === undefined || row.place === place)
  return `there is no effect ${kind}; it is one of ${known.map(([name]) => name).join(", ")}`
}

function effectProblem(effect: unknown): string | undefined {
  if (typeof effect !== "object" || effect === null) return "an effect is an object with a kind"
  const { kind, ...given } = effect as Record<string, unknown>
  if (typeof kind !== "string") return "an effect has a kind"
  const row = effectRow(kind)
  if (row === undefined) return kindProblem(kind)
  if (row.value?.needed && given[row.value.field] === undefined)
    return `${kind} needs ${kinds[row.value.kind].says}`
  for (const [name, value] of Object.entries(given)) {
    const own = row.value?.field === name ? row.value.kind : undefined
    const type = own ?? (Object.hasOwn(row.options, name) ? row.options[name] : undefined)
    if (type === undefined) return `${kind} has no option ${name}`
    if (!kinds[type].good(value)) return `${name} of ${kind} is ${kinds[type].says}`
  }
  return undefined
}

function whichProblem(fault: Partial<Fault>): string | undefined {
  const { calls, every, share, between, dryRun } = fault
  if (calls !== undefined && !isCount(calls, 1) && !isSpan(calls, (value) => isCount(value, 1)))
    return "calls are counted from 1: a number, or from-to"
  if (every !== undefined && !isCount(every, 1)) return "each n-th: n is a whole number from 1"
  if (share !== undefined && !(typeof share === "number" && share >= 0 && share <= 1))
    return "a share is between 0% and 100%"
  if (between !== undefined && !isSpan(between, isDuration))
    return "a time goes from a duration to a later one"
  if (dryRun !== undefined && typeof dryRun !== "boolean") return "dryRun is true or false"
  for (const name of ["image", "region", "account"] as const) {
    const value = fault[name]
    if (value !== undefined && !kinds.glob.good(value)) return `${name} is ${kinds.glob.says}`
  }
  return undefined
}

function isSpan(value: unknown, good: (part: unknown) => boolean): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [from, to] = value as unknown[]
  return good(from) && (to === null || (good(to) && (to as number) >= (from as number)))
}

/** An effect fits only its own targets, and some selections mean nothing to some targets. */
function belongs(fault: Fault): Wrong | undefined {
  const { on, effect } = fault
  const place = effectRow(effect.kind)?.place
  if (on === "objects") return belongsToObjects(fault)
  const own = on === "import" || on === "server" ? on : "call"
  if (place === "listing" && !(own === "call" && (on === "reads" || fits(on, "DescribeImages"))))
    return { part: "effect", message: `${effect.kind} is an effect on DescribeImages` }
  if (place !== "listing" && place !== own)
    return { part: "effect", message: `${effect.kind} is no effect on ${on}, but on ${placeName(place)}` }
  if (own === "import" && fault.dryRun !== undefined)
    return { part: "which", message: "a dry run imports nothing" }
  if (own !== "server") return undefined
  for (const name of ["image", "region", "account", "dryRun"] as const) {
    if (fault[name] !== undefined) return { part: "which", message: `server is not chosen by ${name}` }
  }
  const counted = fault.calls !== undefined || fault.every !== undefined || fault.share !== undefined
  if ((effect.kind === "refuse" || effect.kind === "skew") && counted)
    return { part: "which", message: `${effect.kind} is chosen by time, such as 5s-20s` }
  if (effect.kind === "refuse" && (fault.between === undefined || fault.between[1] === null))
    return { part: "which", message: "refuse needs a time with an end, such as 5s-20s" }
  return undefined
}

function belongsToObjects(fault: Fault): Wrong | undefined {
  const { effect } = fault
  if (!fitsObjects(effect.kind)) return { part: "effect", message: `${effect.kind} is no effect on objects` }
  if ("by" in effect && effect.by === "mixed")
    return { part: "effect", message: "mixed is about regions and accounts, and objects have none" }
  for (const name of ["region", "account", "dryRun"] as const) {
    if (fault[name] !== undefined) return { part: "which", message: `objects are not chosen by ${name}` }
  }
  return undefined
}

function placeName(place: Place | undefined): string {
  return place === "call" ? "calls" : (place ?? "nothing")
}
