/**
 * The randomised proof: what `npm run chaos` does, in the same threads, one for each core, with as many seeds as take
 * about a minute on two cores. CHAOS_SEEDS: another number. Nothing here depends on how long it takes.
 */
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { simulate } from "./support/simulate.ts"

const SEEDS = Number(process.env.CHAOS_SEEDS ?? 10_000)

const root = new URL("../..", import.meta.url)

it(`${SEEDS} seeds: whatever goes wrong, every invariant holds and everything comes right`, {
  timeout: 1_200_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "cvmimg-chaos-"))
  const report = join(folder, "report.json")
  const args = ["scripts/chaos.mjs", "--seeds", String(SEEDS), "--fuzz", "0", "--report", report]
  const ended = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  )
  const { seeds, kills, compared, failed } = JSON.parse(readFileSync(report, "utf8")) as Record<
    string,
    number
  >
  rmSync(folder, { recursive: true })
  process.stderr.write(ended.stdout)
  expect(ended.stdout).not.toContain("fails:")
  expect({ code: ended.code, seeds, failed }).toEqual({ code: 0, seeds: SEEDS, failed: 0 })
  // Something did go wrong in them.
  expect(kills).toBeGreaterThan(SEEDS / 10)
  expect(compared).toBeGreaterThan(SEEDS / 30)
})

it("the same seed is the same story", async () => {
  for (const seed of [3, 87, 240]) {
    const [one, other] = [await simulate(seed, { trace: true }), await simulate(seed, { trace: true })]
    expect(one.trace).toEqual(other.trace)
    expect(one.trace.length).toBeGreaterThan(20)
  }
})
