/** A plan at a glance: images by regions, a sign in each cell. */
import { compareText } from "../model/placement.ts"
import type { Action, Plan } from "../model/plan.ts"
import { cutMiddle } from "./fit.ts"
import { gap, type Line, type Paper, padEnd, type Span, span, textWidth } from "./line.ts"
import { SIGNS } from "./symbols.ts"

interface Column {
  readonly region: string
  readonly head: Span
}

/** Images that something happens to, by region; regions that do not fit side by side follow below. None for one region. */
export function matrixLines(plan: Plan, accounts: boolean, paper: Paper): Line[] {
  const regions = Array.from(new Set(plan.actions.map((action) => action.region))).sort(compareText)
  const shown = rowsOf(plan, accounts)
  if (regions.length < 2 || shown.length === 0) return []
  const widest = Math.max(...shown.map(([label]) => textWidth(span(label).text)))
  const labels = Math.min(widest, Math.floor(paper.width / 2) - 4)
  return chunks(regions, paper.width - labels - 2, paper).flatMap((columns, i) => [
    [
      ...padEnd(span(i === 0 ? "Regions" : "", "bold"), labels + 2),
      ...columns.flatMap(({ head }) => [gap(2), head]),
    ],
    ...shown.map(([label, row]): Line => {
      const name = span(cutMiddle(span(label).text, labels, paper.ellipsis))
      const cells = columns.flatMap(({ region, head }) => {
        const action = row.get(region)
        return [gap(2), ...padEnd(signOf(action, paper), textWidth(head.text))]
      })
      return [gap(2), ...padEnd(name, labels), ...cells]
    }),
    [],
  ])
}

function rowsOf(plan: Plan, accounts: boolean): [string, Map<string, Action>][] {
  const rows = new Map<string, Map<string, Action>>()
  for (const action of plan.actions) {
    const label = accounts ? `${action.image} (${action.account})` : action.image
    const row = rows.get(label) ?? new Map<string, Action>()
    row.set(action.region, action)
    rows.set(label, row)
  }
  return Array.from(rows).filter(([, row]) => Array.from(row.values()).some((a) => a.action !== "keep"))
}

function signOf(action: Action | undefined, paper: Paper): Span {
  if (action === undefined) return span(paper.blank, "dim")
  const { symbol, tone } = SIGNS[action.action]
  return span(symbol, tone)
}

function chunks(regions: readonly string[], room: number, paper: Paper): Column[][] {
  const parts: Column[][] = []
  let used = 0
  for (const region of regions) {
    const head = span(cutMiddle(span(region).text, Math.max(4, room - 2), paper.ellipsis), "dim")
    const width = textWidth(head.text) + 2
    const last = parts.at(-1)
    if (last === undefined || used + width > room) {
      parts.push([{ region, head }])
      used = width
    } else {
      last.push({ region, head })
      used += width
    }
  }
  return parts
}
