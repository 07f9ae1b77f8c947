/** PLAN, OBJECTS IN COS -> PLAN WITH CHECKS. */
export { type CheckOptions, runChecks, withChecks } from "./checks.ts"
export type { CheckedCloud } from "./context.ts"
export type { Answer, Fetch } from "./ranged.ts"
export { type SourceProbe, type SourceProbes, sourcesSeen } from "./source-probe.ts"
export { type ProbeOptions, probeSources } from "./sources.ts"
