/** Rules of the Stack that accept differences (`spec.drift.ignore`): which hold, which are used, which are over. */
import type { Accepted, DriftNotice, Finding } from "../model/drift.ts"
import type { Placement } from "../model/placement.ts"
import type { Change } from "../model/plan.ts"
import type { DriftIgnore } from "../model/stack.ts"

export interface Rules {
  /** The rule that accepts a field of the placement; without a field: one that accepts everything of it. */
  find(p: Placement, field?: string): DriftIgnore | undefined
  /** Notes that a rule has something to hold for. */
  use(rule: DriftIgnore): void
  /** Rules that are over, and those that hold and were not used (`whole`: everything that there is was looked at). */
  notices(whole: boolean): DriftNotice[]
}

/** `now`: milliseconds since the epoch. The first rule that fits decides. */
export function rulesOf(list: readonly DriftIgnore[], now: number): Rules {
  const holds = list.filter((rule) => rule.endsAt === undefined || now < rule.endsAt)
  const tests = holds.map((rule) => ({ rule, fits: placementTest(rule), field: globTest(rule.field) }))
  const used = new Set<DriftIgnore>()
  return {
    find: (p, field) =>
      tests.find(
        (test) =>
          (test.rule.field === undefined || (field !== undefined && test.field(field))) && test.fits(p),
      )?.rule,
    use: (rule) => used.add(rule),
    notices: (whole) => [
      ...list.filter((rule) => !holds.includes(rule)).map(expired),
      ...(whole ? holds.filter((rule) => !used.has(rule)).map(unused) : []),
    ],
  }
}

/** What the rule accepts. */
export function accepted(rule: DriftIgnore, verdict: Finding, change?: Change): Accepted {
  return {
    ...(change === undefined ? {} : { change }),
    verdict,
    reason: rule.reason,
    ...(rule.until === undefined ? {} : { until: rule.until }),
    rule: rule.at,
  }
}

function expired(rule: DriftIgnore): DriftNotice {
  return {
    code: "ignore_expired",
    message: `the rule "${rule.reason}" held until ${rule.until ?? ""} and accepts nothing any more`,
    manifest: rule.at,
  }
}

function unused(rule: DriftIgnore): DriftNotice {
  return {
    code: "ignore_unused",
    message: `the rule "${rule.reason}" accepts nothing that is there`,
    manifest: rule.at,
  }
}

function placementTest(rule: DriftIgnore): (p: Placement) => boolean {
  const image = globTest(rule.image)
  return (p) =>
    (rule.account === undefined || rule.account === p.account) &&
    (rule.region === undefined || rule.region === p.region) &&
    image(p.image)
}

/** `*` stands for any characters; no pattern fits all. Takes linear time for each `*`, whatever the text. */
function globTest(pattern: string | undefined): (text: string) => boolean {
  if (pattern === undefined) return () => true
  const [first = "", ...rest] = pattern.split("*")
  if (rest.length === 0) return (text) => text === pattern
  const last = rest.pop() ?? ""
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
      return false
    const end = text.length - last.length
    let at = first.length
    for (const part of rest) {
      const found = text.indexOf(part, at)
      if (found < 0 || found + part.length > end) return false
      at = found + part.length
    }
    return true
  }
}
