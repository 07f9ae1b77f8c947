import { setMaxListeners } from "node:events"

/** Ctrl-C once: start nothing new and finish cleanly. Twice: leave at once. */

export interface Signals {
  readonly signal: AbortSignal
  readonly interrupted: () => number | undefined
}

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 143 } as const

/** Listens to the process's signals. `beforeLeaving` restores the terminal when a second one ends the process. */
export function listenToSignals(beforeLeaving: () => void): Signals {
  const controller = new AbortController()
  // Every call under way listens to it, and there may be hundreds.
  setMaxListeners(0, controller.signal)
  let code: number | undefined
  for (const name of Object.keys(CODES) as (keyof typeof CODES)[]) {
    process.on(name, () => {
      if (code !== undefined) {
        beforeLeaving()
        process.exit(code)
      }
      code = CODES[name]
      controller.abort(new Error(`interrupted by ${name}`))
    })
  }
  return { signal: controller.signal, interrupted: () => code }
}
