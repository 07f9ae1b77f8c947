// The machine: suspension, two retries at once, little memory. Rows 33, 60, 62.
import { expect, test } from "vitest"
import { image as cliImage, cvmimg, stackOf, start, world } from "../cli/binary.ts"
import { until } from "../support/steady.ts"
import { oneLiveOf, peaks } from "./scene.ts"

const images = (n: number): string[] => Array.from({ length: n }, (_, i) => cliImage(`web-${i}`))

test("64 MiB of heap: ten thousand images fit, and an apply beside them", async () => {
  const strangers = Array.from({ length: 10_000 }, (_, i) => ({
    region: "ap-singapore",
    name: `stranger-${i}`,
    description: "x".repeat(200),
    tags: { owner: `team-${i % 50}` },
  }))
  const emulator = await world({ images: strangers, behaviour: { quota: 20_000, enforceRates: true } })
  const cwd = stackOf(cliImage("web"))
  const env = { NODE_OPTIONS: "--max-old-space-size=64" }
  const apply = await cvmimg(["apply", "--yes", "--no-checks", "--no-wait", "--endpoint", emulator.url], {
    cwd,
    env,
  })
  expect(apply).toMatchObject({ code: 5, signal: null, stdout: expect.stringContaining("1 running") })
  expect(emulator.ledger.filter((e) => e.action === "ImportImage")).toHaveLength(1)
})

test("suspended while a second retry runs on another machine: each import once, and no burst", async () => {
  const emulator = await world()
  const args = ["apply", "--yes", "--no-checks", "--endpoint", emulator.url]
  const one = start(args, { cwd: stackOf(...images(8)) })
  const imports = (): number => emulator.ledger.filter((e) => e.action === "ImportImage").length
  await until(() => imports() >= 2)
  one.child.kill("SIGSTOP")
  const two = await cvmimg(args, { cwd: stackOf(...images(8)) })
  const before = emulator.requests.at(-1)?.sequence ?? 0
  one.child.kill("SIGCONT")
  expect(two, two.stderr).toMatchObject({ code: 0 })
  // The first finds what the second made: nothing is sent again, and everything is there.
  const end = await one.ended
  expect(end, end.stderr).toMatchObject({ code: 0 })
  expect(imports()).toBe(8)
  const after = (action: string, sequence: number): boolean => action === "ImportImage" && sequence > before
  for (const [lane, most] of peaks(emulator, after))
    expect({ lane, ok: most <= 10 }).toEqual({ lane, ok: true })
  oneLiveOf(emulator)
  // Calls that were under way when it was stopped run into their limits of ten seconds.
})
