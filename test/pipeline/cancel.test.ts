// A job that is cancelled: the shell of its step is signalled and nobody else, and cvmimg hears of it.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { parse } from "yaml"
import { BINARY, cleanEnv, cvmimg, expectClean, folder, image, stackOf, world } from "../cli/binary.ts"

const read = (path: string) => parse(readFileSync(join(import.meta.dirname, "../..", path), "utf8"))
const runs = (steps: readonly { readonly run?: string }[], what: string): string =>
  steps.map(({ run = "" }) => run).find((run) => run.includes(what)) ?? "exit 99"

const STEPS: Readonly<Record<string, string>> = {
  "action.yml": runs(read("action.yml").runs.steps, "RUNNER_TEMP/cvmimg/node_modules/.bin/cvmimg"),
  "templates/github/apply.yml": runs(read("templates/github/apply.yml").jobs.apply.steps, "cvmimg apply"),
  "templates/gitlab/gitlab-ci.yml": runs(
    (read("templates/gitlab/gitlab-ci.yml").apply.script as string[]).map((run) => ({ run })),
    "cvmimg apply",
  ),
}

test.each(Object.keys(STEPS))(
  "%s: what is on the wire is awaited, and the job can be run again",
  async (name) => {
    const emulator = await world({
      faults: ["ImportImage:real:delay=1500ms"],
      behaviour: { importMs: 600_000 },
    })
    const cwd = stackOf(image("web"))
    const env = { CVMIMG_ENDPOINT: emulator.url }
    expect((await cvmimg(["plan", "--out", "plan.json", "--no-checks"], { cwd, env })).code).toBe(0)
    const temp = folder()
    for (const bin of [join(temp, "bin"), join(temp, "cvmimg/node_modules/.bin")]) {
      mkdirSync(bin, { recursive: true })
      symlinkSync(BINARY, join(bin, "cvmimg"))
    }
    const output = join(temp, "output")
    writeFileSync(output, "")
    const shell = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", `${STEPS[name]}\n`], {
      cwd,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: cleanEnv({
        ...env,
        CI: "true",
        PATH: [join(temp, "bin"), dirname(process.execPath), "/usr/bin", "/bin"].join(":"),
        RUNNER_TEMP: temp,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: join(temp, "summary"),
        COMMAND: "apply",
        PLAN: "plan.json",
        DIRECTORY: ".",
        ARGUMENTS: "",
        STATE: "",
        BASE: "",
      }),
    })
    // All of it, should the shell not hand the signal on.
    onTestFinished(() => {
      if (shell.exitCode === null && shell.pid !== undefined) process.kill(-shell.pid, "SIGKILL")
    })
    let log = ""
    for (const stream of [shell.stdout, shell.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        log += text
      })
    const imports = (): number => emulator.ledger.filter((e) => e.action === "ImportImage").length
    await expect.poll(imports, { interval: 5, timeout: 15_000 }).toBe(1)
    shell.kill("SIGINT")
    const [code] = await once(shell, "close")
    expect(code, log).toBe(130)
    expectClean(log)
    expect(log).toContain("interrupted: nothing new is started")
    expect(log).toContain("running")
    if (!name.includes("gitlab")) expect(readFileSync(output, "utf8")).toMatch(/^(exit-)?code=130$/m)
    emulator.clearFaults()
    for (const { id } of emulator.world.images()) emulator.world.changeImage(id, { finishInMs: 1 })
    expect((await cvmimg(["apply", "--yes"], { cwd, env })).code).toBe(0)
    expect(imports()).toBe(1)
  },
)
