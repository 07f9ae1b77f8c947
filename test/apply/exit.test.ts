import { expect, it } from "vitest"
import { applyExitCode, type Outcome, type Result } from "../../src/model/outcome.ts"
import type { Verb } from "../../src/model/plan.ts"

function row(outcome: Outcome, action: Verb = "import", requestId?: string): Result {
  const about = { image: "a", account: "default", region: "ap-singapore", durationMs: 0 }
  return { ...about, action, outcome, ...(requestId === undefined ? {} : { requestId }) }
}

const refused = row("skipped", "refuse")

it.each<[string, Result[], number]>([
  ["nothing to do", [], 0],
  ["all done", [row("done"), row("done", "update")], 0],
  ["done, and some not approved", [row("done"), row("not_approved")], 0],
  ["nothing done", [row("failed"), row("skipped")], 1],
  ["some done and some not", [row("done"), row("failed")], 5],
  ["some done and some refused", [row("done"), refused], 5],
  ["still running", [row("running")], 5],
  ["of unknown outcome", [row("unknown"), row("failed")], 5],
  ["imported, and the release held back", [row("failed"), row("skipped", "import", "req-1")], 5],
  ["only refusals", [refused], 3],
  ["refusals and failures", [refused, row("failed")], 3],
  ["stale", [row("stale"), refused, row("failed")], 4],
])("%s", (_, results, code) => {
  expect(applyExitCode(results)).toBe(code)
})
