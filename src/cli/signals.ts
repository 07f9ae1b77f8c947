import { setMaxListeners } from "node:events"

/**
 * Ctrl-C once: start nothing new and finish cleanly. Twice: leave at once.
 *
 * The terminal sends Ctrl-C to everybody in the foreground, and npm, make and the like pass it on to the command that
 * they started, so that one press can arrive twice. The same signal again is a second press only after half a second.
 */

export interface Signals {
  readonly signal: AbortSignal
  readonly interrupted: () => number | undefined
}

const SAME_PRESS_MS = 500

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 143 } as const

/** Listens to the process's signals. `beforeLeaving` restores the terminal when a second one ends the process. */
export function listenToSignals(beforeLeaving: () => void): Signals {
  const controller = new AbortController()
  // Every call under way listens to it, and there may be hundreds.
  setMaxListeners(0, controller.signal)
  let code: number | undefined
  let first: { readonly name: string; readonly at: number } | undefined
  for (const name of Object.keys(CODES) as (keyof typeof CODES)[]) {
    process.on(name, () => {
      if (first !== undefined) {
        if (first.name === name && performance.now() - first.at < SAME_PRESS_MS) return
        beforeLeaving()
        process.exit(code)
      }
      first = { name, at: performance.now() }
      code = CODES[name]
      controller.abort(new Error(`interrupted by ${name}`))
    })
  }
  return { signal: controller.signal, interrupted: () => code }
}
