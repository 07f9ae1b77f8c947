/** What moved between two plans, for people and for machines. */
import type { SourceDifference, Stale } from "../model/approval.ts"
import { hang } from "./fit.ts"
import { jsonText } from "./json.ts"
import {
  gap,
  type Line,
  type Paper,
  padEnd,
  padStart,
  paint,
  paper,
  span,
  type TextOptions,
  type Tone,
  textWidth,
} from "./line.ts"
import {
  type ComparedAction,
  type ComparedPlan,
  comparePlans,
  type MovedAction,
  type MovedChange,
  type PlanDifference,
} from "./plan-compare.ts"
import { movedChangeShape, sideShape } from "./plan-diff-json.ts"
import { type DiffRow, diffRows } from "./plan-diff-rows.ts"
import { scopeText } from "./plan-groups.ts"
import { reasonsText } from "./reasons.ts"
import { type StaleAction, sourceRows, staleAction } from "./stale.ts"

const SIGNS = { added: "+", removed: "-", changed: "~" } as const
const TONES: Readonly<Record<MovedAction["moved"], Tone>> = {
  added: "add",
  removed: "remove",
  changed: "change",
}
const INDENT = 6

/** Actions that were added, removed or changed, what the summaries count differently, and a last line. */
export function renderPlanDiff(a: ComparedPlan, b: ComparedPlan, options: TextOptions): string {
  const on = paper(options)
  const difference = comparePlans(a, b)
  const lines: Line[] = [
    ...titleLines(a, b, difference, on),
    ...imageLines(difference.moved, on),
    ...summaryLines(difference, on),
    ...hang([], [span(countText(difference), "bold")], on.width),
  ]
  return paint(lines, options.color)
}

/** Approved actions that are not what would be done now, and what would be. */
export function renderStale(stale: readonly Stale[], options: TextOptions): string {
  const on = paper(options)
  const moved = stale.map(staleAction)
  const title = "Not done, since it is not what was approved (- approved, + now):"
  const lines: Line[] = [[], ...hang([], [span(title, "bold")], on.width), [], ...imageLines(moved, on)]
  return paint(lines.slice(0, -1), options.color)
}

function imageLines(moved: readonly (MovedAction & Partial<StaleAction>)[], on: Paper): Line[] {
  const accounts = new Set(moved.map((row) => row.account)).size > 1
  const scopes = Math.max(0, ...moved.map((row) => textWidth(span(scopeText(row, accounts)).text)))
  return Array.from(new Set(moved.map((row) => row.image))).flatMap((image) => [
    ...hang([], [span(image, "bold")], on.width),
    ...moved.filter((row) => row.image === image).flatMap((row) => movedLines(row, accounts, scopes, on)),
    [],
  ])
}

function titleLines(a: ComparedPlan, b: ComparedPlan, difference: PlanDifference, on: Paper): Line[] {
  const { sameFingerprint, moved } = difference
  const [old, now] = [a.fingerprint.slice(0, 12), b.fingerprint.slice(0, 12)]
  const stacks = a.stack === b.stack ? `stack ${a.stack}` : `stacks ${a.stack} and ${b.stack}`
  const one = moved.length === 0 ? `the same plan, ${old}` : `one fingerprint, ${old}`
  const text = sameFingerprint ? one : `plans ${old} -> ${now}`
  const head = `${stacks.charAt(0).toUpperCase()}${stacks.slice(1)}: ${text}`
  return [...hang([], [span(head)], on.width), []]
}

function movedLines(
  row: MovedAction & Partial<StaleAction>,
  accounts: boolean,
  scopes: number,
  on: Paper,
): Line[] {
  const tone = TONES[row.moved]
  const first: Line = [...padStart(span(SIGNS[row.moved], tone), 3), gap(1)]
  const { before, after } = row
  const body: Line = [
    ...padEnd(span(scopeText(row, accounts)), Math.min(scopes, Math.floor(on.width / 2))),
    gap(2),
    span(verbText(before, after), tone),
    ...(row.moved === "changed" ? [] : [gap(2), span(reasonsText((after ?? before)?.reasons ?? []))]),
  ]
  return [
    ...hang(first, body, on.width),
    ...(before === undefined || after === undefined
      ? []
      : insideLines(before, after, row.changes, row.sources ?? [], on)),
  ]
}

function verbText(before: ComparedAction | undefined, after: ComparedAction | undefined): string {
  const [old, now] = [before?.action, after?.action]
  return old === undefined || now === undefined || old === now ? (now ?? old ?? "") : `${old} -> ${now}`
}

function insideLines(
  before: ComparedAction,
  after: ComparedAction,
  changes: readonly MovedChange[],
  sources: readonly SourceDifference[],
  on: Paper,
): Line[] {
  const column = Math.min(22, Math.max(6, ...changes.map((c) => textWidth(span(c.field).text))))
  const rowLines = ({ sign, name, text }: DiffRow): Line[] => {
    const tone = sign === "+" ? "add" : "remove"
    const head: Line = [gap(INDENT), span(sign, tone), gap(1), ...padEnd(span(name, "dim"), column), gap(2)]
    return hang(head, [span(text)], on.width)
  }
  const lines = [
    ...diffRows(before, after, changes).flatMap(rowLines),
    ...sources.flatMap((source) => [
      ...hang([gap(INDENT + 2)], [span(`object ${source.url}`, "dim")], on.width),
      ...sourceRows(source).flatMap(rowLines),
    ]),
  ]
  if (lines.length > 0 || before.action !== after.action) return lines
  return rowLines({ sign: "+", name: "digest", text: "the same fields of another request" })
}

function summaryLines({ summary }: PlanDifference, on: Paper): Line[] {
  if (summary.length === 0) return []
  const texts = summary.map(({ action, before, after }) => `${action} ${before} -> ${after}`)
  return [...hang([span("Summary: ", "dim")], [span(texts.join(", "))], on.width), []]
}

function countText({ moved, unmoved }: PlanDifference): string {
  const count = (kind: MovedAction["moved"]): number => moved.filter((row) => row.moved === kind).length
  return `Plans: ${count("added")} added, ${count("removed")} removed, ${count("changed")} changed. ${unmoved} the same.`
}

/** The same for machines, with stable keys and sorted rows, a newline at the end. */
export function renderPlanDiffJson(a: ComparedPlan, b: ComparedPlan): string {
  const { sameFingerprint, moved, unmoved, summary } = comparePlans(a, b)
  return jsonText({
    formatVersion: 1,
    sameFingerprint,
    before: { stack: a.stack, fingerprint: a.fingerprint },
    after: { stack: b.stack, fingerprint: b.fingerprint },
    summary,
    moved: moved.map(({ image, account, region, moved: how, before, after, changes }) => ({
      image,
      account,
      region,
      moved: how,
      before: sideShape(before),
      after: sideShape(after),
      changes: changes.map(movedChangeShape),
    })),
    unmoved,
  })
}
