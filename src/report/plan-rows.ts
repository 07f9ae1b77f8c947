/** The part of a plan that acts: an image, its placements one a line, and below them what happens to each field. */
import type { Plan } from "../model/plan.ts"
import { fieldLines } from "./field.ts"
import { cutMiddle, hang, wrap } from "./fit.ts"
import {
  gap,
  type Line,
  lineWidth,
  type Paper,
  padEnd,
  padStart,
  type Span,
  span,
  textWidth,
} from "./line.ts"
import { checkLines } from "./plan-checks.ts"
import { groupByImage, type ImageGroups, type PlacedRow, scopeText, whereText } from "./plan-groups.ts"
import { whyText } from "./reasons.ts"
import { SIGNS, type Sign } from "./symbols.ts"

/** Columns before a placement: the widest sign and a blank. */
const GUTTER = 4
/** Columns before a field. */
const INDENT = 6
/** Less room than this for a reason, and it goes to a line of its own. */
const LEAST_REASON = 24

/** How a row of a report looks: sign and word, why, and the image that it is about. */
export interface Look<R extends PlacedRow> {
  readonly sign: (row: R) => Sign
  readonly word: (row: R) => string
  readonly why: (row: R) => string
  /** The image, where that is not told below the row; empty: none. */
  readonly id: (row: R) => string
  /** What stands below the fields of rows that share them. */
  readonly below: (rows: readonly R[]) => Line[]
}

interface Columns {
  readonly scope: number
  readonly word: number
  /** 0: no column of its own. */
  readonly id: number
}

/** True where more than one account has a placement, so that rows must name theirs. */
export function hasAccounts(plan: Plan): boolean {
  return severalAccounts(plan.actions)
}

/** The same of any rows. */
export function severalAccounts(rows: readonly { readonly account: string }[]): boolean {
  return new Set(rows.map((row) => row.account)).size > 1
}

/** The lines of everything but `keep`; images stand apart by an empty line. */
export function planRows(plan: Plan, paper: Paper): Line[] {
  const shown = plan.actions.filter((action) => action.action !== "keep")
  const accounts = hasAccounts(plan)
  return imageRows(groupByImage(shown, accounts), accounts, paper, {
    sign: (row) => SIGNS[row.action],
    word: (row) => row.action,
    why: whyText,
    id: (row) => (row.action === "update" || row.action === "adopt" ? row.imageId : ""),
    below: (rows) => checkLines(rows, INDENT, accounts, paper),
  })
}

/** An image, its rows one a line, and below them what differs in each field; images stand apart by an empty line. */
export function imageRows<R extends PlacedRow>(
  images: readonly ImageGroups<R>[],
  accounts: boolean,
  paper: Paper,
  look: Look<R>,
): Line[] {
  const rows = images.flatMap(({ groups }) => groups.flatMap((group) => group.rows))
  const columns = columnsOf(rows, accounts, paper, look)
  return images.flatMap((image) => [...imageLines(image, columns, accounts, paper, look), []])
}

function columnsOf<R extends PlacedRow>(
  rows: readonly R[],
  accounts: boolean,
  paper: Paper,
  look: Look<R>,
): Columns {
  const most = (texts: readonly string[]): number => Math.max(0, ...texts.map((t) => textWidth(span(t).text)))
  const scope = Math.min(most(rows.map((r) => scopeText(r, accounts))), Math.floor(paper.width / 2))
  const word = most(rows.map(look.word))
  const ids = most(rows.map(look.id))
  const reason = most(rows.map(look.why))
  const fits = GUTTER + scope + 2 + word + 2 + ids + 2 + reason <= paper.width
  return { scope, word, id: fits ? ids : 0 }
}

function imageLines<R extends PlacedRow>(
  image: ImageGroups<R>,
  columns: Columns,
  accounts: boolean,
  paper: Paper,
  look: Look<R>,
): Line[] {
  return [
    ...titleLines(image, paper),
    ...image.groups.flatMap(({ rows, fields }) => [
      ...rows.flatMap((row) => [
        ...rowLines(row, columns, accounts, paper, look),
        ...(image.at === undefined ? [[gap(INDENT), where(row, paper.width - INDENT, paper)]] : []),
      ]),
      ...fieldLines(fields, INDENT, paper),
      ...look.below(rows),
    ]),
  ]
}

function titleLines<R extends PlacedRow>({ image, groups, at }: ImageGroups<R>, paper: Paper): Line[] {
  const name = span(cutMiddle(span(image).text, paper.width, paper.ellipsis), "bold")
  const row = groups[0]?.rows[0]
  if (at === undefined || row === undefined) return [[name]]
  const room = paper.width - textWidth(name.text) - 2
  if (textWidth(span(at).text) <= room) return [[name, gap(2), where(row, room, paper)]]
  return [[name], [gap(INDENT), where(row, paper.width - INDENT, paper)]]
}

function where(row: PlacedRow, width: number, paper: Paper): Span {
  return span(cutMiddle(span(whereText(row)).text, width, paper.ellipsis), "dim")
}

function rowLines<R extends PlacedRow>(
  row: R,
  columns: Columns,
  accounts: boolean,
  paper: Paper,
  look: Look<R>,
): Line[] {
  const { symbol, tone } = look.sign(row)
  const scope = cutMiddle(span(scopeText(row, accounts)).text, columns.scope, paper.ellipsis)
  const id = look.id(row)
  const first: Line = [
    ...padStart(span(symbol, tone), GUTTER - 1),
    gap(1),
    ...padEnd(span(scope), columns.scope),
    gap(2),
    ...padEnd(span(look.word(row), tone), columns.word),
    gap(2),
    ...(columns.id === 0 ? [] : [...padEnd(span(id, "dim"), columns.id), gap(2)]),
  ]
  const why: Line = [span(look.why(row)), ...(id === "" || columns.id > 0 ? [] : [span(` (${id})`, "dim")])]
  if (paper.width - lineWidth(first) >= LEAST_REASON) return hang(first, why, paper.width)
  return [first, ...wrap(why, paper.width - INDENT).map((line) => [gap(INDENT), ...line])]
}
