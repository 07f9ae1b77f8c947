/**
 * The formats of plans, results, drift and reviews, by the name that `-o` takes. Each is loaded when it is called for,
 * since a run wants one or two of them. A further one is a line here and a file beside.
 */
import type { DriftReport } from "../model/drift.ts"
import type { Plan } from "../model/plan.ts"
import type { ApplyOutput } from "./apply-images.ts"
import type { TextOptions } from "./line.ts"
import type { ReviewOutput } from "./review-rows.ts"

/** A value as text. Formats that are not for a terminal do not look at the options. */
export type Renderer<T> = (value: T, options: TextOptions) => string

/** Loads the renderer of a format. */
export type Format<T> = () => Promise<Renderer<T>>

export type PlanFormat = "text" | "json" | "markdown" | "html" | "junit" | "sarif" | "github"
export type ApplyFormat = "text" | "json" | "junit" | "markdown" | "github" | "tfvars" | "env"

export type ReviewFormat = "text" | "json" | "markdown" | "html" | "sarif" | "github"

/** Every format of a plan. */
export const planFormats: Readonly<Record<PlanFormat, Format<Plan>>> = {
  text: () => import("./plan-text.ts").then((m) => m.renderPlan),
  json: () => import("./plan-json.ts").then((m) => m.renderPlanJson),
  markdown: () => import("./plan-markdown.ts").then((m) => (plan) => m.renderPlanMarkdown(plan)),
  html: () => import("./plan-html.ts").then((m) => m.renderPlanHtml),
  junit: () => import("./plan-junit.ts").then((m) => m.renderPlanJunit),
  sarif: () => import("./plan-sarif.ts").then((m) => m.renderPlanSarif),
  github: () => import("./plan-github.ts").then((m) => m.renderPlanGithub),
}

/** Every format of the results of an apply. */
export const applyFormats: Readonly<Record<ApplyFormat, Format<ApplyOutput>>> = {
  text: () => import("./apply-text.ts").then((m) => m.renderApply),
  json: () => import("./apply-json.ts").then((m) => m.renderApplyJson),
  junit: () => import("./apply-junit.ts").then((m) => m.renderApplyJunit),
  markdown: () => import("./apply-markdown.ts").then((m) => (output) => m.renderApplyMarkdown(output)),
  github: () => import("./apply-github.ts").then((m) => m.renderApplyGithub),
  tfvars: () => import("./apply-tfvars.ts").then((m) => m.renderApplyTfvars),
  env: () => import("./apply-env.ts").then((m) => m.renderApplyEnv),
}

/** Every format of a drift report. */
export const driftFormats: Readonly<Record<PlanFormat, Format<DriftReport>>> = {
  text: () => import("./drift-text.ts").then((m) => m.renderDrift),
  json: () => import("./drift-json.ts").then((m) => m.renderDriftJson),
  markdown: () => import("./drift-markdown.ts").then((m) => (report) => m.renderDriftMarkdown(report)),
  html: () => import("./drift-html.ts").then((m) => m.renderDriftHtml),
  junit: () => import("./drift-junit.ts").then((m) => m.renderDriftJunit),
  sarif: () => import("./drift-sarif.ts").then((m) => m.renderDriftSarif),
  github: () => import("./drift-github.ts").then((m) => m.renderDriftGithub),
}

/** Every format of a review. */
export const reviewFormats: Readonly<Record<ReviewFormat, Format<ReviewOutput>>> = {
  text: () => import("./review-text.ts").then((m) => m.renderReview),
  json: () => import("./review-json.ts").then((m) => (output) => m.renderReviewJson(output.review)),
  markdown: () => import("./review-markdown.ts").then((m) => (output) => m.renderReviewMarkdown(output)),
  html: () => import("./review-html.ts").then((m) => m.renderReviewHtml),
  sarif: () => import("./review-sarif.ts").then((m) => (output) => m.renderReviewSarif(output.review)),
  github: () => import("./review-github.ts").then((m) => (output) => m.renderReviewGithub(output.review)),
}
