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
import type { Position } from "../model/position.ts"
import { BRAKED, brakeFlag, brakePosition, brakeText, LIMITS } from "./brakes.ts"
import { diffLines } from "./diff-lines.ts"
import { terminalText } from "./escape.ts"
import { jsonText } from "./json.ts"
import { checkCode } from "./plan-checks.ts"
import { actionFields } from "./plan-fields.ts"
import { scopeText } from "./plan-groups.ts"
import { type Level, levelOf } from "./plan-severity.ts"
import { VERB_TEXTS } from "./plan-verbs.ts"
import { whyText } from "./reasons.ts"

interface Rule {
  readonly id: string
  readonly text: string
  readonly level: Level
}

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
const RULES: readonly Rule[] = [
  ...VERBS.filter((verb) => verb !== "keep" && verb !== "refuse").map((verb) => ({
    id: `action/${verb}`,
    text: VERB_TEXTS[verb],
    level: levelOf({ action: verb }),
  })),
  ...REFUSALS.map((code): Rule => ({ id: `refuse/${code}`, text: sentence(REASONS[code]), level: "error" })),
  ...Object.entries(CHECKS).map(
    ([name, text]): Rule => ({
      id: `check/${name}`,
      text: sentence(text),
      level: "warning",
    }),
  ),
  ...LIMITS.map(
    (limit): Rule => ({ id: `limit/${limit}`, text: sentence(REASONS.over_limit), level: "error" }),
  ),
]

/** The plan for code scanning, in the shape of the official schema, a newline at the end. */
export function renderPlanSarif(plan: Plan): string {
  return jsonText({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "cvmimg", rules: RULES.map(ruleShape) } },
        automationDetails: { id: `cvmimg/plan/${encodeURIComponent(terminalText(plan.stack))}/` },
        columnKind: "utf16CodeUnits",
        results: [
          ...plan.brakes.map((brake) => brakeResult(brake, plan)),
          ...plan.actions.flatMap((action) => [
            ...(action.action === "keep" ? [] : [actionResult(action)]),
            ...action.checks.filter(isFinding).map((check) => checkResult(check, action)),
          ]),
        ],
      },
    ],
  })
}

function ruleShape({ id, text, level }: Rule): object {
  const name = id.replace(/(?:^|[/_])(\w)/g, (_, letter: string) => letter.toUpperCase())
  return {
    id,
    name,
    shortDescription: { text },
    fullDescription: { text },
    help: { text },
    defaultConfiguration: { level },
  }
}

function isFinding({ status }: CheckResult): boolean {
  return status === "error" || status === "warning"
}

function actionResult(action: Action): object {
  const ruleId = action.action === "refuse" ? `refuse/${action.refusal}` : `action/${action.action}`
  const lines = [
    `${action.action} ${action.image} in ${scopeText(action, true)}: ${whyText(action)}`,
    ...diffLines(actionFields(action)),
  ]
  return resultShape(ruleId, levelOf(action), lines, action.manifest, {
    "cvmimg/digest/v1": action.digest,
    primaryLocationLineHash: `${action.digest}:1`,
  })
}

function checkResult(check: CheckResult, action: Action): object {
  const level = check.status === "error" ? "error" : "warning"
  const lines = [
    `${checkCode(check)}: ${check.message} (${action.image} in ${scopeText(action, true)})`,
    ...(check.advice ?? "").split("\n"),
  ]
  // The digest does not cover checks: one of each name for an action.
  return resultShape(`check/${check.name}`, level, lines, action.manifest, {
    "cvmimg/check/v1": `${action.digest}/${check.name}`,
    primaryLocationLineHash: `${action.digest}/${check.name}:1`,
  })
}

function brakeResult(brake: Brake, plan: Plan): object {
  const lines = [
    `${brake.limit}: ${brakeText(brake)}. ${BRAKED}.`,
    `Images: ${brake.images.join(", ")}`,
    `${brakeFlag(brake)} lifts it for one run.`,
  ]
  const key = `${plan.stackId}/${brake.limit}`
  return resultShape(`limit/${brake.limit}`, "error", lines, brakePosition(brake, plan), {
    "cvmimg/limit/v1": key,
    primaryLocationLineHash: `${key}:1`,
  })
}

function resultShape(
  ruleId: string,
  level: Level,
  lines: readonly string[],
  position: Position | undefined,
  partialFingerprints: Readonly<Record<string, string>>,
): object {
  const text = lines
    .filter((line) => line !== "")
    .map(messageText)
    .join("\n")
  return {
    ruleId,
    ruleIndex: RULES.findIndex((rule) => rule.id === ruleId),
    level,
    message: { text },
    locations: position === undefined || position.file === "<stdin>" ? [] : [locationShape(position)],
    partialFingerprints,
  }
}

function locationShape({ file, line, column }: Position): object {
  const uri = terminalText(file).split("/").map(encodeURIComponent).join("/")
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: column } } }
}

/** The one door of foreign text: brackets would be links to places. */
function messageText(text: string): string {
  return terminalText(text).replace(/[\\[\]]/g, "\\$&")
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
