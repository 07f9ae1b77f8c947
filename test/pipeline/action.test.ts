// action.yml as GitHub runs it: its steps in a real shell, with inputs that try to be more than inputs.
import { spawn, spawnSync } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { parse } from "yaml"
import { type Emulator, startEmulator } from "../../src/emulator/index.ts"
import { BINARY, image, STACK } from "../cli/binary.ts"
import { expectNoSecretBelow, secretsIn } from "../support/canary.ts"
import { filled } from "./expressions.ts"
import { packed } from "./scene.ts"
import type { Step } from "./written.ts"

const root = join(import.meta.dirname, "../..")
const action = parse(readFileSync(join(root, "action.yml"), "utf8")) as {
  inputs: Record<string, { description: string; default?: string; required?: boolean }>
  outputs: Record<string, { description: string; value: string }>
  runs: { using: string; steps: (Step & { shell: string })[] }
}

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator({
    publicImages: false,
    behaviour: { visibilityDelayMs: 0, importMs: 100, importMsPerGiB: 0 },
  })
})
afterAll(() => emulator?.close())

interface Ran {
  readonly code: number | null
  readonly log: string
  readonly outputs: Record<string, string>
  readonly summary: string
}

/** A repository with one image, and the action's last step run in it; the first, an installation, is a link here. */
function repository(): { at: string; run(inputs: Record<string, string>): Promise<Ran> } {
  const at = mkdtempSync(join(tmpdir(), "cvmimg-action-"))
  onTestFinished(() => rmSync(at, { recursive: true, force: true }))
  const temp = join(at, "temp")
  mkdirSync(join(temp, "cvmimg/node_modules/.bin"), { recursive: true })
  symlinkSync(BINARY, join(temp, "cvmimg/node_modules/.bin/cvmimg"))
  const work = join(at, "work")
  mkdirSync(join(work, "images"), { recursive: true })
  writeFileSync(join(work, "cvmimg.yaml"), STACK)
  writeFileSync(join(work, "images/web.yaml"), image("web"))
  const step = action.runs.steps.at(-1)
  return {
    at: work,
    async run(given) {
      const inputs = Object.fromEntries(
        Object.entries(action.inputs).map(([name, { default: value = "" }]) => [name, given[name] ?? value]),
      )
      const scope = { contexts: { inputs }, functions: {} }
      const env = Object.entries(step?.env ?? {}).map(([key, text]) => [key, filled(text, scope)])
      const files = { GITHUB_OUTPUT: join(at, "output"), GITHUB_STEP_SUMMARY: join(at, "summary") }
      for (const file of Object.values(files)) writeFileSync(file, "")
      writeFileSync(join(at, "run.sh"), step?.run ?? "exit 99")
      // Not spawnSync: the emulator answers in this process.
      const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", join(at, "run.sh")], {
        cwd: work,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
          HOME: at,
          RUNNER_TEMP: temp,
          CVMIMG_METADATA: "off",
          ...emulator.env,
          ...files,
          ...Object.fromEntries(env),
        },
      })
      let log = ""
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (part: string) => {
          log += part
        })
      }
      const status = await new Promise<number | null>((resolve) => child.once("close", resolve))
      const lines = readFileSync(files.GITHUB_OUTPUT, "utf8").split("\n").filter(Boolean)
      expectNoSecretBelow(at, [emulator.env.TENCENTCLOUD_SECRET_KEY ?? ""])
      expect(secretsIn(log, [emulator.env.TENCENTCLOUD_SECRET_KEY ?? ""])).toEqual([])
      return {
        code: status,
        log,
        outputs: Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2))),
        summary: readFileSync(files.GITHUB_STEP_SUMMARY, "utf8"),
      }
    },
  }
}

