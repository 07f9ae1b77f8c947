import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { FAULTS } from "../../src/cli/commands/emulator-help.ts"
import type { Io, Output } from "../../src/cli/io.ts"
import { run } from "../../src/cli/main.ts"
import { systemClock } from "../../src/cloud/clock.ts"
import { effects } from "../../src/emulator/faults/effects.ts"
import { parseFault } from "../../src/emulator/index.ts"

function terminal() {
  const stop = new AbortController()
  const text = { stdout: "", stderr: "" }
  const output = (name: "stdout" | "stderr"): Output => ({
    write: (part) => {
      text[name] += part
    },
    isTerminal: false,
    width: 100,
    height: 24,
    color: false,
  })
  const io: Io = {
    stdout: output("stdout"),
    stderr: output("stderr"),
    stdin: process.stdin,
    env: {},
    cwd: process.cwd(),
    clock: systemClock,
    signal: stop.signal,
    interrupted: () => undefined,
  }
  return { io, text, stop }
}

test("cvmimg emulator --fault: what fails, and in the end how often it did", async () => {
  const { io, text, stop } = terminal()
  const ended = run(io, ["emulator", "--fault", "*:1:lost-before=503-json", "--fault", "import:*:never-ends"])
  await expect.poll(() => text.stdout).toContain("CVMIMG_ENDPOINT=")
  const url = /CVMIMG_ENDPOINT=(.*)/.exec(text.stdout)?.[1] ?? ""
  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(503)
  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(200)
  stop.abort()
  expect(await ended).toBe(0)
  expect(text.stderr).toBe(
    "cvmimg: fault '*:1:lost-before=503-json' fired 1 of 2\ncvmimg: fault 'import:*:never-ends' fired 0 of 0\n",
  )
})

test("a bad fault is wrong usage, and is located", async () => {
  const { io, text } = terminal()
  expect(await run(io, ["emulator", "--fault", "ImportImage:3:eror=InternalError"])).toBe(64)
  expect(text.stderr).toBe(
    "cvmimg: --fault 'ImportImage:3:eror=InternalError', column 15: there is no effect eror; did you mean error?\n",
  )
})

test("every example of the help and the README is a fault, and the README knows every effect", () => {
  const readme = readFileSync("src/emulator/README.md", "utf8")
  const examples = [
    ...[...FAULTS.matchAll(/--fault '([^']+)'/g)].map((match) => match[1] ?? ""),
    ...[...readme.matchAll(/^\| `([^`]+:[^`]+:[^`]+)`/gm)].map((match) => match[1] ?? ""),
  ]
  expect(examples.length).toBeGreaterThan(20)
  for (const example of examples) expect([example, parseFault(example).problem]).toEqual([example, undefined])
  for (const kind of Object.keys(effects)) expect(readme).toMatch(new RegExp(`\`${kind}[\`=]`))
})
