/** Approval sets as plan --out would save them. */
import type { ApprovalSet } from "../../src/model/approval.ts"
import type { Plan } from "../../src/model/plan.ts"
import { sealApprovalSet } from "../../src/plan/index.ts"

export function setOf(plan: Plan, parts: Partial<ApprovalSet> = {}): ApprovalSet {
  return sealApprovalSet({
    formatVersion: 1,
    kind: "ApprovalSet",
    plan,
    choices: {
      images: [],
      regions: [],
      accounts: [],
      labels: [],
      prune: { orphans: false, retention: false },
      retryFailed: false,
      allow: {},
    },
    rehearsed: {},
    information: {
      tool: "cvmimg 0.0.0",
      createdAt: "2026-11-01T12:00:00.000Z",
      manifests: "0".repeat(64),
      accounts: { default: "100000000001" },
    },
    ...parts,
  })
}
