/**
 * The brakes: limits of the stack on what one run may do. They count images, not placements, since one image in
 * twenty regions is one decision; a percentage counts from ten images on, where it means something.
 */
import type { Placement } from "../model/placement.ts"
import { compareText } from "../model/placement.ts"
import type { Action, Brake, FamilyMove } from "../model/plan.ts"
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
  const deprecates = actions.filter(
    (a) => (a.action === "update" || a.action === "adopt") && a.update.attributes?.deprecated === true,
  )
  // The first member of a family releases it; only what consumers boot already can move.
  const moves = families
    .filter((move) => move.before !== null)
    .flatMap((move) => move.images.map((image) => ({ image, account: move.account, region: move.region })))
  const counted: [Brake["limit"], readonly Placement[]][] = [
    ["maxFamilyMoves", moves],
    ["maxDeprecates", deprecates],
  ]
  return counted.flatMap(([limit, placements]) => {
    const images = [...new Set(placements.map((p) => p.image))].sort(compareText)
    const allowed = allow[limit] ?? allowance(safety[limit], imagesOfStack)
    if (images.length <= allowed) return []
    return [{ limit, count: images.length, placements: placements.length, allowed, images }]
  })
}

function allowance(limit: Limit, imagesOfStack: number): number {
  if ("count" in limit) return limit.count
  return imagesOfStack < 10 ? imagesOfStack : Math.floor((imagesOfStack * limit.percent) / 100)
}
