/** `--image`, `--region`, `--account`, `-l label=value`: which placements a run considers. */
import type { PlanningChoices } from "../model/approval.ts"
import type { DesiredPlacement } from "../model/desired.ts"
import { compareText } from "../model/placement.ts"
import { UsageError } from "./exit.ts"

export type SelectionOptions = Pick<PlanningChoices, "images" | "regions" | "accounts" | "labels">

/**
 * Throws UsageError where a name that was selected names nothing: a run that silently does nothing because of a typing
 * error is worse than one that stops.
 */
export function checkSelection(options: SelectionOptions, placements: readonly DesiredPlacement[]): void {
  const known = (wanted: readonly string[], what: string, of: (p: DesiredPlacement) => string): void => {
    const names = new Set(placements.map(of))
    for (const name of wanted) {
      if (names.has(name)) continue
      throw new UsageError(
        `no ${what} '${name}' in the stack; there is ${[...names].sort(compareText).join(", ")}`,
      )
    }
  }
  known(options.images, "image", (p) => p.image)
  known(options.regions, "region", (p) => p.region)
  known(options.accounts, "account", (p) => p.account)
}

/** A filter, or undefined where nothing is selected. Values of one option are alternatives, options add up. */
export function selection(options: SelectionOptions): ((p: DesiredPlacement) => boolean) | undefined {
  const labels = options.labels.map(parseLabel)
  const tests: ((p: DesiredPlacement) => boolean)[] = []
  const among = (wanted: readonly string[], of: (p: DesiredPlacement) => string): void => {
    if (wanted.length > 0) tests.push((p) => wanted.includes(of(p)))
  }
  among(options.images, (p) => p.image)
  among(options.regions, (p) => p.region)
  among(options.accounts, (p) => p.account)
  for (const [key, value] of labels) tests.push((p) => p.labels[key] === value)
  return tests.length === 0 ? undefined : (p) => tests.every((test) => test(p))
}

function parseLabel(text: string): [string, string] {
  const at = text.indexOf("=")
  if (at < 1) throw new UsageError(`-l takes label=value, not '${text}'`)
  return [text.slice(0, at), text.slice(at + 1)]
}
