/** Verbs as sentences, and what a plan holds of them: rows of image and verb for outputs that fold regions. */
import { type Action, VERBS, type Verb } from "../model/plan.ts"

/** What each verb does, for readers who see it for the first time. */
export const VERB_TEXTS: Readonly<Record<Verb, string>> = {
  import: "A new image is imported.",
  restore: "An earlier image of ours takes its place again, without an import.",
  update: "The image is changed in place.",
  adopt: "An image that cvmimg did not import is taken under management, and changed in place.",
  replace: "A new image is imported beside the old one, takes its name, and the old one is retired.",
  retry: "The failed import is removed and made again.",
  deprecate: "The image is marked as deprecated: it stays, but a family does not resolve to it any more.",
  delete: "The image is deleted.",
  await: "An import is under way; there is nothing to call but something to wait for.",
  keep: "The image is as the manifest says.",
  refuse: "The placement cannot be planned until somebody decides.",
}

/** Placements of one image that share the verb. */
export interface VerbRow {
  readonly image: string
  readonly verb: Verb
  readonly rows: readonly Action[]
}

/** Everything but `keep`, by image and verb, in the order of the plan. */
export function verbRows(actions: readonly Action[]): VerbRow[] {
  const found = new Map<string, { image: string; verb: Verb; rows: Action[] }>()
  for (const action of actions) {
    if (action.action === "keep") continue
    const key = JSON.stringify([action.image, action.action])
    const known = found.get(key)
    if (known === undefined) found.set(key, { image: action.image, verb: action.action, rows: [action] })
    else known.rows.push(action)
  }
  return Array.from(found.values())
}

/** `2 replace, 1 delete`, in the order of summaries. */
export function verbCounts(actions: readonly Action[]): string {
  return VERBS.map((verb) => ({ verb, count: actions.filter((a) => a.action === verb).length }))
    .filter(({ count }) => count > 0)
    .map(({ verb, count }) => `${count} ${verb}`)
    .join(", ")
}
