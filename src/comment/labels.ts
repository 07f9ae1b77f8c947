/** Labels that say what a request does. Several stacks share them, so that what is true of any counts. */
import type { Plan, Verb } from "../model/plan.ts"

interface Label {
  readonly description: string
  /** Six hex digits. */
  readonly color: string
}

/** Every label of ours; none of another name is ever touched. */
export const LABELS: Readonly<Record<string, Label>> = {
  "cvmimg/no-changes": { description: "The plan is empty", color: "c5def5" },
  "cvmimg/imports": { description: "Images are imported or restored", color: "0e8a16" },
  "cvmimg/updates": { description: "Images change in place", color: "fbca04" },
  "cvmimg/replaces": { description: "Images are replaced", color: "d93f0b" },
  "cvmimg/deprecates": { description: "Images are deprecated", color: "e99695" },
  "cvmimg/deletes": { description: "Images are deleted", color: "b60205" },
  "cvmimg/refused": { description: "Something is refused, or a safety limit is exceeded", color: "5319e7" },
}

const NO_CHANGES = "cvmimg/no-changes"

const OF_VERBS: Readonly<Partial<Record<Verb, string>>> = {
  import: "cvmimg/imports",
  retry: "cvmimg/imports",
  restore: "cvmimg/imports",
  update: "cvmimg/updates",
  adopt: "cvmimg/updates",
  replace: "cvmimg/replaces",
  deprecate: "cvmimg/deprecates",
  delete: "cvmimg/deletes",
  refuse: "cvmimg/refused",
}

/** The labels that are true of a plan, in the order of the table. */
export function planLabels(plan: Plan): string[] {
  const verbs = plan.actions.map(({ action }) => action)
  const found = new Set(verbs.flatMap((verb) => OF_VERBS[verb] ?? []))
  if (plan.brakes.length > 0) found.add("cvmimg/refused")
  if (verbs.every((verb) => verb === "keep")) found.add(NO_CHANGES)
  return Object.keys(LABELS).filter((label) => found.has(label))
}

/** What to do so that a request that has these labels has those of all its plans. */
export function labelChanges(
  plans: readonly (readonly string[])[],
  present: readonly string[],
): { readonly add: readonly string[]; readonly remove: readonly string[] } {
  const any = new Set(plans.flat())
  const some = Object.keys(LABELS).some((label) => label !== NO_CHANGES && any.has(label))
  const wanted = Object.keys(LABELS).filter((label) => any.has(label) && !(some && label === NO_CHANGES))
  const ours = present.filter((label) => Object.hasOwn(LABELS, label))
  return {
    add: wanted.filter((label) => !present.includes(label)),
    remove: ours.filter((label) => !wanted.includes(label)),
  }
}