test("every input and output is described, and no expression is pasted into a shell", () => {
  for (const { description } of [...Object.values(action.inputs), ...Object.values(action.outputs)]) {
    expect(description.length).toBeGreaterThan(10)
  }
  expect(action.runs.using).toBe("composite")
  for (const { run = "", shell } of action.runs.steps) {
    expect(shell).toBe("bash")
    expect(run).not.toContain("${{")
    expect(spawnSync("bash", ["-n"], { input: run }).status).toBe(0)
  }
  // What outputs promise, the step writes.
  for (const name of Object.keys(action.outputs)) expect(action.runs.steps.at(-1)?.run).toContain(name)
})

test("the package is installed beside the workspace, in the version of the action or as asked", () => {
  const at = mkdtempSync(join(tmpdir(), "cvmimg-action-"))
  onTestFinished(() => rmSync(at, { recursive: true, force: true }))
  const [install] = action.runs.steps
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: at,
    RUNNER_TEMP: at,
    GITHUB_ACTION_PATH: root,
    NPM_CONFIG_INSTALL_LINKS: "true",
    NPM_CONFIG_OFFLINE: "true",
    NPM_CONFIG_CACHE: join(at, "npm-cache"),
  }
  const bash = (PACKAGE: string) =>
    spawnSync("bash", ["-xeo", "pipefail", "-c", install?.run ?? "exit 99"], {
      cwd: at,
      encoding: "utf8",
      env: { ...env, PACKAGE },
    })
  const { status, stderr } = bash(packed(at))
  expect(status, stderr).toBe(0)
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const said = spawnSync(join(at, "cvmimg/node_modules/.bin/cvmimg"), ["--version"], {
    encoding: "utf8",
    env,
  })
  expect(said.stdout).toBe(`${version}\n`)
  // Offline there is none to be had; what was asked for stands in the trace of the shell.
  expect(bash("").stderr).toContain(`cvmimg@${version}`)
})

test("plan, apply of exactly that plan, and drift, with their paths as outputs", async () => {
  const { run } = repository()
  const plan = await run({ command: "plan" })
  expect(plan).toMatchObject({ code: 0, outputs: { "exit-code": "0" } })
  for (const name of ["plan", "json", "markdown", "html"])
    expect(existsSync(plan.outputs[name] ?? "")).toBe(true)
  expect(plan.summary).toContain("1 to import")
  const apply = await run({ command: "apply", plan: plan.outputs.plan ?? "" })
  expect(apply).toMatchObject({ code: 0, outputs: { "exit-code": "0" } })
  expect(apply.summary).toContain("1 done")
  expect(apply.outputs.html).toBeUndefined()
  expect(await run({ command: "drift", state: "../state.json" })).toMatchObject({ code: 0 })
  const [web] = emulator.world.images()
  emulator.world.changeImage(web?.id ?? "", { name: "other" })
  const drift = await run({
    command: "drift",
    state: "../state.json",
    arguments: "--no-checks\n\n--fail-on\norphan",
  })
  expect(drift).toMatchObject({ code: 2, outputs: { "exit-code": "2" } })
  expect(drift.log).toContain("::error file=images/web.yaml")
  expect(drift.summary).toContain("web")
})

test("an input is never a command, an option or another file", async () => {
  const { at, run } = repository()
  const evil = '"; touch owned; $(touch owned) `touch owned`'
  for (const inputs of [
    { command: "plan", directory: evil },
    { command: "plan", directory: "--help" },
    { command: "apply", plan: evil },
    { command: "review", base: "--upload-pack=touch owned" },
    { command: "plan", arguments: evil },
  ]) {
    const { code, log } = await run(inputs)
    expect(code, JSON.stringify(inputs)).toBeGreaterThan(0)
    expect(log).not.toMatch(/^Usage: cvmimg plan/m)
  }
  const { code, log } = await run({ command: "emulator" })
  expect({ code, log }).toMatchObject({
    code: 64,
    log: expect.stringContaining("review, plan, apply or drift"),
  })
  expect(readdirSync(at).sort()).toEqual(["cvmimg.yaml", "images"])
})
