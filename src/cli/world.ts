/**
 * From a directory to a plan: load, connect, observe, compare, check. Only reads.
 *
 * What the cloud is asked depends on the plan in one respect: shares are looked up only for images that the plan would
 * rename, deprecate or delete. So the plan, which is pure and quick, is made again when they are known.
 */
import { homedir } from "node:os"
import { stillOpen } from "../apply/journal-open.ts"
import type * as check from "../check/index.ts"
import { type ConnectOptions, connect, connectReading } from "../cloud/connect.ts"
import { observe, observeShares, ownedScopes } from "../cloud/observe.ts"
import type { Cloud, ReadingCloud, SourceSigner } from "../cloud/port.ts"
import type { PlanningChoices } from "../model/approval.ts"
import type { Desired, DesiredPlacement } from "../model/desired.ts"
import type { Failure } from "../model/failure.ts"
import type { OpenIntent } from "../model/intent.ts"
import type { Observed } from "../model/observed.ts"
import { type Scope, scopeKey } from "../model/placement.ts"
import type { Plan } from "../model/plan.ts"
import { plan, sharesToAsk } from "../plan/index.ts"
import type { Io } from "./io.ts"
import { withObjects } from "./objects.ts"
import { checkSelection, selection } from "./selection.ts"

export interface PlanningHow {
  readonly choices: PlanningChoices
  /** What is being repeated was selected before: a name that the manifests no longer have is no typing error. */
  readonly repeated?: boolean
  /** Accounts and regions to read beside those of the manifests. */
  readonly scopes?: readonly Scope[]
  readonly endpoint?: string
  /** Whether source objects and the service's lists are looked at. */
  readonly checks: boolean
  /** Whether the plan is made from what the source objects are; default: as `checks`. */
  readonly sources?: boolean
  /** Whether each import is tried with the API's own DryRun. */
  readonly rehearse: boolean
  /** Imports of earlier runs that may still turn up. */
  readonly open?: readonly OpenIntent[]
  /** Until when records of such imports may be missing. */
  readonly doubt?: number
  readonly onRetry?: (failure: Failure, delayMs: number, attempt: number) => void
  /** A request to the API is about to be sent. */
  readonly onRequest?: () => void
}

/** By default with a client that only reads. */
export interface Planned<C = ReadingCloud> {
  readonly plan: Plan
  readonly observed: Observed
  readonly cloud: C & SourceSigner
}

/**
 * Plans what the manifests ask for, with a client that can only read. The caller closes the cloud. Throws UsageError,
 * CloudError.
 */
export async function planDesired(io: Io, desired: Desired, how: PlanningHow): Promise<Planned> {
  return planWith(io, desired, how, connectReading)
}

/** The same for a run that goes on to carry the plan out. */
export async function planToApply(io: Io, desired: Desired, how: PlanningHow): Promise<Planned<Cloud>> {
  return planWith(io, desired, how, connect)
}

