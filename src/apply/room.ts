import { ownSignal, Stop, stopOf } from "./stop.ts"

/**
 * Places for imports that are accepted and not yet finished, in one account and region (`maxImporting`). A place whose
 * import never ended within its limit stays taken: the import goes on in the cloud.
 */
export class Room {
  private readonly places: number
  private taken = 0
  private stuck = 0
  private readonly queue: Turn[] = []

  constructor(places: number = Number.POSITIVE_INFINITY) {
    this.places = places
  }

  /** Takes a place without asking: for imports that are under way already. */
  occupy(): void {
    this.taken += 1
  }

  /** Waits for a place, first come, first served; rejects with a `Stop` if there will be none. */
  async enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw stopOf(signal)
    if (this.taken < this.places) {
      this.taken += 1
      return
    }
    if (this.stuck >= this.places) throw new Stop("no_room")
    await this.turn(ownSignal(signal))
  }

  leave(): void {
    this.taken -= 1
    while (this.taken < this.places) {
      const next = this.queue.shift()
      if (next === undefined) return
      this.taken += 1
      next.come()
    }
  }

  /** The place stays taken for the rest of the run. */
  keep(): void {
    this.stuck += 1
    if (this.stuck >= this.places) for (const turn of this.queue.splice(0)) turn.go(new Stop("no_room"))
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.queue.splice(this.queue.indexOf(turn), 1)
        reject(stopOf(signal))
      }
      const over = (): void => signal.removeEventListener("abort", onAbort)
      const turn: Turn = {
        come: () => {
          over()
          resolve()
        },
        go: (stop) => {
          over()
          reject(stop)
        },
      }
      this.queue.push(turn)
      signal.addEventListener("abort", onAbort, { once: true })
    })
  }
}

interface Turn {
  readonly come: () => void
  readonly go: (stop: Stop) => void
}
