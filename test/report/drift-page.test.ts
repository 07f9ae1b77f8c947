// docs/drift-schedule.md: the metrics that it lists are those that are written.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { renderDriftMetrics } from "../../src/report/drift-metrics.ts"
import { aReport } from "../notify/build.ts"
import { exposition } from "./exposition.ts"

test("the table of metrics has each metric once, with its labels", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/drift-schedule.md"), "utf8")
  const listed = [...page.matchAll(/^\| `(cvmimg_drift_\w+)(?:\{(\w+)\})?` \|/gm)].map(([, name, label]) =>
    label === undefined ? name : `${name} ${label}`,
  )
  const written = exposition(
    renderDriftMetrics({
      stack: "golden",
      report: aReport(),
      success: true,
      endedAt: 1,
      lastSuccessAt: 1,
      durationMs: 1,
      requests: 1,
      undelivered: { slack: 1 },
    }),
  ).map(({ name, samples }) => {
    const [label] = Object.keys(samples[0]?.labels ?? {}).filter((l) => l !== "stack")
    return label === undefined ? name : `${name} ${label}`
  })
  expect(listed.sort()).toEqual(written.sort())
})
