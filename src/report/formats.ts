/** The formats of plans, results, drift and reviews, by the name that `-o` takes. A further one is a line here and a file beside. */
import type { DriftReport } from "../model/drift.ts"
import type { Plan } from "../model/plan.ts"
import { renderApplyEnv } from "./apply-env.ts"
import { renderApplyGithub } from "./apply-github.ts"
import type { ApplyOutput } from "./apply-images.ts"
import { renderApplyJson } from "./apply-json.ts"
import { renderApplyJunit } from "./apply-junit.ts"
import { renderApplyMarkdown } from "./apply-markdown.ts"
import { renderApply } from "./apply-text.ts"
import { renderApplyTfvars } from "./apply-tfvars.ts"
import { renderDriftGithub } from "./drift-github.ts"
import { renderDriftHtml } from "./drift-html.ts"
import { renderDriftJson } from "./drift-json.ts"
import { renderDriftJunit } from "./drift-junit.ts"
import { renderDriftMarkdown } from "./drift-markdown.ts"
import { renderDriftSarif } from "./drift-sarif.ts"
import { renderDrift } from "./drift-text.ts"
import type { TextOptions } from "./line.ts"
import { renderPlanGithub } from "./plan-github.ts"
import { renderPlanHtml } from "./plan-html.ts"
import { renderPlanJson } from "./plan-json.ts"
import { renderPlanJunit } from "./plan-junit.ts"
import { renderPlanMarkdown } from "./plan-markdown.ts"
import { renderPlanSarif } from "./plan-sarif.ts"
import { renderPlan } from "./plan-text.ts"
import { renderReviewGithub } from "./review-github.ts"
import { renderReviewHtml } from "./review-html.ts"
import { renderReviewJson } from "./review-json.ts"
import { renderReviewMarkdown } from "./review-markdown.ts"
import type { ReviewOutput } from "./review-rows.ts"
import { renderReviewSarif } from "./review-sarif.ts"
import { renderReview } from "./review-text.ts"

/** A value as text. Formats that are not for a terminal do not look at the options. */
export type Renderer<T> = (value: T, options: TextOptions) => string

export type PlanFormat = "text" | "json" | "markdown" | "html" | "junit" | "sarif" | "github"
export type ApplyFormat = "text" | "json" | "junit" | "markdown" | "github" | "tfvars" | "env"

export type ReviewFormat = "text" | "json" | "markdown" | "html" | "sarif" | "github"

/** Every format of a plan. */
export const planFormats: Readonly<Record<PlanFormat, Renderer<Plan>>> = {
  text: renderPlan,
  json: (plan) => renderPlanJson(plan),
  markdown: (plan) => renderPlanMarkdown(plan),
  html: (plan) => renderPlanHtml(plan),
  junit: (plan) => renderPlanJunit(plan),
  sarif: (plan) => renderPlanSarif(plan),
  github: (plan) => renderPlanGithub(plan),
}

/** Every format of the results of an apply. */
export const applyFormats: Readonly<Record<ApplyFormat, Renderer<ApplyOutput>>> = {
  text: renderApply,
  json: (output) => renderApplyJson(output),
  junit: (output) => renderApplyJunit(output),
  markdown: (output) => renderApplyMarkdown(output),
  github: (output) => renderApplyGithub(output),
  tfvars: (output) => renderApplyTfvars(output),
  env: (output) => renderApplyEnv(output),
}

/** Every format of a drift report. */
export const driftFormats: Readonly<Record<PlanFormat, Renderer<DriftReport>>> = {
  text: renderDrift,
  json: (report) => renderDriftJson(report),
  markdown: (report) => renderDriftMarkdown(report),
  html: (report) => renderDriftHtml(report),
  junit: (report) => renderDriftJunit(report),
  sarif: (report) => renderDriftSarif(report),
  github: (report) => renderDriftGithub(report),
}

/** Every format of a review. */
export const reviewFormats: Readonly<Record<ReviewFormat, Renderer<ReviewOutput>>> = {
  text: renderReview,
  json: ({ review }) => renderReviewJson(review),
  markdown: (output) => renderReviewMarkdown(output),
  html: (output) => renderReviewHtml(output),
  sarif: ({ review }) => renderReviewSarif(review),
  github: ({ review }) => renderReviewGithub(review),
}
