/** Without any one safeguard the simulation fails within a thousand seeds: the checker would see it missing. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { SAFEGUARDS } from "./support/safeguards.ts"
import { simulate } from "./support/simulate.ts"

const page = readFileSync(new URL("../../docs/reliability.md", import.meta.url), "utf8")
const listed = [...page.matchAll(/^\| ([^|]+?) \| (\d+) \| \S.* \|$/gm)].map(([, name]) => name)

it("every safeguard is listed in docs/reliability.md, with the seeds that it took", () => {
  expect(listed.sort()).toEqual(Object.keys(SAFEGUARDS).sort())
})

describe("taken away, it is noticed within 1,000 seeds", () => {
  it.each(Object.entries(SAFEGUARDS))("%s", async (_, tampering) => {
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const { violations } = await simulate(seed, { tampering })
      if (violations.length > 0) return
    }
    expect.unreachable("1,000 seeds without a violation")
  })
})
