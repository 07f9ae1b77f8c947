/** Delays that can be ended all at once. */
export interface Pauses {
  /** True after so many milliseconds of real time; false when they were ended before. */
  wait(milliseconds: number): Promise<boolean>
  stop(): void
}

const longestTimer = 2 ** 31 - 1

export function createPauses(): Pauses {
  const waiting = new Set<() => void>()
  let stopped = false
  return {
    wait(milliseconds) {
      if (stopped) return Promise.resolve(false)
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          resolve(false)
        }
        const timer = setTimeout(
          () => {
            waiting.delete(end)
            resolve(true)
          },
          Math.min(milliseconds, longestTimer),
        )
        waiting.add(end)
      })
    },
    stop() {
      stopped = true
      for (const end of waiting) end()
      waiting.clear()
    },
  }
}
