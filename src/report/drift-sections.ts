/** What stands below the rows of a drift report, as sentences: what rules accept, what healed, and notices. */
import type { Accepted, DriftReport, DriftRow } from "../model/drift.ts"
import type { Placement } from "../model/placement.ts"
import { verdictText } from "./drift-words.ts"
import { scopeText } from "./plan-groups.ts"
import { quotedValue } from "./value.ts"

/** One line of a section: the placement or file that it is about, and what is to be said. */
export interface Remark {
  readonly about: string
  readonly text: string
  /** An image id, or where a rule stands. */
  readonly where?: string
}

export interface Remarks {
  readonly id: string
  readonly title: string
  readonly items: readonly Remark[]
}

/** The sections that have something to say, in their order. */
export function remarksOf(report: DriftReport, accounts: boolean): Remarks[] {
  const all: Remarks[] = [
    { id: "ignored", title: "Ignored", items: ignoredItems(report, accounts) },
    { id: "healed", title: "Healed since the last report", items: healedItems(report, accounts) },
    { id: "notices", title: "Notices", items: noticeItems(report, accounts) },
  ]
  return all.filter(({ items }) => items.length > 0)
}

function ignoredItems({ placements }: DriftReport, accounts: boolean): Remark[] {
  return placements.flatMap((row) =>
    (row.ignored ?? []).map((one) => ({
      about: placementText(row, accounts),
      text: acceptedText(one, row),
      where: `${one.rule.file}:${one.rule.line}`,
    })),
  )
}

function acceptedText({ change, verdict, reason, until }: Accepted, row: DriftRow): string {
  const what =
    change === undefined
      ? verdictText(verdict) + (row.imageId === undefined ? "" : ` ${row.imageId}`)
      : `${change.field} ${quotedValue(change.before)} -> ${quotedValue(change.after)}`
  return `${what}: ${reason}${until === undefined ? "" : ` (until ${until})`}`
}

function healedItems({ news }: DriftReport, accounts: boolean): Remark[] {
  return (news?.healed ?? []).map((item) => ({
    about: placementText(item, accounts),
    text: `was ${verdictText(item.before ?? "drifted")}, ${item.verdict === undefined ? "is not asked for any more" : `is ${verdictText(item.verdict)}`}`,
    ...(item.imageId === undefined ? {} : { where: item.imageId }),
  }))
}

function noticeItems({ notices }: DriftReport, accounts: boolean): Remark[] {
  return notices.map(({ message, account, region, imageId, manifest }) => {
    const scope = [accounts ? account : undefined, region].filter((part) => part !== undefined).join("/")
    const where = manifest === undefined ? imageId : `${manifest.file}:${manifest.line}`
    const told = where === undefined || message.includes(where)
    return { about: scope === "" ? "Stack" : scope, text: message, ...(told ? {} : { where }) }
  })
}

function placementText(p: Placement, accounts: boolean): string {
  return `${p.image} ${scopeText(p, accounts)}`
}
