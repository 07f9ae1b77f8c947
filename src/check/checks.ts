/** What a plan can be told before it runs: every check of every import, independent of each other and side by side. */
import type { Desired } from "../model/desired.ts"
import type { Observed } from "../model/observed.ts"
import { placementKey } from "../model/placement.ts"
import type { Action, CheckName, CheckResult, Plan } from "../model/plan.ts"
import { type Check, type CheckedCloud, contextOf, type Subject } from "./context.ts"
import { checkForce } from "./force.ts"
import { checkOs } from "./os.ts"
import { checkQuota } from "./quota.ts"
import { checkRehearsal } from "./rehearsal.ts"
import { checkShares } from "./shares.ts"
import { checkSourceChecksum } from "./source-checksum.ts"
import { checkSourceExists } from "./source-exists.ts"
import { checkSourceFormat } from "./source-format.ts"
import type { SourceProbes } from "./source-probe.ts"
import { checkSourceSame } from "./source-same.ts"
import { checkSourceSize } from "./source-size.ts"

export interface CheckOptions {
  readonly plan: Plan
  readonly desired: Desired
  /** The reading that the plan was made from: what is in use of the quota, who images are shared with. */
  readonly observed: Observed
  /** Of `probeSources`; without them the sources are `not_probed`. */
  readonly probes: SourceProbes
  readonly cloud: CheckedCloud
  /** Each import once with DryRun. */
  readonly rehearse?: boolean
  readonly signal?: AbortSignal
}

/** In the order in which results are listed. */
const ALL: Readonly<Record<CheckName, Check>> = {
  os: checkOs,
  quota: checkQuota,
  source_exists: checkSourceExists,
  source_size: checkSourceSize,
  source_format: checkSourceFormat,
  source_checksum: checkSourceChecksum,
  source_same: checkSourceSame,
  force: checkForce,
  shares: checkShares,
  rehearsal: checkRehearsal,
}

/**
 * Results by `placementKey`, for actions that bring an image: import, retry, replace. A call that fails makes its check
 * `skipped`; rejects only with the signal's reason. Calls: one DescribeImportImageOs and one DescribeImageQuota for
 * each account and region with imports, one DescribeImageSharePermission for each replacement whose shares the plan
 * has not read, and with `rehearse` one DryRun for each import.
 */
export async function runChecks(options: CheckOptions): Promise<ReadonlyMap<string, readonly CheckResult[]>> {
  const { plan, desired, observed, probes, cloud, signal } = options
  signal?.throwIfAborted()
  const subjects = subjectsOf(plan, desired)
  const context = contextOf({
    plan,
    observed,
    placements: desired.placements,
    subjects,
    probes,
    cloud,
    rehearse: options.rehearse === true,
    ...(signal === undefined ? {} : { signal }),
  })
  const results = await Promise.all(
    subjects.map(async (subject): Promise<[string, readonly CheckResult[]]> => {
      const found = await Promise.all(Object.values(ALL).map(async (check) => check(subject, context)))
      return [placementKey(subject.action), found.flat()]
    }),
  )
  return new Map(results)
}

/** The plan with the results in it. Digests and fingerprint do not count checks, and stay. */
export function withChecks(plan: Plan, results: ReadonlyMap<string, readonly CheckResult[]>): Plan {
  if (results.size === 0) return plan
  return {
    ...plan,
    actions: plan.actions.map((action): Action => {
      // A placement can have other actions beside its import: earlier images of it that retire.
      const checks = imports(action) ? results.get(placementKey(action)) : undefined
      return checks === undefined ? action : { ...action, checks }
    }),
  }
}

function subjectsOf(plan: Plan, desired: Desired): Subject[] {
  const byKey = new Map(desired.placements.map((placement) => [placementKey(placement), placement]))
  return plan.actions.flatMap((action): Subject[] => {
    if (!imports(action)) return []
    const placement = byKey.get(placementKey(action))
    if (placement === undefined) return []
    return [{ action, placement, imports: action.action !== "replace" || action.staged === undefined }]
  })
}

function imports(action: Action): action is Subject["action"] {
  return action.action === "import" || action.action === "retry" || action.action === "replace"
}
