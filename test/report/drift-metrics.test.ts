// Metrics as Prometheus reads them: a parser of the text format, written from its specification, reads them back.
import { describe, expect, test } from "vitest"
import { VERDICTS } from "../../src/model/drift.ts"
import { type DriftRunFacts, renderDriftMetrics } from "../../src/report/drift-metrics.ts"
import { aReport } from "../notify/build.ts"
import { exposition } from "./exposition.ts"

const facts: DriftRunFacts = {
  stack: "golden",
  report: aReport({ ignored: 3 }),
  success: true,
  endedAt: Date.parse("2026-11-24T06:00:00.250Z"),
  lastSuccessAt: Date.parse("2026-11-24T06:00:00.250Z"),
  durationMs: 1_250,
  requests: 17,
  undelivered: { slack: 1 },
}

describe("metrics", () => {
  test("are read back as they are meant", () => {
    const families = exposition(renderDriftMetrics(facts))
    const values = Object.fromEntries(
      families.flatMap((f) => f.samples.map((s) => [`${s.name} ${JSON.stringify(s.labels)}`, s.value])),
    )
    const stack = '{"stack":"golden"}'
    expect(values[`cvmimg_drift_last_run_success ${stack}`]).toBe(1)
    expect(values[`cvmimg_drift_last_run_timestamp_seconds ${stack}`]).toBe(1_795_500_000.25)
    expect(values[`cvmimg_drift_last_success_timestamp_seconds ${stack}`]).toBe(1_795_500_000.25)
    expect(values[`cvmimg_drift_last_run_duration_seconds ${stack}`]).toBe(1.25)
    expect(values[`cvmimg_drift_last_run_requests ${stack}`]).toBe(17)
    expect(values[`cvmimg_drift_ignored ${stack}`]).toBe(3)
    expect(values['cvmimg_drift_receivers_behind {"stack":"golden","kind":"slack"}']).toBe(1)
    for (const [verdict, count] of Object.entries(aReport().summary)) {
      expect(values[`cvmimg_drift_placements {"stack":"golden","verdict":"${verdict}"}`]).toBe(count)
    }
    expect(families.every((f) => f.type === "gauge" && f.help !== "")).toBe(true)
  })

  test("their number does not depend on the stack's size", () => {
    const samples = exposition(renderDriftMetrics(facts)).flatMap((f) => f.samples)
    expect(samples).toHaveLength(6 + Object.keys(VERDICTS).length + 1)
  })

  test("a failed run without any report tells so, and no placements", () => {
    const { report: _r, lastSuccessAt: _l, stack: _s, ...rest } = facts
    const families = exposition(renderDriftMetrics({ ...rest, success: false, undelivered: {} }))
    expect(families.map((f) => f.name)).toEqual([
      "cvmimg_drift_last_run_success",
      "cvmimg_drift_last_run_timestamp_seconds",
      "cvmimg_drift_last_run_duration_seconds",
      "cvmimg_drift_last_run_requests",
    ])
    expect(families[0]?.samples).toEqual([{ name: "cvmimg_drift_last_run_success", labels: {}, value: 0 }])
  })

  test("a hostile name of a stack stays within its label", () => {
    const stack = 'a"} 1\n# TYPE x counter\\ \u202e 像'
    for (const { samples } of exposition(renderDriftMetrics({ ...facts, stack }))) {
      for (const { labels } of samples) expect(labels.stack).toBe(stack)
    }
  })
})
