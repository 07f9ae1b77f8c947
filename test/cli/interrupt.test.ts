// Ctrl-C as people press it, and as npm, shells and CI hand it on: once is once, twice leaves at once. Row 37.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readlinkSync, realpathSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import type { Emulator } from "../../src/emulator/index.ts"
import { BINARY, cvmimg, image, stackOf, start, world } from "./binary.ts"
import { journalText } from "./crashing.ts"
import { expectWhole, hasPty, type OnTerminal, onTerminal } from "./on-terminal.ts"

const imports = ({ ledger }: Emulator): number => ledger.filter((e) => e.action === "ImportImage").length
const accepted = (e: Emulator) => expect.poll(() => imports(e), { interval: 5, timeout: 15_000 }).toBe(1)
/** Holds this process, so that nothing of it can come in between and make the while longer. */
const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A world that answers an import so late that the call is on the wire for a while. */
const slow = (ms: number): Promise<Emulator> =>
  world({ faults: [`ImportImage:real:delay=${ms}ms`], behaviour: { importMs: 600_000 } })

const line = ({ url }: Emulator): string[] => ["apply", "--yes", "--no-checks", "--endpoint", url]

/** The import ends; the next run takes it up, and nothing is sent twice. */
async function takenUp(emulator: Emulator, cwd: string): Promise<void> {
  emulator.clearFaults()
  for (const { id } of emulator.world.images()) emulator.world.changeImage(id, { finishInMs: 1 })
  const again = await cvmimg(line(emulator), { cwd })
  expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 })
  expect(imports(emulator)).toBe(1)
  const plan = await cvmimg(["plan", "--detailed-exitcode", "--endpoint", emulator.url], { cwd })
  expect(plan.code).toBe(0)
}

/** Processes that still work in the folder. */
function leftIn(cwd: string): string[] {
  if (!existsSync("/proc/self/cwd")) return []
  const there = realpathSync(cwd)
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === there
    } catch {
      return false
    }
  })
}

const press = (t: OnTerminal): void => t.type("\u0003")

describe.skipIf(!hasPty)("Ctrl-C on a terminal while an import is on the wire", () => {
  test("once: its reply is awaited, the way on is told, and the cursor is there again", async () => {
    const emulator = await slow(1_500)
    const cwd = stackOf(image("web"))
    const t = onTerminal(line(emulator), cwd)
    await accepted(emulator)
    await t.until(({ text }) => text.includes("1 under way"))
    press(t)
    await t.until(({ text }) => text.includes("interrupted, again leaves at once"))
    expect(await t.code).toBe(130)
    expectWhole(t)
    expect(t.screen.text).toMatch(/Apply: 0 done, 1 running\.$/m)
    expect(t.screen.text).toContain("cvmimg wait, or apply again, picks it up")
    expect(leftIn(cwd)).toEqual([])
    await takenUp(emulator, cwd)
  })

  test("twice: gone at once, the cursor is there, the journal knows what was sent", async () => {
    const emulator = await slow(20_000)
    const cwd = stackOf(image("web"))
    const t = onTerminal(line(emulator), cwd)
    await accepted(emulator)
    await t.until(({ text }) => text.includes("1 under way"))
    press(t)
    await wait(700)
    const asked = performance.now()
    press(t)
    expect(await t.code).toBe(130)
    // The reply takes twice as long.
    expect(performance.now() - asked).toBeLessThan(10_000)
    expectWhole(t)
    expect(journalText(cwd)).toContain('"type":"INTENT"')
    expect(leftIn(cwd)).toEqual([])
    await takenUp(emulator, cwd)
  })

  // A shell that makes way for its last command leaves npm to send Ctrl-C to the tool itself, which has it already.
  const shells = ["/bin/sh", "/bin/bash"].filter((shell) => existsSync(shell))
  const hasNpm = spawnSync("npm", ["--version"]).status === 0
  test.skipIf(!hasNpm).each(shells)("once under npm run with %s: it is one press", async (shell) => {
    const emulator = await slow(2_500)
    const cwd = stackOf(image("web"))
    const scripts = { apply: `"${process.execPath}" "${BINARY}" ${line(emulator).join(" ")}` }
    writeFileSync(join(cwd, "package.json"), JSON.stringify({ name: "x", version: "1.0.0", scripts }))
    const t = onTerminal(["apply"], cwd, { command: ["npm", "run", "--silent", `--script-shell=${shell}`] })
    await accepted(emulator)
    await t.until(({ text }) => text.includes("1 under way"))
    press(t)
    await t.code
    expectWhole(t)
    expect(t.screen.text).toMatch(/Apply: 0 done, 1 running\.$/m)
    expect(leftIn(cwd)).toEqual([])
    await takenUp(emulator, cwd)
  })
})

test("the same signal twice in a moment is one; another one after it is a second", async () => {
  const emulator = await slow(1_000)
  const cwd = stackOf(image("web"))
  const run = start(line(emulator), { cwd })
  await accepted(emulator)
  run.child.kill("SIGINT")
  pause(30)
  run.child.kill("SIGINT")
  const end = await run.ended
  expect(end).toMatchObject({ code: 130, stdout: expect.stringContaining("Apply: 0 done, 1 running.") })
  await takenUp(emulator, cwd)

  const other = await slow(20_000)
  const second = start(line(other), { cwd: stackOf(image("web")) })
  await accepted(other)
  second.child.kill("SIGINT")
  pause(30)
  second.child.kill("SIGTERM")
  const left = await second.ended
  expect(left).toMatchObject({ code: 130, stdout: expect.not.stringContaining("Apply:") })
})
