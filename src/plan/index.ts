/** (DESIRED, OBSERVED) -> PLAN. */
export { attributesHash, imageHash, sourceFingerprint, specHash } from "./fingerprint.ts"
export type { Allowances } from "./guard.ts"
export { isEmpty, type PlanOptions, plan } from "./plan.ts"
