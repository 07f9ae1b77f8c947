/** What stands below the rows of a plan: families, safety limits, notices and the count. */
import { compareText, type Scope } from "../model/placement.ts"
import {
  type Action,
  type Brake,
  type FamilyMember,
  type FamilyMove,
  type Plan,
  VERBS,
} from "../model/plan.ts"
import { BRAKED, brakeFlag, brakeText } from "./brakes.ts"
import { cutMiddle, hang, wrap } from "./fit.ts"
import { gap, type Line, type Paper, padEnd, span, textWidth } from "./line.ts"
import { scopeText } from "./plan-groups.ts"
import { reasonText } from "./reasons.ts"
import { counted } from "./value.ts"

/** What consumers of a family boot after the run; regions with the same answer share a line. */
export function familyLines(families: readonly FamilyMove[], accounts: boolean, paper: Paper): Line[] {
  if (families.length === 0) return []
  const rows = sameMoves(families)
  const column = Math.min(
    Math.max(...rows.map(({ move }) => textWidth(span(move.family).text))),
    Math.floor(paper.width / 3),
  )
  const lines = rows.flatMap(({ move, scopes }) => {
    const family = cutMiddle(span(move.family).text, column, paper.ellipsis)
    const body: Line = [
      span(`${scopes.map((scope) => scopeText(scope, accounts)).join(", ")}: `),
      span(memberText(move.before), "dim"),
      span(" -> ", "dim"),
      span(memberText(move.after), move.after === null ? "remove" : "add"),
    ]
    return hang([gap(2), ...padEnd(span(family), column), gap(2)], body, paper.width)
  })
  return [[span("Families after this run", "bold")], ...lines, []]
}

interface SameMoves {
  readonly move: FamilyMove
  readonly scopes: readonly Scope[]
}

/** Moves by family; accounts and regions with the same answer together. */
export function sameMoves(families: readonly FamilyMove[]): SameMoves[] {
  const same = new Map<string, { move: FamilyMove; scopes: Scope[] }>()
  for (const move of families) {
    const key = JSON.stringify([move.family, move.before, move.after])
    const known = same.get(key) ?? { move, scopes: [] }
    known.scopes.push(move)
    same.set(key, known)
  }
  return Array.from(same.values()).sort((a, b) => compareText(a.move.family, b.move.family))
}

/** An image that a family resolves to. */
export function memberText(member: FamilyMember | null): string {
  if (member === null) return "no image"
  return member.imageId === undefined
    ? `${member.name} (to be imported)`
    : `${member.name} (${member.imageId})`
}

/** Limits that stop the whole run. */
export function brakeLines(brakes: readonly Brake[], paper: Paper): Line[] {
  if (brakes.length === 0) return []
  const lines = brakes.flatMap((brake) =>
    hang(
      [gap(2), span("!", "alarm"), gap(1)],
      [
        span(brake.limit, "alarm"),
        span(`: ${brakeText(brake)} (${brake.images.join(", ")}). `),
        span(`${brakeFlag(brake)} lifts it for one run.`, "dim"),
      ],
      paper.width,
    ),
  )
  return [...wrap([span(BRAKED, "alarm")], paper.width), ...lines, []]
}

/** How many notices there are, of placements and of the stack. */
export function noticeCount(plan: Plan): number {
  return plan.notices.length + plan.actions.reduce((sum, action) => sum + action.notices.length, 0)
}

/** Notices of placements, `keep` included, then those of the stack. */
export function noticeLines(plan: Plan, accounts: boolean, paper: Paper): Line[] {
  if (noticeCount(plan) === 0) return []
  const bullet: Line = [gap(2), span("*", "wait"), gap(1)]
  const ofActions = plan.actions.flatMap((action) =>
    action.notices.flatMap((notice) =>
      hang(
        bullet,
        [
          span(`${action.image} `),
          span(`${scopeText(action, accounts)}: `),
          span(reasonText(notice)),
          ...known(action),
        ],
        paper.width,
      ),
    ),
  )
  const ofStack = plan.notices.flatMap(({ message, account, region, imageId }) => {
    const scope = [accounts ? account : undefined, region].filter((part) => part !== undefined).join("/")
    const id = imageId === undefined || message.includes(imageId) ? [] : [span(` (${imageId})`, "dim")]
    const head = scope === "" ? [] : [span(`${scope}: `)]
    return hang(bullet, [...head, span(message), ...id], paper.width)
  })
  return [[span("Notices", "bold")], ...ofActions, ...ofStack, []]
}

function known(action: Action): Line {
  return "imageId" in action && action.imageId !== undefined ? [span(` (${action.imageId})`, "dim")] : []
}

/** The first sentence of the last line counts these even where there are none. */
const ALWAYS: ReadonlySet<string> = new Set(["import", "update", "replace", "delete"])

/** The last line: `Plan: 3 to import, 1 to update, 1 to replace, 0 to delete. 12 unchanged. 2 notices.` */
export function summaryText(plan: Plan): string {
  const verbs = VERBS.filter((verb) => verb !== "keep" && verb !== "await" && verb !== "refuse")
    .filter((verb) => ALWAYS.has(verb) || plan.summary[verb] > 0)
    .map((verb) => `${plan.summary[verb]} to ${verb}`)
  if (plan.summary.await > 0) verbs.push(`${plan.summary.await} awaited`)
  if (plan.summary.refuse > 0) verbs.push(`${plan.summary.refuse} refused`)
  return `Plan: ${verbs.join(", ")}. ${plan.summary.keep} unchanged. ${counted(noticeCount(plan), "notice")}.`
}
