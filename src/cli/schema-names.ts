/** The published schemas: of manifests, and of what the commands print. */
export const SCHEMAS = [
  "stack",
  "image",
  "family",
  "plan",
  "plan-diff",
  "apply",
  "event",
  "status",
  "drift",
  "approval",
  "explain",
  "export",
  "doctor",
  "validate",
  "notification",
  "health",
] as const
