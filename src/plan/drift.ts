/**
 * drift(desired, observed, plan) -> DriftReport. Pure: a plan's reading side as a verdict for each placement, and for
 * each orphan. The plan must have been made of the same values, without pruning and without retries.
 */
import type { Desired, DesiredPlacement } from "../model/desired.ts"
import {
  type Accepted,
  type DriftNotice,
  type DriftReport,
  type DriftRow,
  type DriftVerdict,
  type Finding,
  type LastSeen,
  VERDICTS,
} from "../model/drift.ts"
import type { Observed } from "../model/observed.ts"
import { comparePlacements, compareText, type Placement, placementKey, scopeKey } from "../model/placement.ts"
import type { Action, Plan } from "../model/plan.ts"
import { IMAGE_TAG } from "../model/provenance.ts"
import { type Case, changesOf, type Judged, judge } from "./drift-judge.ts"
import { accepted, type Rules, rulesOf } from "./drift-rules.ts"
import { specHash } from "./fingerprint.ts"
import { lineagesByScope } from "./lineage.ts"
import { indexRegion, type RegionIndex } from "./region.ts"

export interface DriftOptions {
  /** Verdicts that count beside `drifted` and `failed`. */
  readonly failOn?: readonly Finding[]
  /** Images of ours as an earlier report or a journal knew them; of several of one placement the latest counts. */
  readonly seen?: readonly LastSeen[]
  /** Placements whose import is done, and of which steps are left. */
  readonly unfinished?: readonly Placement[]
  /** Source objects were looked at, so that one that is not in `observed.sources` could not be read. */
  readonly sourcesAsked?: boolean
}

/** How the cloud and the manifests stand to each other. */
export function drift(
  desired: Desired,
  observed: Observed,
  plan: Plan,
  options: DriftOptions = {},
): DriftReport {
  const { stack } = desired
  const rules = rulesOf(stack.driftIgnore ?? [], observed.at)
  const lineages = lineagesByScope(desired.placements)
  const regions = new Map<string, RegionIndex>(
    observed.scopes.flatMap((s) =>
      "images" in s
        ? [[scopeKey(s), indexRegion(s.images, stack.id, lineages.get(scopeKey(s)))] as const]
        : [],
    ),
  )
  const caseOf = cases(desired, observed, regions, options)
  const rows = [
    ...byPlacement(plan.actions).map((actions) => rowOf(actions, caseOf, rules)),
    ...orphans(desired, plan, regions, rules),
  ].sort(compareRows)
  const whole = plan.notConsidered === 0 && !rows.some(({ verdict }) => verdict === "unknown")
  return {
    formatVersion: 1,
    stack: stack.name,
    stackId: stack.id,
    at: observed.at,
    failOn: failOnOf(options.failOn ?? []),
    summary: summarise(rows),
    ignored: rows.reduce((sum, row) => sum + (row.ignored?.length ?? 0), 0),
    placements: rows,
    notices: [
      ...rules.notices(whole),
      ...planNotices(plan),
      ...(options.sourcesAsked === true ? unreadSources(desired, observed, plan) : []),
    ],
    unread: unreadOf(rows),
    notConsidered: plan.notConsidered,
  }
}

/** Whether the report has what makes a run fail. */
export function isDrift(report: DriftReport): boolean {
  return report.failOn.some((verdict) => report.summary[verdict] > 0)
}

function failOnOf(more: readonly Finding[]): Finding[] {
  const all = new Set<DriftVerdict>(["drifted", "failed", ...more])
  return verdicts().filter((v): v is Finding => v !== "in_sync" && all.has(v))
}

function verdicts(): DriftVerdict[] {
  return Object.keys(VERDICTS) as DriftVerdict[]
}

function summarise(rows: readonly DriftRow[]): Record<DriftVerdict, number> {
  const summary = Object.fromEntries(verdicts().map((v) => [v, 0])) as Record<DriftVerdict, number>
  for (const { verdict } of rows) summary[verdict] += 1
  return summary
}

/** Actions of one placement together, what is retired beside it last. */
function byPlacement(actions: readonly Action[]): Action[][] {
  const found = new Map<string, Action[]>()
  for (const action of actions) {
    const key = placementKey(action)
    found.set(key, [...(found.get(key) ?? []), action])
  }
  return [...found.values()]
}

/** What is known of a placement, looked up once for all. */
function cases(
  desired: Desired,
  observed: Observed,
  regions: ReadonlyMap<string, RegionIndex>,
  options: DriftOptions,
): (p: Placement) => Case | undefined {
  const placements = new Map(desired.placements.map((p) => [placementKey(p), p]))
  const unfinished = new Set((options.unfinished ?? []).map(placementKey))
  const seen = new Map<string, LastSeen>()
  for (const one of options.seen ?? []) {
    const known = seen.get(placementKey(one))
    if (known === undefined || isLater(one, known)) seen.set(placementKey(one), one)
  }
  const none = indexRegion([], desired.stack.id)
  return (of) => {
    const key = placementKey(of)
    const placement = placements.get(key)
    if (placement === undefined) return undefined
    const source = observed.sources?.[placement.source.url]
    const last = seen.get(key)
    return {
      placement,
      spec: specHash(placement),
      region: regions.get(scopeKey(placement)) ?? none,
      observedAt: observed.at,
      unfinished: unfinished.has(key),
      ...(source === undefined ? {} : { seen: source }),
      ...(last === undefined ? {} : { last }),
    }
  }
}

function isLater(a: LastSeen, b: LastSeen): boolean {
  return a.at > b.at || (a.at === b.at && a.imageId > b.imageId)
}

