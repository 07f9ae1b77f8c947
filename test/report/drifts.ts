/** A drift report with everything that one can hold. */
import { type DriftReport, type DriftRow, type DriftVerdict, VERDICTS } from "../../src/model/drift.ts"
import { aFailure } from "./build.ts"

const AT = 1_793_707_200_000
const HOUR = 3_600_000
const WHERE = { file: "images/ubuntu.yaml", line: 5, column: 11 }

function aRow(over: Partial<DriftRow> = {}): DriftRow {
  return {
    image: "ubuntu-22.04-base",
    account: "default",
    region: "ap-singapore",
    verdict: "in_sync",
    reasons: ["in_sync"],
    changes: [],
    imageId: "img-abcd1234",
    manifest: WHERE,
    ...over,
  }
}

const team = { field: "tags.team", before: "sales", after: "platform", impact: "in_place" } as const

const rows: readonly DriftRow[] = [
  aRow({
    image: "debian-12",
    verdict: "drifted",
    reasons: ["cloud_moved", "manifest_moved", "attribute_changed:family", "tag_changed:team"],
    changes: [{ field: "family", before: "", after: "debian", impact: "in_place" }, team],
    since: AT - 26 * HOUR,
  }),
  aRow({
    image: "debian-12",
    region: "eu-frankfurt",
    verdict: "drifted",
    reasons: ["cloud_moved", "gone:img-0000aaaa", "missing"],
    changes: [{ field: "name", before: null, after: "debian-12", impact: "create" }],
    since: AT,
  }),
  aRow({
    image: "debian-12",
    region: "na-ashburn",
    verdict: "drifted",
    reasons: ["cloud_moved", "source_changed"],
    changes: [{ field: "source", before: "aaaa0000aaaa", after: "bbbb1111bbbb", impact: "replacement" }],
  }),
  aRow({
    image: "edge",
    verdict: "failed",
    reasons: ["import_failed"],
    advice: "The import that left img-abcd1234 failed, and the same import would fail again.",
  }),
  aRow({ image: "edge", region: "eu-frankfurt", verdict: "conflict", reasons: ["provenance_conflict"] }),
  aRow({
    image: "edge",
    region: "na-ashburn",
    verdict: "unknown",
    reasons: ["not_observed"],
    failure: aFailure(),
  }),
  aRow({ image: "old", verdict: "orphan", reasons: ["orphaned"], imageId: "img-00001111" }),
  aRow({ image: "rocky", verdict: "unmanaged", reasons: ["unmanaged"] }),
  aRow({ image: "rocky", region: "eu-frankfurt", verdict: "in_progress", reasons: ["importing"] }),
  aRow({
    image: "rocky",
    region: "na-ashburn",
    verdict: "pending",
    reasons: ["manifest_moved", "attribute_changed:description"],
    changes: [{ field: "description", before: "old words", after: "new words", impact: "in_place" }],
  }),
  aRow(),
  aRow({
    region: "eu-frankfurt",
    ignored: [
      {
        change: team,
        verdict: "drifted",
        reason: "sales pays",
        until: "2026-12-31",
        rule: { file: "cvmimg.yaml", line: 12, column: 9 },
      },
    ],
  }),
  aRow({
    region: "na-ashburn",
    ignored: [
      { verdict: "conflict", reason: "being moved", rule: { file: "cvmimg.yaml", line: 13, column: 9 } },
    ],
  }),
]

/** A report of these rows. */
export function aDriftReport(placements: readonly DriftRow[], over: Partial<DriftReport> = {}): DriftReport {
  const verdicts = Object.keys(VERDICTS) as DriftVerdict[]
  return {
    formatVersion: 1,
    stack: "golden",
    stackId: "0123abcd",
    at: AT,
    failOn: ["drifted", "failed"],
    summary: Object.fromEntries(
      verdicts.map((v) => [v, placements.filter(({ verdict }) => verdict === v).length]),
    ) as Record<DriftVerdict, number>,
    ignored: placements.reduce((sum, { ignored }) => sum + (ignored?.length ?? 0), 0),
    placements,
    notices: [],
    unread: [],
    notConsidered: 0,
    ...over,
  }
}

const item = {
  image: "debian-12",
  account: "default",
  region: "ap-singapore",
  imageId: "img-abcd1234",
  reasons: ["cloud_moved"],
  changes: [team],
  since: AT - HOUR,
} as const

export const richDrift: DriftReport = aDriftReport(rows, {
  notices: [
    {
      code: "ignore_expired",
      message: "the rule is over",
      manifest: { file: "cvmimg.yaml", line: 14, column: 9 },
    },
    { code: "over_retention", message: "debian-11 is kept", region: "ap-singapore", imageId: "img-00002222" },
    { code: "source_unread", message: "the source of edge could not be read", manifest: WHERE },
  ],
  unread: [{ account: "default", region: "na-ashburn", code: "UnauthorizedOperation" }],
  notConsidered: 3,
  news: {
    last: AT - 6 * HOUR,
    new: [{ ...item, verdict: "drifted" }],
    healed: [{ ...item, image: "web", verdict: "in_sync", before: "failed" }],
    unchanged: [{ ...item, image: "edge", verdict: "failed", before: "failed" }],
  },
})

export const quietDrift: DriftReport = aDriftReport([aRow(), aRow({ region: "eu-frankfurt" })])
