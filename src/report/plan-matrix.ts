/** A plan at a glance: images by regions, a sign in each cell. */
import { compareText } from "../model/placement.ts"
import type { Action, Plan, Verb } from "../model/plan.ts"
import { cutMiddle } from "./fit.ts"
import { gap, type Line, type Paper, padEnd, type Span, span, textWidth } from "./line.ts"
import { SIGNS } from "./symbols.ts"

interface Column {
  readonly region: string
  readonly head: Span
  /** Of the head, or of the widest sign below it. */
  readonly width: number
}

const SIGN_WIDTH = Math.max(...Object.values(SIGNS).map(({ symbol }) => textWidth(symbol)))

/** Images that something happens to, by region; regions that do not fit side by side follow below. None for one region. */
export function matrixLines(plan: Plan, accounts: boolean, paper: Paper): Line[] {
  const regions = matrixRegions(plan)
  const shown = matrixRows(plan, accounts)
  if (regions.length < 2 || shown.length === 0) return []
  const widest = Math.max(...shown.map(({ label }) => textWidth(span(label).text)))
  const labels = Math.min(widest, Math.floor(paper.width / 2) - 4)
  return chunks(regions, paper.width - labels - 2, paper).flatMap((columns, i) => [
    [
      ...padEnd(span(i === 0 ? "Regions" : "", "bold"), labels + 2),
      ...columns.flatMap(({ head, width }) => [gap(2), ...padEnd(head, width)]),
    ],
    ...shown.map(({ label, cells: row }): Line => {
      const name = span(cutMiddle(span(label).text, labels, paper.ellipsis))
      const cells = columns.flatMap(({ region, width }) => {
        return [gap(2), ...padEnd(signOf(row.get(region), paper), width)]
      })
      return [gap(2), ...padEnd(name, labels), ...cells]
    }),
    [],
  ])
}

/** An image of one account, and what happens to it in each region. */
export interface MatrixRow {
  readonly label: string
  readonly cells: ReadonlyMap<string, readonly Action[]>
}

/** Rows for the images that something happens to. */
export function matrixRows(plan: Plan, accounts: boolean): MatrixRow[] {
  const rows = new Map<string, Map<string, Action[]>>()
  for (const action of plan.actions) {
    const label = accounts ? `${action.image} (${action.account})` : action.image
    const cells = rows.get(label) ?? new Map<string, Action[]>()
    cells.set(action.region, [...(cells.get(action.region) ?? []), action])
    rows.set(label, cells)
  }
  return Array.from(rows, ([label, cells]) => ({ label, cells })).filter(({ cells }) =>
    Array.from(cells.values()).some((actions) => actions.some((a) => a.action !== "keep")),
  )
}

/** The regions of a plan, in their order. */
export function matrixRegions(plan: Plan): string[] {
  return Array.from(new Set(plan.actions.map((action) => action.region))).sort(compareText)
}

/** What a reader has to see first where one placement has several actions. */
const WEIGHT: readonly Verb[] = [
  "refuse",
  "replace",
  "retry",
  "import",
  "restore",
  "adopt",
  "update",
  "await",
  "delete",
  "deprecate",
  "keep",
]

/** The action that stands for its placement. */
export function leadingAction(actions: readonly Action[]): Action | undefined {
  return [...actions].sort((a, b) => WEIGHT.indexOf(a.action) - WEIGHT.indexOf(b.action))[0]
}

function signOf(actions: readonly Action[] | undefined, paper: Paper): Span {
  const action = leadingAction(actions ?? [])
  if (action === undefined) return span(paper.blank, "dim")
  const { symbol, tone } = SIGNS[action.action]
  return span(symbol, tone)
}

function chunks(regions: readonly string[], room: number, paper: Paper): Column[][] {
  const parts: Column[][] = []
  let used = 0
  for (const region of regions) {
    const head = span(cutMiddle(span(region).text, Math.max(4, room - 2), paper.ellipsis), "dim")
    const column = { region, head, width: Math.max(SIGN_WIDTH, textWidth(head.text)) }
    const last = parts.at(-1)
    if (last === undefined || used + column.width + 2 > room) {
      parts.push([column])
      used = column.width + 2
    } else {
      last.push(column)
      used += column.width + 2
    }
  }
  return parts
}
