/** The least of a failing story: what can be left out with the same law still broken is left out. */

import type { Tampering } from "./safeguards.ts"
import { type Story, simulate } from "./simulate.ts"

export interface Shrunk {
  readonly story: Story
  readonly muted: readonly string[]
  readonly rounds: number
}

const MOST_TRIES = 300

export async function shrink(seed: number, tampering?: Tampering): Promise<Shrunk | undefined> {
  const more = tampering === undefined ? {} : { tampering }
  const first = await simulate(seed, more)
  const law = first.violations[0]?.law
  if (law === undefined) return undefined
  let tries = 0
  const fails = async (muted: readonly string[], rounds: number): Promise<boolean> => {
    tries += 1
    const { violations } = await simulate(seed, { ...more, muted: new Set(muted), rounds })
    return violations[0]?.law === law
  }
  let { rounds } = first
  while (rounds > 0 && (await fails([], rounds - 1))) rounds -= 1
  let open = [...(await simulate(seed, { ...more, rounds })).decisions]
  let muted: string[] = []
  for (let size = open.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < open.length && tries < MOST_TRIES; ) {
      const chunk = open.slice(at, at + size)
      if (await fails([...muted, ...chunk], rounds)) {
        muted = [...muted, ...chunk]
        open = open.filter((d) => !chunk.includes(d))
      } else at += size
    }
  }
  const story = await simulate(seed, { ...more, muted: new Set(muted), rounds, trace: true })
  return { story, muted, rounds }
}
