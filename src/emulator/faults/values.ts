/** The kinds of values in faults: each reads a text, knows a good value of the object form, and says what it takes. */

interface Kind {
  says: string
  /** Undefined when the text is none. */
  read(text: string): unknown
  good(value: unknown): boolean
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const longest = 10 * 365 * 86_400_000

/** `500ms`, `5s`, `1.5m`, `2h`, `1d` in milliseconds; undefined for anything else. */
export function readDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text)
  if (match === null) return undefined
  const value = Number(match[1]) * (units[match[2] ?? ""] ?? 1)
  return value <= longest ? value : undefined
}

export function isDuration(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= longest
}

/** Digits only, as a number. */
export function readCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

export function isCount(value: unknown, least: number = 0): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= 999_999_999
}

function pattern(says: string, form: RegExp): Kind {
  const good = (value: unknown): boolean => typeof value === "string" && form.test(value)
  return { says, read: (text) => (good(text) ? text : undefined), good }
}

const reasons = [
  "InvalidUrl",
  "InvalidFormatSize",
  "VirtioNotInstall",
  "CloudInitNotInstalled",
  "PartitionNotPresent",
  "RootPartitionNotFound",
  "InternalError",
]
const manners =
  "rst, fin, silence, cut, cut-rst, stall, empty, object, html, garbage, bomb, huge, trickle, redirect, mixed"

export const kinds = {
  text: pattern("a text", /^\P{Cc}{1,200}$/u),
  name: pattern("a name of 1 to 60 characters", /^\P{Cc}{1,60}$/u),
  glob: pattern("a name, with * and ? for any characters", /^\P{Cc}{1,100}$/u),
  code: pattern(
    "an error code such as InvalidImageName.Duplicate",
    /^[A-Z][A-Za-z0-9]{1,80}(\.[A-Z][A-Za-z0-9]{1,80})?$/,
  ),
  state: pattern("a state such as SYNCING", /^[A-Za-z_]{1,40}$/),
  rights: pattern(
    "rights such as cvm:ImportImage, tag:* or *",
    /^(\*|(cvm|tag|sts):(\*|[A-Z][A-Za-z]{1,60}))$/,
  ),
  location: pattern("an address", /^(https?:\/\/|\/)[\u0021-\u007e]{0,500}$/),
  reason: pattern(`one of ${reasons.join(", ")}`, new RegExp(`^(${reasons.join("|")})$`)),
  manner: pattern(
    `one of ${manners}, or a status such as 503, 503-json, 503-empty`,
    new RegExp(`^(${manners.replaceAll(", ", "|")}|[45]\\d\\d(-json|-empty)?)$`),
  ),
  duration: { says: "a duration such as 500ms, 5s, 10m or 2h", read: readDuration, good: isDuration },
  offset: {
    says: "a duration, ahead (10m) or behind (-10m)",
    read: (text) => {
      const size = readDuration(text.replace(/^[+-]/, ""))
      return size === undefined ? undefined : text.startsWith("-") ? -size : size
    },
    good: (value) => typeof value === "number" && isDuration(Math.abs(value)),
  },
  count: { says: "a whole number", read: readCount, good: (value) => isCount(value) },
  integer: {
    says: "a whole number, + or -",
    read: (text) => (/^[+-]?\d{1,9}$/.test(text) ? Number(text) : undefined),
    good: (value) => typeof value === "number" && isCount(Math.abs(value)),
  },
} satisfies Record<string, Kind> as Record<KindName, Kind>

export type KindName =
  | "text"
  | "name"
  | "glob"
  | "code"
  | "state"
  | "rights"
  | "location"
  | "reason"
  | "manner"
  | "duration"
  | "offset"
  | "count"
  | "integer"