function rowOf(
  actions: readonly Action[],
  caseOf: (p: Placement) => Case | undefined,
  rules: Rules,
): DriftRow {
  const [action] = actions
  const c = action === undefined ? undefined : caseOf(action)
  if (action === undefined || c === undefined) throw new RangeError("a plan of other manifests")
  const place = { image: action.image, account: action.account, region: action.region }
  const fieldRule = (field: string) => rules.find(place, field)
  const plain = withLeftovers(
    judge(c, action, () => false),
    actions,
  )
  if (!canBeAccepted(plain.verdict)) {
    const rule = rules.find(place)
    if (rule !== undefined && plain.verdict !== "in_sync") rules.use(rule)
    return { ...place, ...plain, manifest: action.manifest }
  }
  const was = plain.verdict as Finding
  const ignored: Accepted[] = []
  for (const change of changesOf(c, action)) {
    const rule = fieldRule(change.field)
    if (rule === undefined) continue
    rules.use(rule)
    ignored.push(accepted(rule, was, change))
  }
  const all = rules.find(place)
  if (all !== undefined) {
    rules.use(all)
    if (ignored.length === 0) ignored.push(accepted(all, was))
  }
  if (ignored.length === 0) return { ...place, ...plain, manifest: action.manifest }
  const rest = judge(c, action, (field) => fieldRule(field) !== undefined)
  const emptied = rest.changes.length === 0 && changesOf(c, action).length > 0
  const judged =
    all !== undefined || emptied
      ? withLeftovers(inSync(rest), all === undefined ? actions : [])
      : withLeftovers(rest, actions)
  return { ...place, ...judged, ignored, manifest: action.manifest }
}

/** What passes by itself, or says nothing, needs no rule. */
function canBeAccepted(verdict: DriftVerdict): boolean {
  return verdict !== "in_sync" && verdict !== "in_progress" && verdict !== "unknown"
}

function inSync({ imageId }: Judged): Judged {
  return {
    verdict: "in_sync",
    reasons: ["in_sync"],
    changes: [],
    ...(imageId === undefined ? {} : { imageId }),
  }
}

/** Leftovers beside a placement that is as it should be are something that an apply would still do. */
function withLeftovers(judged: Judged, actions: readonly Action[]): Judged {
  const beside = actions.slice(1)
  if (beside.length === 0) return judged
  const reasons = [...new Set(beside.flatMap((a) => a.reasons))]
  if (judged.verdict !== "in_sync") return { ...judged, reasons: [...judged.reasons, ...reasons] }
  return { ...judged, verdict: "pending", reasons }
}

/** Images of this stack that no manifest asks for. What is retired already, as the stack wants it, is none. */
function orphans(
  { stack }: Desired,
  plan: Plan,
  regions: ReadonlyMap<string, RegionIndex>,
  rules: Rules,
): DriftRow[] {
  return plan.notices.flatMap(({ code, account, region, imageId }): DriftRow[] => {
    if (code !== "orphaned" || account === undefined || region === undefined || imageId === undefined)
      return []
    const found = regions.get(scopeKey({ account, region }))?.byId.get(imageId)
    if (found === undefined) return []
    const { tags, name } = found.image
    const row: DriftRow = {
      image: tags[IMAGE_TAG] ?? name,
      account,
      region,
      verdict: "orphan",
      reasons: ["orphaned"],
      changes: [],
      imageId,
      manifest: stack.at,
    }
    const rule = rules.find(row)
    if (rule === undefined) return [row]
    rules.use(rule)
    return [{ ...row, verdict: "in_sync", ignored: [accepted(rule, "orphan")] }]
  })
}

function planNotices({ notices }: Plan): DriftNotice[] {
  return notices.flatMap(({ code, message, account, region, imageId }): DriftNotice[] =>
    code !== "over_retention" && code !== "not_observed"
      ? []
      : [
          {
            code,
            message,
            ...(account === undefined ? {} : { account }),
            ...(region === undefined ? {} : { region }),
            ...(imageId === undefined ? {} : { imageId }),
          },
        ],
  )
}

/** One notice an image: its regions mostly fail together. */
function unreadSources(desired: Desired, observed: Observed, plan: Plan): DriftNotice[] {
  const considered = new Set(plan.actions.map(placementKey))
  const regions = new Map<string, DesiredPlacement[]>()
  for (const p of desired.placements) {
    if (!considered.has(placementKey(p)) || observed.sources?.[p.source.url] !== undefined) continue
    regions.set(p.image, [...(regions.get(p.image) ?? []), p])
  }
  return [...regions]
    .sort(([a], [b]) => compareText(a, b))
    .map(([image, placements]) => ({
      code: "source_unread",
      message: `the source of ${image} could not be read for ${[...new Set(placements.map((p) => p.region))].sort(compareText).join(", ")}: a change of the object would not be seen`,
      ...(placements[0] === undefined ? {} : { manifest: placements[0].at }),
    }))
}

function unreadOf(rows: readonly DriftRow[]): DriftReport["unread"] {
  const found = new Map<string, DriftReport["unread"][number]>()
  for (const { account, region, verdict, failure } of rows) {
    if (verdict !== "unknown") continue
    found.set(scopeKey({ account, region }), { account, region, code: failure?.code ?? "not_observed" })
  }
  return [...found].sort(([a], [b]) => compareText(a, b)).map(([, unread]) => unread)
}

function compareRows(a: DriftRow, b: DriftRow): number {
  return comparePlacements(a, b) || compareText(a.imageId ?? "", b.imageId ?? "")
}
