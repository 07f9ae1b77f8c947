/** The part of a plan that acts: an image, its placements one a line, and below them what happens to each field. */
import type { Action, Plan } from "../model/plan.ts"
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
import { groupByImage, type ImageGroups, scopeText, whereText } from "./plan-groups.ts"
import { whyText } from "./reasons.ts"
import { SIGNS } from "./symbols.ts"

/** Columns before a placement: the widest sign and a blank. */
const GUTTER = 4
/** Columns before a field. */
const INDENT = 6
/** Less room than this for a reason, and it goes to a line of its own. */
const LEAST_REASON = 24

interface Columns {
  readonly scope: number
  readonly verb: number
  /** 0: no column of its own. */
  readonly id: number
}

/** True where more than one account has a placement, so that rows must name theirs. */
export function hasAccounts(plan: Plan): boolean {
  return new Set(plan.actions.map((action) => action.account)).size > 1
}

/** The lines of everything but `keep`; images stand apart by an empty line. */
export function planRows(plan: Plan, paper: Paper): Line[] {
  const shown = plan.actions.filter((action) => action.action !== "keep")
  const accounts = hasAccounts(plan)
  const columns = columnsOf(shown, accounts, paper)
  return groupByImage(shown, accounts).flatMap((image) => [
    ...imageLines(image, columns, accounts, paper),
    [],
  ])
}

function columnsOf(rows: readonly Action[], accounts: boolean, paper: Paper): Columns {
  const most = (texts: readonly string[]): number => Math.max(0, ...texts.map((t) => textWidth(span(t).text)))
  const scope = Math.min(most(rows.map((r) => scopeText(r, accounts))), Math.floor(paper.width / 2))
  const verb = most(rows.map((r) => r.action))
  const ids = most(rows.map(idOf))
  const reason = most(rows.map(whyText))
  const fits = GUTTER + scope + 2 + verb + 2 + ids + 2 + reason <= paper.width
  return { scope, verb, id: fits ? ids : 0 }
}

/** The image that a row is about, where that is not told below it. */
function idOf(action: Action): string {
  return action.action === "update" || action.action === "adopt" ? action.imageId : ""
}

function imageLines(image: ImageGroups, columns: Columns, accounts: boolean, paper: Paper): Line[] {
  return [
    ...titleLines(image, paper),
    ...image.groups.flatMap(({ rows, fields }) => [
      ...rows.flatMap((row) => [
        ...rowLines(row, columns, accounts, paper),
        ...(image.at === undefined ? [[gap(INDENT), where(row, paper.width - INDENT, paper)]] : []),
      ]),
      ...fieldLines(fields, INDENT, paper),
      ...checkLines(rows, INDENT, accounts, paper),
    ]),
  ]
}

function titleLines({ image, groups, at }: ImageGroups, paper: Paper): Line[] {
  const name = span(cutMiddle(span(image).text, paper.width, paper.ellipsis), "bold")
  const row = groups[0]?.rows[0]
  if (at === undefined || row === undefined) return [[name]]
  const room = paper.width - textWidth(name.text) - 2
  if (textWidth(span(at).text) <= room) return [[name, gap(2), where(row, room, paper)]]
  return [[name], [gap(INDENT), where(row, paper.width - INDENT, paper)]]
}

function where(row: Action, width: number, paper: Paper): Span {
  return span(cutMiddle(span(whereText(row)).text, width, paper.ellipsis), "dim")
}

function rowLines(row: Action, columns: Columns, accounts: boolean, paper: Paper): Line[] {
  const { symbol, tone } = SIGNS[row.action]
  const scope = cutMiddle(span(scopeText(row, accounts)).text, columns.scope, paper.ellipsis)
  const id = idOf(row)
  const first: Line = [
    ...padStart(span(symbol, tone), GUTTER - 1),
    gap(1),
    ...padEnd(span(scope), columns.scope),
    gap(2),
    ...padEnd(span(row.action, tone), columns.verb),
    gap(2),
    ...(columns.id === 0 ? [] : [...padEnd(span(id, "dim"), columns.id), gap(2)]),
  ]
  const why: Line = [span(whyText(row)), ...(id === "" || columns.id > 0 ? [] : [span(` (${id})`, "dim")])]
  if (paper.width - lineWidth(first) >= LEAST_REASON) return hang(first, why, paper.width)
  return [first, ...wrap(why, paper.width - INDENT).map((line) => [gap(INDENT), ...line])]
}
