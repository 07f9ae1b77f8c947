/** (DESIRED, OBSERVED) -> PLAN. */
export {
  type Approval,
  approvalProblem,
  approve,
  sealApprovalSet,
} from "./approval.ts"
export { type DriftOptions, drift, isDrift } from "./drift.ts"
export { driftNews, lastSeenIn, remember, withSince } from "./drift-news.ts"
export { parseDriftState, sealDriftState } from "./drift-state.ts"
export { explain } from "./explain.ts"
export { attributesHash, imageHash, sourceFingerprint, specHash } from "./fingerprint.ts"
export type { Allowances } from "./guard.ts"
export { pinSources } from "./pins.ts"
export { isEmpty, type PlanOptions, plan } from "./plan.ts"
export { sharesToAsk } from "./shares.ts"
