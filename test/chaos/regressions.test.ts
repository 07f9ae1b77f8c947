/** Seeds that failed once, with what it was. Draws change with the simulation, so each has a readable test as well. */
import { expect, it } from "vitest"
import { simulate } from "./support/simulate.ts"

it.each([
  [
    74,
    "a failed staged image was imported again beside a retired one of the wanted spec (test/plan/match.test.ts)",
  ],
  [135, "a failed image of the name hid the staged one (test/plan/match.test.ts)"],
  [30, "somebody's image had the staged name, and the plan did not say so (test/plan/match.test.ts)"],
  [1499, "shares were lost by the rest of a swap (test/plan/match.test.ts)"],
  [558, "a protected member of the family was deprecated by a restore (test/plan/match.test.ts)"],
  [634, "a member that failed under another name was imported again (test/plan/match.test.ts)"],
  [602, "a staged image that lost its stamp was waited for by one side and refused by the other"],
  [157, "a staged image that is shared out was to be removed for ever (test/plan/match.test.ts)"],
  [
    3140,
    "an image lost its marks while its release was held, and was written to (test/apply/restore.test.ts)",
  ],
  [
    31732,
    "a rename took the tags off before the stamp was on, which left no mark (test/apply/steps.test.ts)",
  ],
  [37613, "the same, with shares to give"],
  [162751, "a staged image that was marked by hand was to be removed for ever (test/plan/match.test.ts)"],
  [
    432370,
    "somebody had the staged name under which one that failed under a former name was to be tried again",
  ],
  [24197, "somebody took the stamp off before a restore took the tags off (test/apply/steps.test.ts)"],
  [223370, "the checker did not know that a replacement's retirement waits for all imports of its family"],
  [12079, "the checker did not know that a name given back may be a former one"],
  [20161, "the same"],
  [516292, "a leftover got a family after the plan, and was deleted uncounted (test/apply/retire.test.ts)"],
  [809950, "the checker did not know that what is retired may have a family that its manifest wants no more"],
  [844936, "as 516292"],
  [950024, "as 516292, of an image that its manifest protects"],
  [961397, "as 516292"],
  [999932, "as 516292"],
  [1705, "somebody had the name under which a failed member was to be tried again"],
])("seed %i: %s", async (seed) => {
  expect((await simulate(seed)).violations).toEqual([])
})
