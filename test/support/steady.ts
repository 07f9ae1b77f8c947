/**
 * The time of this process without its stalls. One turn of the event loop counts for a few milliseconds at the most,
 * whatever the machine does meanwhile: whoever waits for so much of it has given everybody else in the process as many
 * turns. On a machine with time to spare it is real time.
 */
const TICK_MS = 2
/** What a turn counts for at the most. */
const TURN_MS = 4

// Taken now: a test may put a clock of its own in their place later.
const timers = { setTimeout, clearTimeout, setInterval }

let counted = 0
let turnedAt = performance.now()

const sinceTurn = (): number => Math.min(performance.now() - turnedAt, TURN_MS)

timers
  .setInterval(() => {
    counted += sinceTurn()
    turnedAt = performance.now()
  }, TICK_MS)
  .unref()

/** Milliseconds since some start; never goes back. */
export function steadyNow(): number {
  return counted + sinceTurn()
}

/** Calls `then` after so many milliseconds of steady time. What is given back takes that back. */
export function afterSteady(milliseconds: number, then: () => void): () => void {
  const at = steadyNow() + milliseconds
  const look = (): void => {
    const left = at - steadyNow()
    if (left <= 0) then()
    else timer = timers.setTimeout(look, left)
  }
  let timer = timers.setTimeout(look, milliseconds)
  return () => timers.clearTimeout(timer)
}

/** Resolves as soon as it is so; rejects after a minute. Not held up by a test's own timers, and does not move them. */
export async function until(so: () => boolean | Promise<boolean>): Promise<void> {
  for (const began = performance.now(); !(await so()); ) {
    if (performance.now() - began > 60_000) throw new Error("it never came to that")
    await new Promise<void>((resolve) => timers.setTimeout(resolve, 1))
  }
}
