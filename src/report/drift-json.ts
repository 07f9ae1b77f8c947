/** Drift for machines, in the shape of schemas/drift.schema.json. */
import type { Accepted, DriftReport, DriftRow, NewsItem } from "../model/drift.ts"
import type { Change } from "../model/plan.ts"
import type { Position } from "../model/position.ts"
import { VERDICT_LIST } from "./drift-words.ts"
import { failureShape } from "./failure-json.ts"
import { jsonText } from "./json.ts"

/** The report as JSON with stable keys and sorted rows, a newline at the end. Times are ISO 8601. */
export function renderDriftJson(report: DriftReport): string {
  const { news } = report
  return jsonText({
    formatVersion: report.formatVersion,
    stack: report.stack,
    stackId: report.stackId,
    at: time(report.at),
    failOn: report.failOn,
    summary: Object.fromEntries(VERDICT_LIST.map((verdict) => [verdict, report.summary[verdict]])),
    ignored: report.ignored,
    placements: report.placements.map(rowShape),
    notices: report.notices.map(({ code, message, account, region, imageId, manifest }) => ({
      code,
      message,
      account,
      region,
      imageId,
      manifest: manifest === undefined ? undefined : positionShape(manifest),
    })),
    unread: report.unread.map(({ account, region, code }) => ({ account, region, code })),
    notConsidered: report.notConsidered,
    news:
      news === undefined
        ? undefined
        : {
            last: time(news.last),
            new: news.new.map(itemShape),
            healed: news.healed.map(itemShape),
            unchanged: news.unchanged.map(itemShape),
          },
  })
}

function rowShape(row: DriftRow): object {
  const { image, account, region, verdict, reasons, imageId, advice, failure } = row
  return {
    image,
    account,
    region,
    verdict,
    reasons,
    changes: row.changes.map(changeShape),
    imageId,
    ignored: row.ignored?.map(acceptedShape),
    advice,
    failure: failure === undefined ? undefined : failureShape(failure),
    since: time(row.since),
    manifest: positionShape(row.manifest),
  }
}

function acceptedShape({ change, verdict, reason, until, rule }: Accepted): object {
  return {
    change: change === undefined ? undefined : changeShape(change),
    verdict,
    reason,
    until,
    rule: positionShape(rule),
  }
}

function itemShape(item: NewsItem): object {
  const { image, account, region, imageId, verdict, before, reasons, changes, since } = item
  return {
    image,
    account,
    region,
    imageId,
    verdict,
    before,
    reasons,
    changes: changes.map(changeShape),
    since: time(since),
  }
}

function changeShape({ field, before, after, impact }: Change): object {
  return { field, before, after, impact }
}

function positionShape({ file, line, column }: Position): object {
  return { file, line, column }
}

function time(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}
