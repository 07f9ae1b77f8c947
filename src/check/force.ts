/** An ISO file is imported by force only. */
import type { CheckResult } from "../model/plan.ts"
import { finding, ok } from "./codes.ts"
import type { Context, Subject } from "./context.ts"
import { bareUrl } from "./cos.ts"

export function checkForce({ placement, imports }: Subject, context: Context): readonly CheckResult[] {
  if (!imports) return []
  const { source, force } = placement
  const seen = context.probeOf(bareUrl(source.url))?.content?.format
  if (seen !== "iso" && source.format !== "iso") return []
  if (force) return [ok("force", "The ISO file is imported by force.")]
  const message =
    seen === "iso" ? "The bytes are those of an ISO file." : "The manifest declares an ISO file."
  return [
    finding("force", "error", "iso_needs_force", message, {
      advice: "set force: true: an ISO file is imported by force only",
    }),
  ]
}
