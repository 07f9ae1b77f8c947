/**
 * Which image of a region stands in a placement, and what follows from it.
 *
 * Names are compared exactly after a complete listing, since the API's name filter is fuzzy. Ownership is settled
 * first (own.ts), then the first row that fits decides:
 *
 * | what stands there                                   | match: name                 | match: family                |
 * |-----------------------------------------------------|-----------------------------|------------------------------|
 * | a half-done swap of ours                            | the rest of the swap        |                              |
 * | leftovers: failed with another spec, stale .next-   | removed along the way       | removed along the way        |
 * | ours, importing or in an unknown state              | await                       | await                        |
 * | ours, failed, same spec and source                  | refuse, or retry if told so | refuse, or retry if told so  |
 * | ours, same spec                                     | keep or update              | keep or update of the newest |
 * | ours, other spec, an earlier one has the wanted one | restore                     | restore                      |
 * | ours, other spec                                    | replace, or refuse          | import of the next member    |
 * | more than one of ours                               | refuse: ambiguous           | the newest counts            |
 * | another stack's                                     | refuse: owned_by_other      | refuse: owned_by_other       |
 * | marks that disagree                                 | refuse: provenance_conflict | refuse: provenance_conflict  |
 * | not ours, and a replacement of ours is staged       | refuse: conflict            |                              |
 * | not ours, differs in a stated field                 | refuse: conflict            | refuse: conflict             |
 * | not ours                                            | keep with notice, or adopt  | adopt of the newest          |
 * | nothing of it                                       | import                      | import as <name>-<hash8>     |
 *
 * Beyond the table: an image of ours of the wanted spec that somebody renamed is renamed back, not imported again, and
 * one whose source object changed counts as another spec where `source.onChange: replace` says so.
 */
import type { Reason } from "../model/plan.ts"
import { matchFamily } from "./match-family.ts"
import { matchName } from "./match-name.ts"
import { newerMembers, unfinished } from "./match-rows.ts"
import { losingShares } from "./match-stand.ts"
import { isFailed, isFinal, isProtected } from "./own.ts"
import { type Question, type Refused, type Restored, refuse, type Verdict } from "./verdict.ts"

/** Decides one placement. */
export function match(q: Question): Verdict {
  if (q.placement.lifecycle.state === "released") return matchReleased(q)
  const verdict = q.placement.match === "name" ? matchName(q) : matchFamily(q)
  return verdict.row === "restore" ? (hinderedRestore(q, verdict) ?? verdict) : verdict
}

/** What an image that is restored takes the place of must not be protected, nor shared with who would lose it. */
function hinderedRestore(q: Question, { target, old }: Restored): Refused | undefined {
  const newer = newerMembers(q, target)
  const kept = newer.filter(isProtected)
  if (kept.length > 0) return refuse("conflict", kept, { wanted: "restore", reasons: ["protected"] })
  for (const c of old === undefined ? newer : [old, ...newer]) {
    const lost = losingShares(q, c, target)
    if (lost !== undefined) return lost
  }
  return undefined
}

/** The service changes no image that failed, so that the marks of one stay, and whoever reads the plan is told. */
function matchReleased(q: Question): Verdict {
  const owned = q.region.byOwnedImage.get(q.hash) ?? []
  const failed = owned.filter((c) => isFailed(c.image))
  const alive = owned.filter((c) => !isFailed(c.image))
  if (alive.length > 1) return refuse("ambiguous", alive, { reasons: ["released"] })
  const [found] = alive
  if (found !== undefined && !isFinal(found.image)) {
    return { row: "await", found, reasons: ["released", unfinished(found)] }
  }
  const notices = failed.map((c): Reason => `import_failed:${c.image.id}`)
  return { row: "release", found: found ?? failed[0], notices }
}