async function planWith<C extends ReadingCloud>(
  io: Io,
  desired: Desired,
  how: PlanningHow,
  open: (options: ConnectOptions) => Promise<C & SourceSigner>,
): Promise<Planned<C>> {
  const { choices } = how
  const { stack } = desired
  if (how.repeated !== true) checkSelection(choices, desired.placements)
  const { checks, sources = checks } = how
  const select = selection(choices)
  const placements = select === undefined ? desired.placements : desired.placements.filter(select)
  const checker = checks || sources ? await import("../check/index.ts") : undefined
  const cloud = await open({
    site: stack.site,
    accounts: stack.accounts,
    clock: io.clock,
    env: io.env,
    home: io.env.HOME ?? homedir(),
    importTimeoutMs: stack.apply.importTimeoutMs,
    ...(how.endpoint === undefined ? {} : { endpoint: how.endpoint }),
    ...(how.onRetry === undefined ? {} : { onRetry: how.onRetry }),
    ...(how.onRequest === undefined ? {} : { onRequest: how.onRequest }),
  })
  try {
    const [read, probes] = await Promise.all([
      readWorld(io, desired, cloud, placements, {
        everywhere: select === undefined,
        scopes: how.scopes ?? [],
      }),
      checker === undefined
        ? {}
        : withObjects((fetch) =>
            checker.probeSources({ ...probing(io, placements, cloud, how.endpoint), fetch }),
          ),
    ])
    const options = {
      allow: choices.allow,
      prune: choices.prune,
      retryFailed: choices.retryFailed,
      open: stillOpen(how.open ?? [], read),
      ...(how.doubt === undefined ? {} : { doubt: how.doubt }),
      ...(select === undefined ? {} : { select }),
    }
    const seen = sources ? checker?.sourcesSeen(probes) : undefined
    let observed: Observed = seen === undefined ? read : { ...read, sources: seen }
    let result = plan(desired, observed, options)
    const asked = new Set<string>()
    for (;;) {
      const images = sharesToAsk(result, observed).filter((q) => !asked.has(q.imageId))
      if (images.length === 0) break
      for (const { imageId } of images) asked.add(imageId)
      observed = await observeShares({ reader: cloud, observed, images, signal: io.signal })
      result = plan(desired, observed, options)
    }
    if (!checks || checker === undefined) return { plan: result, observed, cloud }
    const checking: check.CheckOptions = {
      plan: result,
      desired,
      observed,
      probes,
      cloud,
      rehearse: how.rehearse,
      signal: io.signal,
    }
    return { plan: checker.withChecks(result, await checker.runChecks(checking)), observed, cloud }
  } catch (error) {
    cloud.close()
    throw error
  }
}

/**
 * Every region of the placements and of `scopes`, and, unless a selection says what the run is about, those that only
 * have orphans.
 */
async function readWorld(
  io: Io,
  { stack }: Desired,
  cloud: ReadingCloud,
  placements: readonly DesiredPlacement[],
  more: { readonly everywhere: boolean; readonly scopes: readonly Scope[] },
): Promise<Observed> {
  const { signal } = io
  const accounts = stack.accounts.map((a) => a.name)
  const named = more.scopes.filter((s) => accounts.includes(s.account))
  const reading = observe({ reader: cloud, clock: io.clock, placements, scopes: named, signal })
  if (!more.everywhere || !stack.provenance.tags) return reading
  const [read, owned] = await Promise.all([
    reading,
    ownedScopes({ reader: cloud, accounts, stackId: stack.id, listed: reading, signal }),
  ])
  for (const failure of owned.failures) {
    const where = failure.account === undefined ? "" : ` of account ${failure.account}`
    io.stderr.write(
      `Images in regions${where} that no manifest lists were not looked for: ${failure.code}.\n`,
    )
  }
  const known = new Set(read.scopes.map(scopeKey))
  const scopes = owned.scopes.filter((s) => !known.has(scopeKey(s)))
  if (scopes.length === 0) return read
  const beyond = await observe({ reader: cloud, clock: io.clock, placements: [], scopes, signal })
  return { ...read, scopes: [...read.scopes, ...beyond.scopes] }
}

function probing(
  io: Io,
  placements: readonly DesiredPlacement[],
  cloud: SourceSigner,
  endpoint: string | undefined,
): Omit<check.ProbeOptions, "fetch"> {
  const cosEndpoint = cosEndpointOf(io, endpoint)
  return {
    placements,
    sign: cloud.sourceUrl,
    clock: io.clock,
    signal: io.signal,
    ...(cosEndpoint === undefined ? {} : { cosEndpoint }),
  }
}

/** The store that stands in for COS, if there is one. */
export function cosEndpointOf(io: Io, endpoint: string | undefined): string | undefined {
  return io.env.CVMIMG_COS_ENDPOINT ?? storeBeside(endpoint ?? io.env.CVMIMG_ENDPOINT)
}

/** Where an API on this machine is called, the real COS is none of its business: the emulator has a store of its own. */
function storeBeside(endpoint: string | undefined): string | undefined {
  return endpoint !== undefined && /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(endpoint)
    ? `${endpoint.replace(/\/+$/, "")}/cos`
    : undefined
}
