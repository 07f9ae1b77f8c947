/** The library: load manifests, observe the cloud, plan, apply. Typed, no global state, prints nothing. */
export { apply } from "./apply/apply.ts"
export type { Journal } from "./apply/journal.ts"
export { beginJournal } from "./apply/journal-begin.ts"
export { stillOpen } from "./apply/journal-open.ts"
export { type Journals, readJournals } from "./apply/journal-read.ts"
export { type Lock, LockHeld, takeLock } from "./apply/lock.ts"
export type { ApplyContext, ApplyOptions } from "./apply/run.ts"
export { probeSources, runChecks, sourcesSeen, withChecks } from "./check/index.ts"
export { systemClock } from "./cloud/clock.ts"
export { type ConnectOptions, connect } from "./cloud/connect.ts"
export { CloudError } from "./cloud/failure.ts"
export { observe, observeShares, ownedScopes } from "./cloud/observe.ts"
export type { Cloud, CloudReader, CloudRehearser, CloudWriter } from "./cloud/port.ts"
export { type Loaded, loadStack } from "./manifest/index.ts"
export type { ApprovalSet } from "./model/approval.ts"
export type { Clock } from "./model/clock.ts"
export type { Desired, DesiredPlacement } from "./model/desired.ts"
export { DIAGNOSTICS, type Diagnostic } from "./model/diagnostic.ts"
export {
  DRIFT_NOTICES,
  DRIFT_REASONS,
  type DriftMemory,
  type DriftNews,
  type DriftReport,
  type DriftRow,
  type DriftState,
  type DriftVerdict,
  VERDICTS,
} from "./model/drift.ts"
export type { Failure } from "./model/failure.ts"
export type { CloudImage, Observed } from "./model/observed.ts"
export type { ApplyEvent, ApplyReport, Result } from "./model/outcome.ts"
export { type Action, type Change, type Plan, REASONS, type Reason, VERBS, type Verb } from "./model/plan.ts"
export type { Account, Stack } from "./model/stack.ts"
export { parseApprovalSet } from "./plan/approval-read.ts"
export {
  approve,
  drift,
  driftNews,
  explain,
  isDrift,
  isEmpty,
  lastSeenIn,
  parseDriftState,
  plan,
  remember,
  sealApprovalSet,
  sealDriftState,
  sharesToAsk,
  withSince,
} from "./plan/index.ts"
export { planFormats } from "./report/formats.ts"
export { renderPlan } from "./report/plan-text.ts"
