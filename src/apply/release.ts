import { placementKey } from "../model/placement.ts"
import type { Action } from "../model/plan.ts"
import { ownSignal } from "./stop.ts"

/**
 * `release: together`: who is to name an image or move its family waits here until every placement of the image in
 * the plan is NORMAL. Imports, replacements and awaits arrive when they are read at NORMAL; updates and restores stand
 * at NORMAL from the start; an image with a refused placement is never complete.
 */
export class Releases {
  private readonly images = new Map<string, Hold>()

  constructor(actions: readonly Action[]) {
    for (const a of actions) {
      const hold = this.images.get(a.image) ?? new Hold()
      this.images.set(a.image, hold)
      if (arrives(a)) hold.awaited.add(placementKey(a))
      if (a.action === "refuse") hold.break()
    }
  }

  /** The placement was read at NORMAL. */
  arrived(action: Action): void {
    this.images.get(action.image)?.arrive(placementKey(action))
  }

  /** The action has ended. If it had not arrived, it never will. */
  ended(action: Action): void {
    if (!arrives(action)) return
    const hold = this.images.get(action.image)
    if (hold?.awaited.has(placementKey(action)) === true) hold.break()
  }

  /** True when every placement is NORMAL, false if that will not come, or `signal` was aborted. */
  async complete(image: string, signal: AbortSignal): Promise<boolean> {
    const hold = this.images.get(image)
    while (hold?.open === true && !signal.aborted) await hold.change(ownSignal(signal))
    return !signal.aborted && hold?.broken !== true
  }
}

function arrives({ action }: Action): boolean {
  return action === "import" || action === "retry" || action === "replace" || action === "await"
}

class Hold {
  readonly awaited = new Set<string>()
  broken = false
  private readonly waiting = new Set<() => void>()

  get open(): boolean {
    return !this.broken && this.awaited.size > 0
  }

  arrive(key: string): void {
    this.awaited.delete(key)
    if (!this.open) this.wake()
  }

  break(): void {
    this.broken = true
    this.wake()
  }

  change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener("abort", wake)
        this.waiting.delete(wake)
        resolve()
      }
      this.waiting.add(wake)
      signal.addEventListener("abort", wake, { once: true })
    })
  }

  private wake(): void {
    for (const wake of this.waiting) wake()
  }
}
