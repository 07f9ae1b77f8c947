/** The rich plan a day earlier: one action more, one less, one with another verb, one with another value. */
import type { Action, Plan } from "../../src/model/plan.ts"
import { aKeep, anImport, aPlan } from "./build.ts"
import { rich } from "./rich.ts"

function before(action: Action): Action[] {
  const { image, account, region, action: verb } = action
  if (verb === "restore") return []
  if (verb === "replace" && region === "ap-singapore")
    return [aKeep({ image, account, region, digest: "1".repeat(16) })]
  if (verb !== "update" || region !== "eu-frankfurt") return [action]
  const changes = action.changes.map((change) =>
    change.field === "description" ? { ...change, after: "Debian 12" } : change,
  )
  return [{ ...action, digest: "2".repeat(16), changes }]
}

export const older: Plan = aPlan(
  [...rich.actions.flatMap(before), anImport({ image: "fedora-41", digest: "3".repeat(16) })],
  { fingerprint: "77aa00bb11cc".padEnd(64, "0") },
)
