/** From a report, and what of it a receiver does not know yet, to what is sent. */
import { createHash } from "node:crypto"
import type { DriftNews, DriftReport, NewsItem } from "../model/drift.ts"
import type { Notification, NotifiedItem } from "../model/notification.ts"

/** Items of each list that are sent; the rest is counted. */
const MOST_ITEMS = 500

/** What to send, or undefined: there is no news, and no heartbeat is due. */
export function notificationOf(
  report: DriftReport,
  news: DriftNews,
  heartbeatMs: number | undefined,
): Notification | undefined {
  const quiet = news.new.length === 0 && news.healed.length === 0
  if (quiet && !isDue(report.at, news.last, heartbeatMs)) return undefined
  const body = {
    event: quiet ? ("heartbeat" as const) : ("drift" as const),
    stack: report.stack,
    stackId: report.stackId,
    at: new Date(report.at).toISOString(),
    summary: report.summary,
    new: news.new.slice(0, MOST_ITEMS).map(itemOf),
    healed: news.healed.slice(0, MOST_ITEMS).map(itemOf),
    unchanged: news.unchanged.length,
    more: {
      new: Math.max(0, news.new.length - MOST_ITEMS),
      healed: Math.max(0, news.healed.length - MOST_ITEMS),
    },
  }
  return { formatVersion: 1, id: digest(JSON.stringify(body)), ...body }
}

function isDue(at: number, last: number | undefined, heartbeatMs: number | undefined): boolean {
  return heartbeatMs !== undefined && (last === undefined || at - last >= heartbeatMs)
}

function itemOf(item: NewsItem): NotifiedItem {
  const { image, account, region, imageId, verdict = "gone", before, reasons, changes, since } = item
  return {
    image,
    account,
    region,
    ...(imageId === undefined ? {} : { imageId }),
    verdict,
    ...(before === undefined ? {} : { before }),
    reasons,
    changes: changes.map(({ field, before, after, impact }) => ({ field, before, after, impact })),
    since: new Date(since).toISOString(),
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32)
}
