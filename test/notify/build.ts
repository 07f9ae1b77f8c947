/** Reports and news as `drift` makes them. */
import type { DriftNews, DriftReport, NewsItem } from "../../src/model/drift.ts"
import type { Notification } from "../../src/model/notification.ts"
import { notificationOf } from "../../src/notify/index.ts"

export const AT: number = Date.parse("2026-11-24T06:00:00Z")
const HOUR = 3_600_000

export function anItem(more: Partial<NewsItem> = {}): NewsItem {
  return {
    image: "ubuntu-22.04-base",
    account: "default",
    region: "ap-singapore",
    imageId: "img-11112222",
    verdict: "drifted",
    reasons: ["cloud_moved"],
    changes: [{ field: "family", before: "other", after: "ubuntu-22.04", impact: "in_place" }],
    since: AT - 6 * HOUR,
    ...more,
  }
}

export function aReport(more: Partial<DriftReport> = {}): DriftReport {
  return {
    formatVersion: 1,
    stack: "golden",
    stackId: "0123abcd",
    at: AT,
    failOn: ["drifted", "failed"],
    summary: {
      drifted: 1,
      failed: 0,
      conflict: 0,
      pending: 2,
      orphan: 0,
      unmanaged: 0,
      in_progress: 0,
      unknown: 0,
      in_sync: 9,
    },
    ignored: 0,
    placements: [],
    notices: [],
    unread: [],
    notConsidered: 0,
    ...more,
  }
}

export function someNews(more: Partial<DriftNews> = {}): DriftNews {
  return { new: [anItem()], healed: [], unchanged: [], ...more }
}

/** What is sent of that news. */
export function aNotification(news: DriftNews = someNews(), heartbeatMs?: number): Notification {
  const found = notificationOf(aReport(), news, heartbeatMs)
  if (found === undefined) throw new Error("there is nothing to send")
  return found
}

export const healedItem: NewsItem = anItem({
  image: "debian-12",
  verdict: "in_sync",
  before: "drifted",
  reasons: ["in_sync"],
  changes: [],
})

/** Everything that a chat could take for markup, mention or link, in each place where foreign text can stand. */
export const HOSTILE =
  '<!here> <!channel|x> <@U012> @all @channel <at id=all></at> <@all> [a](https://evil.example) www.evil.example *b* _i_ ~s~ `c` # h > q & \u202e \u0007 \n# next evil.com/x ```x``` <font color="warning">'

export const hostileItem: NewsItem = anItem({
  image: HOSTILE,
  account: HOSTILE,
  region: HOSTILE,
  imageId: HOSTILE,
  changes: [
    { field: `tags.${HOSTILE}`, before: HOSTILE, after: HOSTILE, impact: "in_place" },
    { field: "sharedWith", before: [HOSTILE], after: null, impact: "in_place" },
  ],
})
