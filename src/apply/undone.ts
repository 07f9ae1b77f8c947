import type { Action, FamilyMove } from "../model/plan.ts"

/**
 * Images and families whose new image did not come to stand in this run. Nothing of theirs is retired: it may be what
 * consumers still need. Counted over all regions, since a release that stopped halfway is not over anywhere.
 */
export class Undone {
  private readonly moves: readonly FamilyMove[]
  private readonly images = new Set<string>()
  private readonly families = new Set<string>()
  private sealed = false

  constructor(moves: readonly FamilyMove[]) {
    this.moves = moves
  }

  /** The action ended without being done; only what brings an image counts. */
  add(action: Action): void {
    if (this.sealed || !brings(action)) return
    this.images.add(action.image)
    for (const family of familiesOf(action)) this.families.add(family)
    for (const { family, images } of this.moves) if (images.includes(action.image)) this.families.add(family)
  }

  /** Whatever brings an image has ended; how retirements end says nothing about it. */
  seal(): void {
    this.sealed = true
  }

  holds(image: string, family: string): boolean {
    return this.images.has(image) || (family !== "" && this.families.has(family))
  }
}

type Bringing = Extract<Action, { action: "import" | "retry" | "replace" | "restore" | "await" }>

function brings(action: Action): action is Bringing {
  return ["import", "retry", "replace", "restore", "await"].includes(action.action)
}

function familiesOf(action: Bringing): readonly string[] {
  const later = action.action === "restore" ? action.update : action.afterwards
  const atOnce = "request" in action ? action.request.family : undefined
  return [later.attributes?.family, atOnce].filter(
    (family) => family !== undefined && family !== "",
  ) as string[]
}
