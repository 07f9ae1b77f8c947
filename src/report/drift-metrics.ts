/**
 * A drift run as metrics, in the text format of Prometheus 0.0.4: for the textfile collector of the node exporter, and for
 * `/metrics`. Few series, and no names of images in them: their number does not grow with the stack.
 */
import { type DriftReport, VERDICTS } from "../model/drift.ts"

/** A run that ended, whether or not there is a report of it. */
export interface DriftRunFacts {
  /** Absent: the manifests could not be read. */
  readonly stack?: string
  /** The last report, of this run or an earlier one. */
  readonly report?: Pick<DriftReport, "summary" | "ignored">
  /** Whether this run could read everything. Drift that was found is no failure of the run. */
  readonly success: boolean
  /** Milliseconds since the epoch. */
  readonly endedAt: number
  /** When a run last could read everything, milliseconds since the epoch. */
  readonly lastSuccessAt?: number
  readonly durationMs: number
  /** Calls of the API that were sent. */
  readonly requests: number
  /** Receivers of news by kind, and how many of them do not know everything. */
  readonly undelivered: Readonly<Record<string, number>>
}

type Labels = Readonly<Record<string, string>>

/** The whole text, its last newline included. */
export function renderDriftMetrics(facts: DriftRunFacts): string {
  const { report, lastSuccessAt } = facts
  const stack: Labels = facts.stack === undefined ? {} : { stack: facts.stack }
  const verdicts = Object.keys(VERDICTS) as (keyof typeof VERDICTS)[]
  const one = (value: number): [Labels, number][] => [[stack, value]]
  return [
    ...gauge("cvmimg_drift_last_run_success", "Whether the last run could read everything (1) or not (0).", [
      [stack, facts.success ? 1 : 0],
    ]),
    ...gauge(
      "cvmimg_drift_last_run_timestamp_seconds",
      "When the last run ended.",
      one(facts.endedAt / 1000),
    ),
    ...(lastSuccessAt === undefined
      ? []
      : gauge(
          "cvmimg_drift_last_success_timestamp_seconds",
          "When a run last could read everything.",
          one(lastSuccessAt / 1000),
        )),
    ...gauge(
      "cvmimg_drift_last_run_duration_seconds",
      "How long the last run took.",
      one(facts.durationMs / 1000),
    ),
    ...gauge(
      "cvmimg_drift_last_run_requests",
      "Calls of the API that the last run sent.",
      one(facts.requests),
    ),
    ...(report === undefined
      ? []
      : [
          ...gauge(
            "cvmimg_drift_placements",
            "Placements by verdict, as of the last report.",
            verdicts.map((verdict) => [{ ...stack, verdict }, report.summary[verdict]]),
          ),
          ...gauge(
            "cvmimg_drift_ignored",
            "Differences that rules of the stack accept.",
            one(report.ignored),
          ),
        ]),
    ...gauge(
      "cvmimg_drift_receivers_behind",
      "Receivers of notifications that have not accepted the last news, by kind.",
      Object.entries(facts.undelivered).map(([kind, count]) => [{ ...stack, kind }, count]),
    ),
    "",
  ].join("\n")
}

function gauge(name: string, help: string, values: readonly [Labels, number][]): string[] {
  if (values.length === 0) return []
  return [
    `# HELP ${name} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}`,
    `# TYPE ${name} gauge`,
    ...values.map(([labels, value]) => `${name}${labelText(labels)} ${value}`),
  ]
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${labelValue(value)}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

/** As the format asks for it. */
function labelValue(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")
}
