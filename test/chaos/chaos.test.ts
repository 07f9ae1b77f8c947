/**
 * The randomised proof. So many seeds take less than a minute on two busy cores; `npm run chaos` runs a million, and
 * CHAOS_SEEDS another number here.
 */
import { expect, it } from "vitest"
import { simulate } from "./support/simulate.ts"

const SEEDS = Number(process.env.CHAOS_SEEDS ?? 1_500)

it(`${SEEDS} seeds: whatever goes wrong, every invariant holds and everything comes right`, {
  timeout: 600_000,
}, async () => {
  const failed: string[] = []
  let kills = 0
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const story = await simulate(seed)
    kills += story.kills
    for (const { law, text } of story.violations) failed.push(`seed ${seed}: ${law}: ${text}`)
    if (seed % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(failed).toEqual([])
  // Something did go wrong in them.
  expect(kills).toBeGreaterThan(SEEDS / 10)
})

it("the same seed is the same story", async () => {
  for (const seed of [3, 87, 249]) {
    const [one, other] = [await simulate(seed, { trace: true }), await simulate(seed, { trace: true })]
    expect(one.trace).toEqual(other.trace)
    expect(one.trace.length).toBeGreaterThan(20)
  }
})
