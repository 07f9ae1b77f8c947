/** KEYS, NETWORK, RIGHTS -> FINDINGS: asks what can be asked without changing anything, and never stops at the first. */
import { toFailure } from "../cloud/failure.ts"
import type { CloudReader, CloudRehearser, Examiner, Reached } from "../cloud/port.ts"
import type { Clock } from "../model/clock.ts"
import type { DesiredPlacement } from "../model/desired.ts"
import type { Finding } from "../model/doctor.ts"
import { compareText, type Scope } from "../model/placement.ts"
import { examineRights, lacksRight, refusedBy, untestable } from "./rights.ts"

export { policyFor } from "./policy.ts"

/** Reads and rehearsals: no type here can change anything. */
export type Examined = CloudReader & CloudRehearser & Examiner

export interface ExamineOptions {
  readonly cloud: Examined
  /** Names of the accounts. */
  readonly accounts: readonly string[]
  /** Accounts and regions in which rights are looked at. */
  readonly scopes: readonly Scope[]
  /** Of manifests that are valid; what is rehearsed is taken from them. */
  readonly placements: readonly DesiredPlacement[]
  readonly stackId: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Everything that only the service and the credentials can tell. Rejects only with the signal's reason. */
export async function examine(options: ExamineOptions): Promise<Finding[]> {
  const network = await examineNetwork(options)
  const offline = network.every((finding) => finding.check !== "network" || finding.status === "error")
  const accounts = await Promise.all(
    options.accounts.map((account) => examineAccount(options, account, offline)),
  )
  return [...network, ...accounts.flat()]
}

/** Regions that have a host of their own are reached by themselves; all others share one. */
async function examineNetwork({ cloud, scopes, signal }: ExamineOptions): Promise<Finding[]> {
  const own = [...new Set(scopes.map((s) => s.region).filter((region) => region.endsWith("-fsi")))].sort(
    compareText,
  )
  const common = own.length === 0 || scopes.some((s) => !s.region.endsWith("-fsi")) ? [undefined] : []
  const found = await Promise.all(
    [...common, ...own].map(async (region): Promise<Finding[]> => {
      const about = region === undefined ? {} : { region }
      try {
        const reached = await cloud.reach(region, { signal })
        return [networkFinding(reached, about), clockFinding(reached, about)]
      } catch (error) {
        signal.throwIfAborted()
        return [{ check: "network", ...about, ...refusedBy(toFailure(error), "error") }]
      }
    }),
  )
  return found.flat()
}

function networkFinding({ host, tookMs, proxy }: Reached, about: { readonly region?: string }): Finding {
  const through = proxy === undefined ? "" : ` through the proxy ${proxy}`
  const message = `${host} answers${through}`
  return { check: "network", ...about, status: "ok", message, tookMs: Math.round(tookMs) }
}

/** Half of what signatures allow. */
const CLOCK_MS = 150_000

function clockFinding({ aheadMs }: Reached, about: { readonly region?: string }): Finding {
  if (aheadMs === undefined) {
    return { check: "clock", ...about, status: "skipped", message: "the answer tells no time" }
  }
  const seconds = Math.round(Math.abs(aheadMs) / 1_000)
  const message =
    seconds < 2 ? "as the service's" : `${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} the service's`
  if (Math.abs(aheadMs) < CLOCK_MS) return { check: "clock", ...about, status: "ok", message }
  const advice =
    "set this machine's clock; cvmimg takes the service's time where a signature is refused for it"
  return { check: "clock", ...about, status: "warning", message, advice }
}

async function examineAccount(
  options: ExamineOptions,
  account: string,
  offline: boolean,
): Promise<Finding[]> {
  const { cloud, clock, signal } = options
  const found: Finding[] = []
  const skip = (why: string): Finding[] => [
    ...found,
    { check: "right", account, status: "skipped", message: `not looked at: ${why}` },
  ]
  try {
    const { origin, keyId, temporary, expiresAt } = await cloud.credentialsOf(account, { signal })
    const left =
      expiresAt === undefined
        ? ""
        : `, for another ${Math.max(0, Math.round((expiresAt - clock.now()) / 60_000))} min`
    const message = `${keyId}, from ${origin}${temporary ? `; temporary${left}` : ""}`
    found.push({ check: "credentials", account, status: "ok", message })
  } catch (error) {
    signal.throwIfAborted()
    found.push({ check: "credentials", account, ...refusedBy(toFailure(error), "error") })
    return skip("there are no credentials")
  }
  if (offline) return skip("the service is not reached")
  try {
    const { accountId, arn } = await cloud.callerIdentity(account, { signal })
    found.push({ check: "account", account, status: "ok", message: `root account ${accountId}, as ${arn}` })
  } catch (error) {
    signal.throwIfAborted()
    const failure = toFailure(error)
    // Who may not ask who he is may still do everything else.
    found.push({
      check: "account",
      account,
      ...refusedBy(failure, lacksRight(failure) ? "warning" : "error"),
    })
    if (!lacksRight(failure)) return skip("the service does not take the keys, or does not answer")
  }
  const scopes = options.scopes.filter((scope) => scope.account === account)
  const rights = await Promise.all([
    ...scopes.map((scope) =>
      examineRights({
        cloud,
        scope,
        placements: options.placements.filter((p) => p.account === account && p.region === scope.region),
        now: () => clock.monotonic(),
        signal,
      }),
    ),
    ownedRights(options, account),
  ])
  const none: Finding[] =
    scopes.length > 0
      ? []
      : [{ check: "right", account, status: "skipped", message: "no region is named: say --region" }]
  return [...found, ...none, ...rights.flat(), ...untestable(account)]
}

async function ownedRights(options: ExamineOptions, account: string): Promise<Finding[]> {
  const { cloud, stackId, signal } = options
  return [
    await tagRight(
      options,
      account,
      "tag:GetResources",
      "without it orphans are found only in regions that manifests list.",
      async () => (await cloud.listOwned(account, stackId, { signal })).length,
    ),
    await tagRight(
      options,
      account,
      "tag:DescribeResourcesByTags",
      "without it stacks of more than 200 images take more calls, and nothing else changes.",
      () => cloud.countOwned(account, stackId, { signal }),
    ),
  ]
}

async function tagRight(
  { signal }: ExamineOptions,
  account: string,
  subject: string,
  without: string,
  count: () => Promise<number>,
): Promise<Finding> {
  const about = { check: "right", subject, account } as const
  try {
    return { ...about, status: "ok", message: `may be called: ${await count()} images carry the stack's tag` }
  } catch (error) {
    signal.throwIfAborted()
    const finding = refusedBy(toFailure(error), "warning")
    return { ...about, ...finding, advice: `${without} ${finding.advice}` }
  }
}
