/**
 * A plan as SARIF 2.1.0: a result on the manifest's line for every action that is not `keep`, for every check that
 * found something and for every exceeded safety limit.
 */
import {
  type Action,
  type Brake,
  CHECKS,
  type CheckResult,
  type Plan,
  REASONS,
  type Refusal,
  VERBS,
} from "../model/plan.ts"
import { BRAKED, brakeFlag, brakePosition, brakeText, LIMITS } from "./brakes.ts"
import { diffLines } from "./diff-lines.ts"
import { checkCode } from "./plan-checks.ts"
import { actionFields } from "./plan-fields.ts"
import { scopeText } from "./plan-groups.ts"
import { levelOf } from "./plan-severity.ts"
import { VERB_TEXTS } from "./plan-verbs.ts"
import { whyText } from "./reasons.ts"
import { type SarifResult, type SarifRule, sarifText, sentence } from "./sarif.ts"

const REFUSALS = [
  "import_failed",
  "ambiguous",
  "owned_by_other",
  "provenance_conflict",
  "conflict",
  "on_change_refuse",
  "lost_shares",
  "shares_unread",
  "not_observed",
] as const satisfies readonly Refusal[]

/** Every rule there can be, in one order, whatever the plan holds. */
const RULES: readonly SarifRule[] = [
  ...VERBS.filter((verb) => verb !== "keep" && verb !== "refuse").map((verb) => ({
    id: `action/${verb}`,
    text: VERB_TEXTS[verb],
    level: levelOf({ action: verb }),
  })),
  ...REFUSALS.map(
    (code): SarifRule => ({ id: `refuse/${code}`, text: sentence(REASONS[code]), level: "error" }),
  ),
  ...Object.entries(CHECKS).map(
    ([name, text]): SarifRule => ({
      id: `check/${name}`,
      text: sentence(text),
      level: "warning",
    }),
  ),
  ...LIMITS.map(
    (limit): SarifRule => ({ id: `limit/${limit}`, text: sentence(REASONS.over_limit), level: "error" }),
  ),
]

/** The plan for code scanning, a newline at the end. */
export function renderPlanSarif(plan: Plan): string {
  return sarifText("plan", plan.stack, RULES, [
    ...plan.brakes.map((brake) => brakeResult(brake, plan)),
    ...plan.actions.flatMap((action) => [
      ...(action.action === "keep" ? [] : [actionResult(action)]),
      ...action.checks.filter(isFinding).map((check) => checkResult(check, action)),
    ]),
  ])
}

function isFinding({ status }: CheckResult): boolean {
  return status === "error" || status === "warning"
}

function actionResult(action: Action): SarifResult {
  return {
    ruleId: action.action === "refuse" ? `refuse/${action.refusal}` : `action/${action.action}`,
    level: levelOf(action),
    lines: [
      `${action.action} ${action.image} in ${scopeText(action, true)}: ${whyText(action)}`,
      ...diffLines(actionFields(action)),
    ],
    at: action.manifest,
    fingerprint: ["cvmimg/digest/v1", action.digest],
  }
}

function checkResult(check: CheckResult, action: Action): SarifResult {
  return {
    ruleId: `check/${check.name}`,
    level: check.status === "error" ? "error" : "warning",
    lines: [
      `${checkCode(check)}: ${check.message} (${action.image} in ${scopeText(action, true)})`,
      ...(check.advice ?? "").split("\n"),
    ],
    at: action.manifest,
    // The digest does not cover checks: one of each name for an action.
    fingerprint: ["cvmimg/check/v1", `${action.digest}/${check.name}`],
  }
}

function brakeResult(brake: Brake, plan: Plan): SarifResult {
  return {
    ruleId: `limit/${brake.limit}`,
    level: "error",
    lines: [
      `${brake.limit}: ${brakeText(brake)}. ${BRAKED}.`,
      `Images: ${brake.images.join(", ")}`,
      `${brakeFlag(brake)} lifts it for one run.`,
    ],
    at: brakePosition(brake, plan),
    fingerprint: ["cvmimg/limit/v1", `${plan.stackId}/${brake.limit}`],
  }
}
