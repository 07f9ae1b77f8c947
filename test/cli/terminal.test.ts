// Live progress on a terminal of 80 x 24 or lower, by a pseudo terminal; skipped where there is no python3 to make one.
import { describe, expect, test } from "vitest"
import { until } from "../support/steady.ts"
import { cvmimg, image, stackOf, world } from "./binary.ts"
import { expectWhole, hasPty, onTerminal } from "./on-terminal.ts"

/** For as long as the test looks; it ends the import itself. */
const HOURS = 36_000_000

const many = Array.from({ length: 10 }, (_, i) => image(`web-${i}`))

describe.skipIf(!hasPty)("apply on a terminal", () => {
  test("rows appear, change and go; the result stays", async () => {
    const { url, world: cloud } = await world({ behaviour: { importMs: HOURS } })
    const t = onTerminal(["apply", "--yes", "--endpoint", url], stackOf(image("web"), image("db")))
    await t.until(
      ({ text }) => /web +ap-singapore .*(import|IMPORTING)/.test(text) && text.includes("2 under way"),
    )
    expect(t.screen.cursorShown).toBe(false)
    await until(() => cloud.images().length === 2)
    for (const { id } of cloud.images()) cloud.changeImage(id, { finishInMs: 0 })
    expect(await t.code).toBe(0)
    expectWhole(t)
    const { text } = t.screen
    expect(text).not.toContain("under way")
    expect(text).toMatch(/^Stack golden/)
    expect(text.trimEnd()).toMatch(/Apply: 2 done\.$/)
    expect(text.match(/ {2}web +ap-singapore +import +done/g)).toHaveLength(1)
  })

  test("more rows than the screen has are folded: nothing scrolls away and nothing is left", async () => {
    const { url, world: cloud } = await world({ behaviour: { importMs: HOURS } })
    const t = onTerminal(["apply", "--yes", "--endpoint", url], stackOf(...many), { rows: 9 })
    await t.until(({ text }) => /and \d+ more under way/.test(text))
    await until(() => cloud.images().length === many.length)
    for (const { id } of cloud.images()) cloud.changeImage(id, { finishInMs: 0 })
    expect(await t.code).toBe(0)
    expectWhole(t)
    expect(t.screen.text).not.toContain("under way")
    expect(t.screen.text.trimEnd()).toMatch(/Apply: 10 done\.$/)
    // The plan above is as it was.
    expect(t.screen.text.match(/^web-\d+ {2}images/gm)).toHaveLength(10)
  })

  test("Ctrl-C: what goes on is told, the cursor is shown, 130", async () => {
    const { url } = await world({ behaviour: { importMs: 600_000 } })
    const t = onTerminal(["apply", "--yes", "--endpoint", url], stackOf(image("web")))
    await t.until(({ text }) => text.includes("IMPORTING"))
    t.child.kill("SIGTERM")
    expect(await t.code).toBe(130)
    expectWhole(t)
    expect(t.screen.text.trimEnd()).toMatch(/Apply: 0 done, 1 running\.$/)
  })

  test("without --yes it asks: only yes goes on", async () => {
    const emulator = await world()
    const cwd = stackOf(image("web"))
    for (const [answer, code] of [
      ["y\n", 1],
      ["\n", 1],
      ["\u0004", 1],
      ["yes\n", 0],
    ] as const) {
      const t = onTerminal(["apply", "--endpoint", emulator.url], cwd)
      await t.until(({ text }) => text.includes("'yes'"))
      expect(t.screen.text).toContain("Plan: 1 to import")
      t.type(answer)
      expect(await t.code, answer).toBe(code)
      expect(t.screen.text.includes("Nothing was changed.")).toBe(code === 1)
      expectWhole(t)
      expect(emulator.ledger.some(({ action }) => action === "ImportImage")).toBe(code === 0)
    }
  })

  test("Ctrl-C at the question: 130, and nothing was written", async () => {
    const emulator = await world()
    const t = onTerminal(["apply", "--endpoint", emulator.url], stackOf(image("web")))
    await t.until(({ text }) => text.includes("'yes'"))
    t.type("\u0003")
    expect(await t.code).toBe(130)
    expect(t.screen.text).toContain("Nothing was changed.")
    expect(emulator.ledger).toEqual([])
    expectWhole(t)
  })

  test("a CI that has a terminal, and a dumb one, get lines", async () => {
    const { url } = await world()
    for (const [name, env] of Object.entries({ ci: { CI: "true" }, dumb: { TERM: "dumb" } })) {
      const t = onTerminal(["apply", "--yes", "--endpoint", url], stackOf(image(name)), { env })
      expect(await t.code).toBe(0)
      expectWhole(t)
      expect(t.shown()).not.toContain("\u001b[?25l")
      expect(t.screen.text).toMatch(/^\+00:00:\d\d {2}/m)
    }
  })
})

test("without a terminal lines are printed, and no row", async () => {
  const { url } = await world()
  const { code, stderr } = await cvmimg(["apply", "--yes", "--endpoint", url], { cwd: stackOf(image("web")) })
  expect(code).toBe(0)
  expect(stderr).toMatch(/^\+00:00:00 {2}apply started: 1 action\n/)
  expect(stderr).not.toContain("\u001b")
})
