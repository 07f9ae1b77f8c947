/** `--image`, `--region`, `--account`, `-l label=value`: which placements a run considers. */
import type { DesiredPlacement } from "../model/desired.ts"
import { UsageError } from "./exit.ts"

export interface SelectionOptions {
  readonly image?: readonly string[]
  readonly region?: readonly string[]
  readonly account?: readonly string[]
  readonly label?: readonly string[]
}

/** A filter, or undefined where nothing is selected. Values of one option are alternatives, options add up. */
export function selection(options: SelectionOptions): ((p: DesiredPlacement) => boolean) | undefined {
  const labels = (options.label ?? []).map(parseLabel)
  const tests: ((p: DesiredPlacement) => boolean)[] = []
  const among = (wanted: readonly string[] | undefined, of: (p: DesiredPlacement) => string): void => {
    if (wanted !== undefined && wanted.length > 0) tests.push((p) => wanted.includes(of(p)))
  }
  among(options.image, (p) => p.image)
  among(options.region, (p) => p.region)
  among(options.account, (p) => p.account)
  for (const [key, value] of labels) tests.push((p) => p.labels[key] === value)
  return tests.length === 0 ? undefined : (p) => tests.every((test) => test(p))
}

function parseLabel(text: string): [string, string] {
  const at = text.indexOf("=")
  if (at < 1) throw new UsageError(`-l takes label=value, not '${text}'`)
  return [text.slice(0, at), text.slice(at + 1)]
}
