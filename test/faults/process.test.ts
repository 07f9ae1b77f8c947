// The process: signals, readers that go away, narrow and dumb terminals. Rows 37, 59.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import {
  BINARY,
  cleanEnv,
  image as cliImage,
  cvmimg,
  folder,
  STACK,
  stackOf,
  start,
  world,
} from "../cli/binary.ts"
import { until } from "../support/steady.ts"
import { image, oneLiveOf, scene, stack } from "./scene.ts"

const images = (n: number): string[] => Array.from({ length: n }, (_, i) => cliImage(`web-${i}`))

describe("signals", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 143],
  ] as const)(
    "%s: what is on the wire is awaited, nothing new is sent, and the next run ends it",
    async (signal, code) => {
      // Two calls fit on the wire, and neither is answered before the signal was heard.
      let answer = (): void => {}
      const heard = new Promise<boolean>((resolve) => {
        answer = () => resolve(false)
      })
      const emulator = await world({
        faults: {
          delivers: (_reply, _response, { headers, body }) =>
            headers["x-tc-action"] === "ImportImage" && !Buffer.from(body).includes("DryRun") && heard,
        },
      })
      const cwd = folder({
        "cvmimg.yaml": `${STACK}  apply: { concurrency: 2 }\n`,
        ...Object.fromEntries(images(4).map((text, i) => [`images/${i}.yaml`, text])),
      })
      const run = start(["apply", "--yes", "--no-checks", "--endpoint", emulator.url], { cwd })
      const imports = (): number => emulator.ledger.filter((e) => e.action === "ImportImage").length
      await until(() => imports() === 2)
      run.child.kill(signal)
      await run.until(/what is on the wire is awaited; a second signal leaves at once/)
      answer()
      const end = await run.ended
      expect(end).toMatchObject({ code, signal: null })
      expect(imports()).toBe(2)
      expect(end.stdout).toContain(
        "the import goes on in the cloud: cvmimg wait, or apply again, picks it up",
      )
      // Whatever was accepted is told as such, and nothing else.
      expect(end.stdout.match(/ running| done/g)?.length ?? 0).toBeGreaterThanOrEqual(1)
      const again = await cvmimg(["apply", "--yes", "--no-checks", "--endpoint", emulator.url], { cwd })
      expect(again.code).toBe(0)
      expect(imports()).toBe(4)
      oneLiveOf(emulator)
    },
  )

  test("twice while a call is on the wire: gone at once, and the journal says what was about to be sent", async () => {
    const emulator = await world({ faults: ["ImportImage:real:delay=1h"] })
    const cwd = stackOf(cliImage("web"))
    const run = start(["apply", "--yes", "--no-checks", "--endpoint", emulator.url], { cwd })
    await until(() => emulator.ledger.some((e) => e.action === "ImportImage"))
    run.child.kill("SIGINT")
    await run.until(/a second signal leaves at once/)
    // Sooner, it could be the same one.
    await new Promise((resolve) => setTimeout(resolve, 600))
    const asked = performance.now()
    run.child.kill("SIGINT")
    expect(await run.ended).toMatchObject({ code: 130, signal: null })
    // A write is given a minute.
    expect(performance.now() - asked).toBeLessThan(30_000)
    const folder = join(cwd, ".cvmimg")
    const texts = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => readFileSync(join(folder, name), "utf8"))
    expect(texts.join("")).toContain("INTENT")
    emulator.clearFaults()
    expect((await cvmimg(["apply", "--yes", "--endpoint", emulator.url], { cwd })).code).toBe(0)
    expect(emulator.ledger.filter((e) => e.action === "ImportImage")).toHaveLength(1)
  })
})

test("a reader of both outputs that goes away: the run goes on to its end, and so does its journal", async () => {
  const emulator = await world()
  const cwd = stackOf(...images(3))
  const run = start(["apply", "--yes", "--no-checks", "--endpoint", emulator.url], { cwd })
  await run.until(/ImportImage|import/i)
  run.child.stdout?.destroy()
  run.child.stderr?.destroy()
  expect((await run.ended).code).toBe(0)
  expect(emulator.world.images().map((i) => i.state)).toEqual(Array(3).fill("NORMAL"))
  const plan = await cvmimg(["plan", "--detailed-exitcode", "--endpoint", emulator.url], { cwd })
  expect(plan.code).toBe(0)
  expect(plan.stdout).not.toContain("looked for first")
  oneLiveOf(emulator)
})

describe("outputs that are narrow or dumb", () => {
  test("20 columns: the same facts as in 120, and no hang", async () => {
    const s = await scene({
      manifests: [stack(), image("web"), image("bad")],
      faults: ["import:bad:fail=InvalidUrl"],
    })
    const wide = await s.run(["plan"], { width: 120 })
    const narrow = await s.run(["plan"], { width: 20 })
    // Of an address too long for the line its middle is left out; JSON has all of it.
    const facts = (text: string): string =>
      text.replace(/source\.url +\S+/g, "source.url").replace(/[^\p{L}\p{N}]/gu, "")
    expect(narrow.code).toBe(wide.code)
    expect(facts(narrow.stdout)).toBe(facts(wide.stdout))
    const applied = await s.run(["apply", "--yes"], { width: 20 })
    expect(applied.code).toBe(5)
    for (const fact of ["web", "bad", "done", "failed", "ImportFailed"])
      expect(facts(applied.stdout + applied.stderr)).toContain(fact)
  })

  test("TERM=dumb, no terminal, standard input and output closed: done, without an escape", async () => {
    const emulator = await world()
    const cwd = stackOf(cliImage("web"))
    const end = await cvmimg(["apply", "--yes", "--endpoint", emulator.url], { cwd, env: { TERM: "dumb" } })
    expect(end.code).toBe(0)
    expect(end.stdout + end.stderr).not.toContain("\u001b")
    const script = `exec "$0" "$@" <&- >&- 2>&-`
    const args = ["-c", script, process.execPath, BINARY, "plan", "--endpoint", emulator.url]
    const closed = spawn("sh", args, { cwd, env: cleanEnv(), stdio: "ignore" })
    expect(await once(closed, "exit")).toEqual([0, null])
  })
})
