/** Values of fields as a reader sees them. What cannot be told from its surroundings is quoted. */
import type { FieldValue } from "../model/plan.ts"

/** Text in quotes; quotes and backslashes in it are escaped, so that an escape is never mistaken for text. */
function quotedText(text: string): string {
  return `"${innerText(text)}"`
}

/** What stands between the quotes. */
export function innerText(text: string): string {
  return text.replace(/[\\"]/g, "\\$&")
}

/** A value beside another one: texts in quotes, `null` as what it means. */
export function quotedValue(value: FieldValue): string {
  if (value === null) return "(absent)"
  return typeof value === "string" ? quotedText(value) : bareValue(value)
}

/** A value that stands alone: texts without quotes where nothing is lost by it. */
export function bareValue(value: FieldValue): string {
  if (value === null) return "(absent)"
  if (typeof value === "string") return bareText(value)
  if (typeof value === "object") return value.length === 0 ? "[]" : value.map(bareText).join(", ")
  return String(value)
}

/** True for a text that is one URL; its ends matter more than its middle. */
export function isUrl(value: FieldValue): value is string {
  return typeof value === "string" && /^https?:\/\/\S+$/i.test(value)
}

function bareText(text: string): string {
  return /^$|^\s|\s$|["\\]/.test(text) ? quotedText(text) : text
}

/** A duration for people: `0.4s`, `12s`, `3m 05s`, `1h 02m`. */
export function durationText(ms: number): string {
  const clean = Number.isFinite(ms) && ms > 0 ? ms : 0
  if (clean < 9_950) return `${(Math.round(clean / 100) / 10).toFixed(1)}s`
  const seconds = Math.round(clean / 1000)
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}

/** Milliseconds as `hh:mm:ss`; of an instant since the epoch, the time of day in UTC by `timeOfDay`. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

/** The time of day in UTC of milliseconds since the epoch. */
export function timeOfDay(at: number): string {
  const day = 86_400_000
  return clockText(((at % day) + day) % day)
}

/** A number with its noun: `1 notice`, `2 notices`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

function two(n: number): string {
  return String(n).padStart(2, "0")
}
