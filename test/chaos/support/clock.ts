/**
 * Time as a list of events. Nothing waits for real: when nobody has anything left to do, time jumps to the next event.
 * A process lives on this time; once it is dead, no timer and no reply reaches it any more, and its promises stay open
 * for ever, as those of a killed program do.
 */
import type { WorldClock } from "../../../src/emulator/clock.ts"
import type { Clock } from "../../../src/model/clock.ts"

interface Timer {
  readonly at: number
  readonly serial: number
  /** True: somebody was woken, who has to have his turn before the next event. */
  run: (() => boolean) | undefined
}

const START = Date.UTC(2026, 10, 1, 12)

export class EventClock implements WorldClock {
  private readonly heap: Timer[] = []
  private serial = 0
  /** Milliseconds since the start. */
  time = 0

  now(): number {
    return START + this.time
  }

  at(time: number, run: () => boolean): Timer {
    this.serial += 1
    const timer = { at: Math.max(time, this.time), serial: this.serial, run }
    const { heap } = this
    let i = heap.push(timer) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(timer, heap[parent] as Timer)) break
      heap[i] = heap[parent] as Timer
      i = parent
    }
    heap[i] = timer
    return timer
  }

  /** Runs the next event. `woke`: somebody has to have his turn; `empty`: there is none. */
  next(): "woke" | "silent" | "empty" {
    const timer = this.pop()
    if (timer === undefined) return "empty"
    this.time = timer.at
    return timer.run?.() === true ? "woke" : "silent"
  }

  /** Lets so much time pass, with whatever happens in it by itself. */
  pass(ms: number): void {
    const until = this.time + ms
    for (let first = this.heap[0]; first !== undefined && first.at <= until; first = this.heap[0]) this.next()
    this.time = until
  }

  private pop(): Timer | undefined {
    const { heap } = this
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1] as Timer, heap[child] as Timer)) child += 1
      if (!before(heap[child] as Timer, last)) break
      heap[i] = heap[child] as Timer
      i = child
    }
    heap[i] = last
    return top
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.serial < b.serial)
}

/** A program that runs on the event clock and may be killed at any of its dealings with the outside. */
export class Process implements Clock {
  readonly clock: EventClock
  private killAt: number
  alive = true
  steps = 0

  constructor(clock: EventClock, killAt: number = Number.POSITIVE_INFINITY) {
    this.clock = clock
    this.killAt = killAt
  }

  /** It dies so many dealings from now at the latest. */
  dieIn(steps: number): void {
    this.killAt = Math.min(this.killAt, this.steps + steps)
  }

  /** A dealing with the outside. False: the process is dead, and nothing comes of it. */
  step(): boolean {
    if (!this.alive) return false
    this.steps += 1
    this.alive = this.steps < this.killAt
    return this.alive
  }

  now(): number {
    return this.clock.now()
  }

  monotonic(): number {
    return this.clock.time
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error)
      const onAbort = (): void => {
        timer.run = undefined
        if (this.alive) reject(signal?.reason as Error)
      }
      const timer = this.clock.at(this.clock.time + Math.max(0, ms), () => {
        signal?.removeEventListener("abort", onAbort)
        if (!this.step()) return false
        resolve()
        return true
      })
      signal?.addEventListener("abort", onAbort, { once: true })
    })
  }
}

/** After everything that waits for nothing from outside. */
const quiet = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

export interface Driven<T> {
  readonly process: Process
  readonly work: Promise<T>
}

export type Ended<T> = { readonly value: T } | { readonly error: unknown } | "killed" | "hung"

/** Lets time run until every program has ended, is dead, or can never end. `limitMs`: that counts as never. */
export async function drive<T>(
  clock: EventClock,
  programs: readonly Driven<T>[],
  limitMs: number,
): Promise<readonly Ended<T>[]> {
  const ends: (Ended<T> | undefined)[] = programs.map(() => undefined)
  programs.forEach(({ work }, i) => {
    work.then(
      (value) => {
        ends[i] = { value }
      },
      (error: unknown) => {
        ends[i] = { error }
      },
    )
  })
  const until = clock.time + limitMs
  for (;;) {
    await quiet()
    const open = programs.some(({ process: p }, i) => ends[i] === undefined && p.alive)
    if (!open) break
    let happened: ReturnType<EventClock["next"]>
    do happened = clock.next()
    while (happened === "silent")
    if (happened === "empty" || clock.time > until) break
  }
  return programs.map(({ process: p }, i) => ends[i] ?? (p.alive ? "hung" : "killed"))
}
