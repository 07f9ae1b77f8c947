/** From options of the command line to the choices of a run, which an approval set repeats. */
import type { PlanningChoices } from "../model/approval.ts"
import { UsageError } from "./exit.ts"

export interface ChoiceOptions {
  readonly image?: readonly string[]
  readonly region?: readonly string[]
  readonly account?: readonly string[]
  readonly label?: readonly string[]
  readonly prune?: string
  readonly retryFailed?: boolean
  readonly allowDeletes?: number
  readonly allowReplaces?: number
  readonly allowFamilyMoves?: number
  readonly allowDeprecates?: number
}

const PRUNINGS = ["orphans", "retention", "all"] as const

/** Throws UsageError for what cannot go together. */
export function choicesOf(options: ChoiceOptions): PlanningChoices {
  const { prune } = options
  if (prune !== undefined && !(PRUNINGS as readonly string[]).includes(prune)) {
    throw new UsageError(`--prune takes ${PRUNINGS.join(", ")}, not '${prune}'`)
  }
  const selected = [options.image, options.region, options.account, options.label].some(
    (l) => (l ?? []).length > 0,
  )
  if (prune !== undefined && selected) {
    throw new UsageError(
      "--prune looks at the whole stack; it cannot go with --image, --region, --account or -l",
    )
  }
  const allow = {
    maxDeletes: options.allowDeletes,
    maxReplaces: options.allowReplaces,
    maxFamilyMoves: options.allowFamilyMoves,
    maxDeprecates: options.allowDeprecates,
  }
  return {
    images: options.image ?? [],
    regions: options.region ?? [],
    accounts: options.account ?? [],
    labels: options.label ?? [],
    prune: {
      orphans: prune === "orphans" || prune === "all",
      retention: prune === "retention" || prune === "all",
    },
    retryFailed: options.retryFailed === true,
    allow: Object.fromEntries(Object.entries(allow).filter(([, n]) => n !== undefined)),
  }
}
