/** How much an action matters, for outputs that know three levels: what stops, what takes away, what is to be known. */
import type { Action, Verb } from "../model/plan.ts"

export type Level = "error" | "warning" | "note"

const LEVELS: Readonly<Record<Verb, Level>> = {
  import: "note",
  restore: "note",
  update: "note",
  adopt: "note",
  replace: "warning",
  retry: "note",
  deprecate: "warning",
  delete: "warning",
  await: "note",
  keep: "note",
  refuse: "error",
}

/** The level of the verb alone; what checks found has levels of its own. */
export function levelOf({ action }: Pick<Action, "action">): Level {
  return LEVELS[action]
}
