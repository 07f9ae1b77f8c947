/** What changed between a report and what was known before it. Pure. */
import type {
  DriftMemory,
  DriftNews,
  DriftReport,
  DriftRow,
  DriftVerdict,
  Finding,
  LastSeen,
  NewsItem,
  OpenFinding,
} from "../model/drift.ts"
import { comparePlacements, compareText, placementKey, scopeKey } from "../model/placement.ts"
import { canonical } from "./fingerprint.ts"

/** News for whoever was told `memory` last; undefined: nobody was told anything. Only findings that count are news. */
export function driftNews(report: DriftReport, memory?: DriftMemory): DriftNews {
  const counts = (verdict: string): boolean => (report.failOn as readonly string[]).includes(verdict)
  const rows = rowsByKey(report)
  const before = new Map((memory?.open ?? []).map((one) => [findingKey(one), one]))
  const fresh: NewsItem[] = []
  const unchanged: NewsItem[] = []
  for (const [key, row] of rows) {
    if (!counts(row.verdict)) continue
    const old = before.get(key)
    const same = old !== undefined && counts(old.verdict) && signature(old) === signature(row)
    const since = sinceOf(row, old, report.at)
    if (same) unchanged.push(itemOf(row, since, old.verdict))
    else fresh.push(itemOf(row, since, old !== undefined && counts(old.verdict) ? old.verdict : undefined))
  }
  const healed: NewsItem[] = []
  for (const [key, old] of before) {
    if (!counts(old.verdict)) continue
    const row = rows.get(key)
    if (row !== undefined && counts(row.verdict)) continue
    if (isOpenStill(report, old, row)) unchanged.push({ ...old, before: old.verdict })
    else if (row !== undefined || report.notConsidered === 0) {
      const { verdict, ...rest } = old
      healed.push({ ...rest, before: verdict, ...(row === undefined ? {} : { verdict: row.verdict }) })
    }
  }
  return {
    ...(memory === undefined ? {} : { last: memory.at }),
    new: fresh.sort(compareItems),
    healed: healed.sort(compareItems),
    unchanged: unchanged.sort(compareItems),
  }
}

/** What is to be remembered of a report. What it could not look at is remembered as it was. */
export function remember(report: DriftReport, memory?: DriftMemory): DriftMemory {
  const rows = rowsByKey(report)
  const before = new Map((memory?.open ?? []).map((one) => [findingKey(one), one]))
  const open: OpenFinding[] = []
  for (const [key, row] of rows) {
    const old = before.get(key)
    if (isOpenStill(report, old, row)) open.push(...(old === undefined ? [] : [old]))
    else if (row.verdict !== "in_sync") {
      const { image, account, region, imageId, verdict, reasons, changes } = row
      const id = imageId === undefined ? {} : { imageId }
      const since = sinceOf(row, old, report.at)
      open.push({ image, account, region, ...id, verdict, reasons, changes, since })
    }
  }
  for (const [key, old] of before) {
    if (rows.has(key)) continue
    if (report.notConsidered > 0 || isOpenStill(report, old, undefined)) open.push(old)
  }
  return { at: report.at, open: open.sort(compareItems) }
}

/** The rows with the time since when each has been as it is. */
export function withSince(report: DriftReport, memory?: DriftMemory): DriftReport {
  const before = new Map((memory?.open ?? []).map((one) => [findingKey(one), one]))
  const placements = report.placements.map((row) =>
    row.verdict === "in_sync" ? row : { ...row, since: sinceOf(row, before.get(findingKey(row)), report.at) },
  )
  return { ...report, placements }
}

/** Images of ours that stand in placements, and those that stood where nothing stands or nothing could be seen now. */
export function lastSeenIn(report: DriftReport, before: readonly LastSeen[]): readonly LastSeen[] {
  const old = new Map(before.map((one) => [placementKey(one), one]))
  const seen = new Map<string, LastSeen>(report.notConsidered > 0 ? old : [])
  for (const row of report.placements) {
    if (row.verdict === "orphan" || row.reasons.includes("orphaned")) continue
    const key = placementKey(row)
    const known = old.get(key)
    const { image, account, region, imageId } = row
    // What a rule accepts as a whole may be anything.
    const any = row.ignored?.some(({ change }) => change === undefined) === true
    if (imageId !== undefined && !any && isOurs(row))
      seen.set(key, { image, account, region, imageId, at: report.at })
    else if (known !== undefined && row.verdict !== "unmanaged") seen.set(key, known)
  }
  return [...seen.values()].sort(comparePlacements)
}

/** Whether the image of the row is known to be one of ours that is of use. */
function isOurs({ verdict, reasons }: DriftRow): boolean {
  if (verdict !== "in_sync" && verdict !== "pending" && verdict !== "drifted") return false
  const others = ["unmanaged", "adopt_requested", "released", "missing", "gone", "unmarked"]
  return !reasons.some((reason) => others.includes(reason.split(":", 1)[0] ?? ""))
}

/** Under way, or not to be seen: nobody can say that it healed. */
function isOpenStill(report: DriftReport, old: OpenFinding | undefined, row: DriftRow | undefined): boolean {
  if (old === undefined) return false
  if (row !== undefined) return row.verdict === "unknown" || row.verdict === "in_progress"
  return (
    report.unread.some((scope) => scopeKey(scope) === scopeKey(old)) ||
    report.notices.some(
      (n) => n.code === "not_observed" && n.account === old.account && n.region === old.region,
    )
  )
}

/** As long as the verdict stays, a finding is as old as it was. */
function sinceOf(row: DriftRow, old: OpenFinding | undefined, at: number): number {
  return old !== undefined && old.verdict === row.verdict ? old.since : at
}

/** Rows by what stays of them from run to run; of an orphan its image. */
function rowsByKey({ placements }: DriftReport): Map<string, DriftRow> {
  return new Map(placements.map((row) => [findingKey(row), row]))
}

function findingKey(one: DriftRow | OpenFinding): string {
  const orphan =
    one.reasons.includes("orphaned") || ("ignored" in one && one.ignored?.[0]?.verdict === "orphan")
  return orphan ? `${placementKey(one)}\u0000${one.imageId ?? ""}` : placementKey(one)
}

/** What makes a finding another one. */
function signature(
  one: { readonly verdict: DriftVerdict } & Pick<OpenFinding, "reasons" | "changes" | "imageId">,
): string {
  return canonical([
    one.verdict,
    one.imageId ?? null,
    [...one.reasons].sort(compareText),
    one.changes.map(({ field, before, after }) => [field, before, after]),
  ])
}

function itemOf(row: DriftRow, since: number, before: Finding | undefined): NewsItem {
  const { image, account, region, imageId, verdict, reasons, changes } = row
  return {
    image,
    account,
    region,
    ...(imageId === undefined ? {} : { imageId }),
    verdict,
    ...(before === undefined ? {} : { before }),
    reasons,
    changes,
    since,
  }
}

function compareItems(a: NewsItem | OpenFinding, b: NewsItem | OpenFinding): number {
  return comparePlacements(a, b) || compareText(a.imageId ?? "", b.imageId ?? "")
}
