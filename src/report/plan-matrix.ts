/** A plan at a glance: images by regions, a sign in each cell. */
import { compareText, type Placement } from "../model/placement.ts"
import type { Action, Plan, Verb } from "../model/plan.ts"
import { cutMiddle } from "./fit.ts"
import { gap, type Line, type Paper, padEnd, type Span, span, textWidth } from "./line.ts"
import { SIGNS, type Sign } from "./symbols.ts"

interface Column {
  readonly region: string
  readonly head: Span
  /** Of the head, or of the widest sign below it. */
  readonly width: number
}

const SIGN_WIDTH = Math.max(...Object.values(SIGNS).map(({ symbol }) => textWidth(symbol)))

/** Images that something happens to, by region. None for one region. */
export function matrixLines(plan: Plan, accounts: boolean, paper: Paper): Line[] {
  return matrixOf(plan.actions, accounts, paper, {
    leading: leadingAction,
    sign: (action) => SIGNS[action.action],
    isShown: (action) => action.action !== "keep",
  })
}

/** What stands in the cells of a matrix. */
export interface Cells<R> {
  /** The row that stands for its placement. */
  readonly leading: (rows: readonly R[]) => R | undefined
  readonly sign: (row: R) => Sign
  /** Whether the row is a reason to show its image. */
  readonly isShown: (row: R) => boolean
}

/** Images by region; regions that do not fit side by side follow below. None for one region. */
export function matrixOf<R extends Placement>(
  rows: readonly R[],
  accounts: boolean,
  paper: Paper,
  { leading, sign, isShown }: Cells<R>,
): Line[] {
  const regions = regionsOf(rows)
  const shown = matrixRowsOf(rows, accounts, isShown)
  if (regions.length < 2 || shown.length === 0) return []
  const widest = Math.max(...shown.map(({ label }) => textWidth(span(label).text)))
  const labels = Math.min(widest, Math.floor(paper.width / 2) - 4)
  const signOf = (of: readonly R[] | undefined): Span => {
    const row = leading(of ?? [])
    if (row === undefined) return span(paper.blank, "dim")
    const { symbol, tone } = sign(row)
    return span(symbol, tone)
  }
  return chunks(regions, paper.width - labels - 2, paper).flatMap((columns, i) => [
    [
      ...padEnd(span(i === 0 ? "Regions" : "", "bold"), labels + 2),
      ...columns.flatMap(({ head, width }) => [gap(2), ...padEnd(head, width)]),
    ],
    ...shown.map(({ label, cells: row }): Line => {
      const name = span(cutMiddle(span(label).text, labels, paper.ellipsis))
      const cells = columns.flatMap(({ region, width }) => [
        gap(2),
        ...padEnd(signOf(row.get(region)), width),
      ])
      return [gap(2), ...padEnd(name, labels), ...cells]
    }),
    [],
  ])
}

/** An image of one account, and what happens to it in each region. */
export interface MatrixRow<R = Action> {
  readonly label: string
  readonly cells: ReadonlyMap<string, readonly R[]>
}

/** Rows for the images of which one row is shown. */
export function matrixRowsOf<R extends Placement>(
  all: readonly R[],
  accounts: boolean,
  isShown: (row: R) => boolean,
): MatrixRow<R>[] {
  const rows = new Map<string, Map<string, R[]>>()
  for (const row of all) {
    const label = accounts ? `${row.image} (${row.account})` : row.image
    const cells = rows.get(label) ?? new Map<string, R[]>()
    cells.set(row.region, [...(cells.get(row.region) ?? []), row])
    rows.set(label, cells)
  }
  return Array.from(rows, ([label, cells]) => ({ label, cells })).filter(({ cells }) =>
    Array.from(cells.values()).some((those) => those.some(isShown)),
  )
}

/** The regions of rows, in their order. */
export function regionsOf(rows: readonly { readonly region: string }[]): string[] {
  return Array.from(new Set(rows.map((row) => row.region))).sort(compareText)
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
