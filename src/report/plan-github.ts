/**
 * A plan as annotations of GitHub on the manifest's lines, one workflow command a line. GitHub shows ten of each level
 * for a step, so that regions are folded and the last one counts what is left.
 */
import { placementKey } from "../model/placement.ts"
import type { Action, FamilyMove, Plan } from "../model/plan.ts"
import type { Position } from "../model/position.ts"
import { type Annotation, annotationsText } from "./annotations.ts"
import { BRAKED, brakeFlag, brakePosition, brakeText } from "./brakes.ts"
import { diffLines } from "./diff-lines.ts"
import { checkCode, findingsOf } from "./plan-checks.ts"
import { actionFields } from "./plan-fields.ts"
import { scopesText, whereText } from "./plan-groups.ts"
import { hasAccounts } from "./plan-rows.ts"
import { memberText, sameMoves, summaryText } from "./plan-sections.ts"
import { levelOf } from "./plan-severity.ts"
import { verbRows } from "./plan-verbs.ts"
import { reasonsText, whyReasons } from "./reasons.ts"

/** The plan as workflow commands. No text in it can begin another command. */
export function renderPlanGithub(plan: Plan): string {
  const accounts = hasAccounts(plan)
  const changed = plan.actions.filter((action) => action.action !== "keep")
  const all = [
    ...brakeAnnotations(plan),
    ...checkAnnotations(changed, accounts),
    ...actionAnnotations(changed, accounts),
    ...familyAnnotations(plan, accounts),
  ]
  return annotationsText(all, summaryText(plan))
}

function brakeAnnotations(plan: Plan): Annotation[] {
  return plan.brakes.map((brake) => {
    const at = brakePosition(brake, plan)
    return {
      command: "error",
      title: brake.limit,
      lines: [
        `${brakeText(brake)} (${brake.images.join(", ")})`,
        BRAKED,
        `${brakeFlag(brake)} lifts it for one run`,
      ],
      ...(at === undefined ? {} : { at }),
    }
  })
}

function checkAnnotations(changed: readonly Action[], accounts: boolean): Annotation[] {
  return byPosition(changed).flatMap((rows) =>
    findingsOf(rows).flatMap(({ check, rows: those }): Annotation[] => {
      const [first] = those
      if (check.status === "skipped" || check.status === "ok" || first === undefined) return []
      const where = `${first.image} in ${scopesText(those, accounts)}`
      const lines = [`${check.message} (${where})`, ...(check.advice === undefined ? [] : [check.advice])]
      return [{ command: check.status, title: checkCode(check), lines, at: first.manifest }]
    }),
  )
}

function actionAnnotations(changed: readonly Action[], accounts: boolean): Annotation[] {
  return byPosition(changed).flatMap((rows) =>
    verbRows(rows).flatMap(({ image, verb, rows: those }): Annotation[] => {
      const [first] = those
      if (first === undefined) return []
      const level = levelOf(first)
      const why = reasonsText(Array.from(new Set(those.flatMap(whyReasons))))
      const fields = those.length === 1 ? diffLines(actionFields(first)) : forcing(those)
      const lines = [`${scopesText(those, accounts)}: ${why}`, ...fields]
      return [
        {
          command: level === "note" ? "notice" : level,
          title: `${verb} ${image}`,
          lines,
          at: first.manifest,
        },
      ]
    }),
  )
}

/** Of several placements at once, what they have in common: the fields that force it, and what to do. */
function forcing(rows: readonly Action[]): string[] {
  const lines = rows.flatMap((row) => [
    ...diffLines(actionFields(row).filter((f) => f.kind === "change" && f.warn === true)),
    ...(row.action === "refuse" ? [row.advice] : []),
  ])
  return Array.from(new Set(lines))
}

function familyAnnotations({ families, actions }: Plan, accounts: boolean): Annotation[] {
  const rows = new Map<string, [number, Action][]>()
  for (const [i, action] of actions.entries()) push(rows, placementKey(action), [i, action])
  return sameMoves(families).map(({ move, scopes }) => {
    const at = positionOf(move, rows)
    const text = `${memberText(move.before)} -> ${memberText(move.after)}`
    return {
      // Nobody boots another image than before where there was none.
      command: move.before === null ? "notice" : "warning",
      title: `family ${move.family} moves`,
      lines: [`${scopesText(scopes, accounts)}: ${text}`],
      ...(at === undefined ? {} : { at }),
    }
  })
}

/** The manifest of the action that moves the family; `rows`: the plan's, each with its place in it. */
function positionOf(
  { images, account, region }: FamilyMove,
  rows: ReadonlyMap<string, readonly [number, Action][]>,
): Position | undefined {
  const those = images
    .flatMap((image) => rows.get(placementKey({ image, account, region })) ?? [])
    .sort(([i], [j]) => i - j)
    .map(([, action]) => action)
  return (
    those.find((a) => levelOf(a) !== "error" && a.action !== "delete" && a.action !== "keep") ?? those[0]
  )?.manifest
}

function byPosition(actions: readonly Action[]): Action[][] {
  const found = new Map<string, Action[]>()
  for (const action of actions) {
    const key = JSON.stringify([action.image, whereText(action), action.manifest.column])
    push(found, key, action)
  }
  return Array.from(found.values())
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
