/** What differs between two actions of one placement, as rows: `-` the first says so, `+` the second. */
import type { Change, Reason } from "../model/plan.ts"
import type { ComparedAction, MovedChange } from "./plan-compare.ts"
import { reasonsText } from "./reasons.ts"
import { quotedValue } from "./value.ts"

export interface DiffRow {
  readonly sign: "+" | "-"
  readonly name: string
  readonly text: string
}

/** Reasons, fields, image and spec; empty where only the digest tells the actions apart. */
export function diffRows(
  before: ComparedAction,
  after: ComparedAction,
  changes: readonly MovedChange[],
): DiffRow[] {
  const rows: DiffRow[] = []
  const put = (sign: DiffRow["sign"], name: string, text: string): void => {
    rows.push({ sign, name, text })
  }
  const why = (reasons: readonly Reason[], others: readonly Reason[]): Reason[] =>
    reasons.filter((reason) => !others.includes(reason))
  const [gone, come] = [why(before.reasons, after.reasons), why(after.reasons, before.reasons)]
  if (gone.length > 0) put("-", "reason", reasonsText(gone))
  if (come.length > 0) put("+", "reason", reasonsText(come))
  for (const { field, before: old, after: now } of changes) {
    if (old !== undefined) put("-", field, changeText(old))
    if (now !== undefined) put("+", field, changeText(now))
  }
  const facts = [["image", "imageId"] as const, ["spec", "spec"] as const]
  for (const [name, key] of facts) {
    const [old, now] = [before[key], after[key]]
    if (old === undefined || now === undefined || old === now) continue
    put("-", name, old)
    put("+", name, now)
  }
  return rows
}

function changeText({ before, after, impact }: Change): string {
  const forces = impact === "replacement" ? "  # forces replacement" : ""
  return `${quotedValue(before)} -> ${quotedValue(after)}${forces}`
}
