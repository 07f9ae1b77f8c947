import { compareText } from "../model/placement.ts"
import type { Account, ApplySettings, AssumeRole, DriftIgnore, Limit, Safety, Stack } from "../model/stack.ts"
import { durationMs } from "./duration.ts"
import { stackIdOf } from "./identity.ts"
import type { StackAccount, StackDrift, StackManifest, StackMetadata, StackSpec } from "./manifest.gen.ts"
import { below, dictionary, type MapNode, mapBelow, positionOf, type Spot } from "./tree.ts"
import type { Checked } from "./validate.ts"

/** The Stack, and what of its text the images need. */
export interface StackContext {
  readonly stack: Stack
  readonly accounts: ReadonlyMap<string, Account>
  /** The list of an account's regions. */
  readonly regionLists: ReadonlyMap<string, Spot>
  /** `spec.defaults` without its regions, which rank below those of accounts. */
  readonly defaults: MapNode | undefined
  readonly defaultRegions: readonly string[] | undefined
  /** Paths of the Stack that are wrong; what depends on them cannot be judged. */
  readonly broken: ReadonlySet<string>
  readonly tree: MapNode
}

const DAY_MS = 86_400_000

const DEFAULT_ACCOUNT: Account = { name: "default", vars: {} }

/** The Stack with the format's defaults filled in. */
export function resolveStack(checked: Checked): StackContext {
  const { tree, broken } = checked
  const value = checked.value as Partial<StackManifest>
  const metadata: Partial<StackMetadata> = value.metadata ?? {}
  const spec: StackSpec = value.spec ?? {}
  const name = metadata.name ?? ""
  const accounts = accountsOf(spec.accounts)
  const regionLists = new Map<string, Spot>()
  for (const { name: account } of accounts) {
    const list = below(tree, "spec", "accounts", account, "regions")
    if (list !== undefined) regionLists.set(account, list)
  }
  const stack: Stack = {
    name,
    id: metadata.id ?? stackIdOf(name),
    site: spec.site ?? "intl",
    accounts,
    safety: safetyOf(spec),
    prune: { orphans: spec.prune?.orphans ?? "keep" },
    provenance: { tags: spec.provenance?.tags ?? true },
    apply: applyOf(spec),
    ...(spec.drift?.ignore === undefined ? {} : { driftIgnore: ignoresOf(spec.drift.ignore, tree) }),
    at: positionOf(below(tree, "metadata", "name") ?? tree),
  }
  return {
    stack,
    accounts: new Map(accounts.map((a) => [a.name, a])),
    regionLists,
    defaults: mapBelow(tree, "spec", "defaults"),
    defaultRegions: spec.defaults?.regions,
    broken,
    tree,
  }
}

function ignoresOf(rules: NonNullable<StackDrift["ignore"]>, tree: MapNode): DriftIgnore[] {
  const list = below(tree, "spec", "drift", "ignore")
  const spots = list?.kind === "list" ? list.items : []
  return rules.map((rule, i) => ({
    ...rule,
    ...(rule.until === undefined ? {} : { endsAt: Date.parse(`${rule.until}T00:00:00Z`) + DAY_MS }),
    at: positionOf(spots[i] ?? tree),
  }))
}

function accountsOf(accounts: StackSpec["accounts"]): Account[] {
  const named = Object.entries(accounts ?? {})
  if (named.length === 0) return [DEFAULT_ACCOUNT]
  return named.map(([name, account]) => accountOf(name, account)).sort((a, b) => compareText(a.name, b.name))
}

function accountOf(name: string, { vars, profile, assumeRole, regions }: StackAccount): Account {
  return {
    name,
    vars: dictionary(vars),
    ...(profile === undefined ? {} : { profile }),
    ...(assumeRole?.arn === undefined ? {} : { assumeRole: roleOf(assumeRole) }),
    ...(regions === undefined ? {} : { regions }),
  }
}

function roleOf({ arn, sessionName, externalId }: AssumeRole): AssumeRole {
  return {
    arn,
    ...(sessionName === undefined ? {} : { sessionName }),
    ...(externalId === undefined ? {} : { externalId }),
  }
}

function safetyOf({ safety }: StackSpec): Safety {
  return {
    maxDeletes: limitOf(safety?.maxDeletes, 0),
    maxReplaces: limitOf(safety?.maxReplaces, 2),
    maxFamilyMoves: limitOf(safety?.maxFamilyMoves, 5),
    maxDeprecates: limitOf(safety?.maxDeprecates, 10),
  }
}

function limitOf(written: number | string | undefined, otherwise: number): Limit {
  if (typeof written === "string") return { percent: Number.parseInt(written, 10) }
  return { count: written ?? otherwise }
}

function applyOf({ apply }: StackSpec): ApplySettings {
  return {
    concurrency: apply?.concurrency ?? 10,
    ...(apply?.maxImporting === undefined ? {} : { maxImporting: apply.maxImporting }),
    importTimeoutMs: durationMs(apply?.importTimeout ?? "2h") ?? 7_200_000,
    visibilityWindowMs: durationMs(apply?.visibilityWindow ?? "30m") ?? 1_800_000,
  }
}
