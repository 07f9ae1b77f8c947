/** The Stack itself: whose images they are, in which accounts, and how much may happen in one run. */
import { compareText } from "../model/placement.ts"
import type { FieldValue } from "../model/plan.ts"
import type { ReviewImpact, RiskCode } from "../model/review.ts"
import type { Account, DriftIgnore, Limit, Stack } from "../model/stack.ts"
import { equal } from "./fields.ts"

/** A setting that differs; `field` is its path below the document. */
export interface Setting {
  readonly field: string
  readonly before: FieldValue
  readonly after: FieldValue
  readonly impact: ReviewImpact
  readonly risks: readonly RiskCode[]
}

/** Every setting that differs but the defaults, which show in the images that they reach. */
export function stackSettings(before: Stack, after: Stack): Setting[] {
  const found: Setting[] = []
  const put = (field: string, old: FieldValue, now: FieldValue, risks: readonly RiskCode[]): void => {
    if (!equal(old, now)) found.push({ field, before: old, after: now, impact: "policy", risks })
  }
  put("metadata.name", before.name, after.name, [])
  put("metadata.id", before.id, after.id, ["owner_changed"])
  put("spec.site", before.site, after.site, ["site_changed"])
  accounts(before.accounts, after.accounts, put)
  for (const name of ["maxDeletes", "maxReplaces", "maxFamilyMoves", "maxDeprecates"] as const) {
    const [old, now] = [before.safety[name], after.safety[name]]
    put(`spec.safety.${name}`, limitText(old), limitText(now), [
      isRaised(old, now) ? "limit_raised" : "limit_lowered",
    ])
  }
  const { orphans } = after.prune
  const pruned = { keep: "setting_relaxed", deprecate: "prune_deprecate", delete: "prune_delete" } as const
  const milder = orphans === "deprecate" && before.prune.orphans === "delete"
  put("spec.prune.orphans", before.prune.orphans, orphans, [milder ? "setting_relaxed" : pruned[orphans]])
  const { tags } = after.provenance
  put("spec.provenance.tags", before.provenance.tags, tags, [tags ? "setting_relaxed" : "marks_off"])
  const [old, now] = [before.apply, after.apply]
  put("spec.apply.concurrency", old.concurrency, now.concurrency, ["apply_changed"])
  put("spec.apply.maxImporting", old.maxImporting ?? null, now.maxImporting ?? null, ["apply_changed"])
  put("spec.apply.importTimeout", seconds(old.importTimeoutMs), seconds(now.importTimeoutMs), [
    "apply_changed",
  ])
  put("spec.apply.visibilityWindow", seconds(old.visibilityWindowMs), seconds(now.visibilityWindowMs), [
    "apply_changed",
  ])
  const ignored = (stack: Stack): string[] => (stack.driftIgnore ?? []).map(ignoreText).sort(compareText)
  const [once, then] = [ignored(before), ignored(after)]
  const more = then.some((text) => !once.includes(text))
  put("spec.drift.ignore", once, then, [more ? "drift_ignored" : "setting_relaxed"])
  return found
}

type Put = (field: string, old: FieldValue, now: FieldValue, risks: readonly RiskCode[]) => void

function accounts(before: readonly Account[], after: readonly Account[], put: Put): void {
  const [old, now] = [before, after].map((list) => new Map(list.map((a) => [a.name, a])))
  const names = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])
  for (const name of Array.from(names).sort(compareText)) {
    const [was, is] = [old?.get(name), now?.get(name)]
    const path = `spec.accounts.${name}`
    if (was === undefined) put(path, null, identityText(is), ["account_added"])
    else if (is === undefined) put(path, identityText(was), null, ["account_removed"])
    else {
      put(`${path}.profile`, was.profile ?? null, is.profile ?? null, ["account_changed"])
      const [role, now] = [roleText(was), roleText(is)]
      // An external id is shared between two parties: that there is another one is all that is shown.
      const another = role === now && was.assumeRole?.externalId !== is.assumeRole?.externalId
      put(`${path}.assumeRole`, role, another ? `${now}, another one` : now, ["account_changed"])
      put(`${path}.regions`, was.regions ?? null, is.regions ?? null, ["regions_changed"])
      const keys = new Set([...Object.keys(was.vars), ...Object.keys(is.vars)])
      for (const key of Array.from(keys).sort(compareText)) {
        put(`${path}.vars.${key}`, was.vars[key] ?? null, is.vars[key] ?? null, ["variables_changed"])
      }
    }
  }
}

function identityText(account: Account | undefined): string {
  if (account === undefined) return ""
  const role = roleText(account)
  const parts = [
    account.profile === undefined ? "" : `profile ${account.profile}`,
    role === null ? "" : `role ${role}`,
  ].filter((part) => part !== "")
  return parts.length === 0 ? "the standard credential chain" : parts.join(", ")
}

function roleText({ assumeRole }: Account): string | null {
  if (assumeRole === undefined) return null
  const { arn, sessionName, externalId } = assumeRole
  const session = sessionName === undefined ? "" : ` as ${sessionName}`
  return `${arn}${session}${externalId === undefined ? "" : ", with an external id"}`
}

function limitText(limit: Limit): FieldValue {
  return "percent" in limit ? `${limit.percent}%` : limit.count
}

/** A number and a share cannot be compared without the fleet: that counts as raised, but for none at all. */
function isRaised(old: Limit, now: Limit): boolean {
  if ("percent" in now) return now.percent > 0 && !("percent" in old && now.percent <= old.percent)
  if ("percent" in old) return now.count > 0
  return now.count > old.count
}

function seconds(ms: number): string {
  return `${ms / 1000}s`
}

function ignoreText({ image, region, field, reason, until }: DriftIgnore): string {
  const what = [image, region, field].map((part) => part ?? "*").join(" ")
  return `${what}: ${reason}${until === undefined ? "" : ` (until ${until})`}`
}
