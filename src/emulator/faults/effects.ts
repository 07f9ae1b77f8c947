import type { Effect } from "./spec.ts"
import type { KindName } from "./values.ts"

/** What an effect belongs to: any call, a listing of DescribeImages, an accepted import, the object store, the server. */
export type Place = "call" | "listing" | "import" | "objects" | "server"

/** How one effect is written: `kind=value,option=value`. `value` names the field that the value goes to. */
export interface Row {
  place: Place
  value?: { field: string; kind: KindName; needed: boolean }
  options: Readonly<Record<string, KindName>>
}

const plain = (place: Place): Row => ({ place, options: {} })
const taking = (
  place: Place,
  field: string,
  kind: KindName,
  options: Readonly<Record<string, KindName>> = {},
): Row => ({ place, value: { field, kind, needed: true }, options })
const mayTake = (
  place: Place,
  field: string,
  kind: KindName,
  options: Readonly<Record<string, KindName>> = {},
): Row => ({ place, value: { field, kind, needed: false }, options })

/** Every effect. The one table for the text form, the object form and the checks. */
export const effects: Readonly<Record<Effect["kind"], Row>> = {
  error: taking("call", "code", "code", { message: "text" }),
  "error-after": taking("call", "code", "code", { message: "text" }),
  throttle: mayTake("call", "left", "count"),
  "lost-before": mayTake("call", "by", "manner", { every: "duration", to: "location" }),
  "lost-after": mayTake("call", "by", "manner", { every: "duration", to: "location" }),
  delay: taking("call", "for", "duration"),
  "delay-before": taking("call", "for", "duration"),
  close: plain("call"),
  "expire-token": plain("call"),
  "disable-key": plain("call"),
  revoke: mayTake("call", "rights", "rights"),
  "someone-creates": mayTake("call", "name", "name", { state: "state" }),
  "someone-deletes": taking("call", "name", "glob"),
  "someone-untags": taking("call", "name", "glob"),
  "someone-renames": taking("call", "name", "glob", { to: "name" }),

  total: taking("listing", "says", "count"),
  "total-off": taking("listing", "by", "integer"),
  short: taking("listing", "most", "count"),
  repeat: plain("listing"),
  "show-state": taking("listing", "state", "state"),
  hide: taking("listing", "name", "glob"),
  "hide-tags": plain("listing"),
  "shift-insert": plain("listing"),
  "shift-delete": mayTake("listing", "name", "glob"),

  fail: taking("import", "reason", "reason", { after: "duration" }),
  "never-ends": plain("import"),
  takes: taking("import", "for", "duration"),
  late: taking("import", "for", "duration"),
  "never-visible": plain("import"),
  flicker: taking("import", "seen", "duration", { gone: "duration", times: "count" }),
  "tags-late": taking("import", "for", "duration"),
  "tags-never": plain("import"),
  state: taking("import", "state", "state", { after: "duration", for: "duration" }),
  delete: { place: "import", options: { after: "duration" } },
  rename: taking("import", "to", "name", { after: "duration" }),

  "other-bytes": plain("objects"),

  refuse: plain("server"),
  "half-open": plain("server"),
  "hang-up": plain("server"),
  skew: taking("server", "by", "offset"),
}

/** Effects on calls that mean the same for reads of the object store. */
const alsoOnObjects = new Set(["error", "lost-before", "lost-after", "delay"])

/** Whether an effect is one on reads of the object store. */
export function fitsObjects(kind: Effect["kind"]): boolean {
  return effects[kind].place === "objects" || alsoOnObjects.has(kind)
}

/** The row of an effect, or undefined for a name that is none. */
export function effectRow(kind: string): Row | undefined {
  return Object.hasOwn(effects, kind) ? effects[kind as Effect["kind"]] : undefined
}
