/** The formats of plans and of results, by the name that `-o` takes. A further one is a line here and a file beside. */
import type { ApplyReport } from "../model/outcome.ts"
import type { Plan } from "../model/plan.ts"
import { renderApplyJson } from "./apply-json.ts"
import { renderApply } from "./apply-text.ts"
import type { TextOptions } from "./line.ts"
import { renderPlanJson } from "./plan-json.ts"
import { renderPlan } from "./plan-text.ts"

/** A value as text. Formats that are not for a terminal do not look at the options. */
export type Renderer<T> = (value: T, options: TextOptions) => string

export type PlanFormat = "text" | "json"
export type ApplyFormat = "text" | "json"

/** Every format of a plan. */
export const planFormats: Readonly<Record<PlanFormat, Renderer<Plan>>> = {
  text: renderPlan,
  json: (plan) => renderPlanJson(plan),
}

/** Every format of the results of an apply. */
export const applyFormats: Readonly<Record<ApplyFormat, Renderer<ApplyReport>>> = {
  text: renderApply,
  json: (report) => renderApplyJson(report),
}
