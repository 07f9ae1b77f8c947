/**
 * The brakes: limits of the stack on what one run may do. They count images, not placements, since one image in
 * twenty regions is one decision; a percentage counts from ten images on, where it means something.
 */
import type { Placement } from "../model/placement.ts"
import { compareText } from "../model/placement.ts"
import { type Action, type Brake, type FamilyMove, isLeftover } from "../model/plan.ts"
import type { Limit, Safety } from "../model/stack.ts"

/** Limits lifted for one run by naming the number. */
export type Allowances = Readonly<Partial<Record<Brake["limit"], number>>>

/** The limits that the actions exceed. */
export function guard(
  actions: readonly Action[],
  families: readonly FamilyMove[],
  safety: Safety,
  imagesOfStack: number,
  allow: Allowances = {},
): Brake[] {
  return LIMITS.flatMap((limit) => {
    const found = counted(limit, actions, families)
    const allowed = allow[limit] ?? allowance(safety[limit], imagesOfStack)
    return found.count > allowed ? [{ limit, allowed, ...found }] : []
  })
}

const LIMITS = ["maxDeletes", "maxReplaces", "maxFamilyMoves", "maxDeprecates"] as const

/** What counts for a limit. */
export function counted(
  limit: Brake["limit"],
  actions: readonly Action[],
  families: readonly FamilyMove[],
): Pick<Brake, "count" | "placements" | "images"> {
  const placements = placementsOf(limit, actions, families)
  const images = [...new Set(placements.map((p) => p.image))].sort(compareText)
  return { count: images.length, placements: placements.length, images }
}

function placementsOf(
  limit: Brake["limit"],
  actions: readonly Action[],
  families: readonly FamilyMove[],
): readonly Placement[] {
  switch (limit) {
    case "maxDeletes":
      return actions.filter(deletes)
    case "maxReplaces":
      return actions.filter((a) => a.action === "replace")
    case "maxFamilyMoves":
      // The first member of a family releases it; only what consumers boot already can move.
      return families
        .filter((move) => move.before !== null)
        .flatMap((move) =>
          move.images.map((image) => ({ image, account: move.account, region: move.region })),
        )
    case "maxDeprecates":
      return actions.filter(deprecates)
  }
}

function allowance(limit: Limit, imagesOfStack: number): number {
  if ("count" in limit) return limit.count
  return imagesOfStack < 10 ? imagesOfStack : Math.floor((imagesOfStack * limit.percent) / 100)
}

/** Leftovers of our own are shown and not counted: nobody can boot from them. */
function deletes(a: Action): boolean {
  if (a.action === "delete") return a.reasons.some((reason) => !isLeftover(reason))
  return a.action === "replace" && a.retire.some((r) => r.how === "delete")
}

function deprecates(a: Action): boolean {
  switch (a.action) {
    case "deprecate":
      return true
    case "update":
    case "adopt":
      return a.update.attributes?.deprecated === true
    case "replace":
      return a.retire.some((r) => r.how === "deprecate")
    case "restore":
      return a.deprecate.length > 0
    default:
      return false
  }
}
