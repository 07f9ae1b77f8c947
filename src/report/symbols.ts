/** The sign and the tone of each verb and outcome, the same in every table. */
import type { Outcome } from "../model/outcome.ts"
import type { Verb } from "../model/plan.ts"
import type { Tone } from "./line.ts"

export interface Sign {
  readonly symbol: string
  readonly tone: Tone
}

/** `+` comes into being, `~` changes in place, `-/+` is replaced, `-` goes, `=` stays, `?` waits, `!` refused. */
export const SIGNS: Readonly<Record<Verb, Sign>> = {
  import: { symbol: "+", tone: "add" },
  restore: { symbol: "+", tone: "add" },
  update: { symbol: "~", tone: "change" },
  adopt: { symbol: "~", tone: "change" },
  replace: { symbol: "-/+", tone: "replace" },
  retry: { symbol: "-/+", tone: "replace" },
  deprecate: { symbol: "-", tone: "remove" },
  delete: { symbol: "-", tone: "remove" },
  await: { symbol: "?", tone: "wait" },
  keep: { symbol: "=", tone: "dim" },
  refuse: { symbol: "!", tone: "alarm" },
}

/** Tones of outcomes. */
export const OUTCOME_TONES: Readonly<Record<Outcome, Tone>> = {
  done: "add",
  failed: "alarm",
  skipped: "dim",
  running: "wait",
  unknown: "change",
  stale: "change",
  not_approved: "change",
}

/** An outcome in words. */
export function outcomeText(outcome: Outcome): string {
  return outcome.replace("_", " ")
}
