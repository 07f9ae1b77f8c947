/** The tour of the README is run, and what it shows must be what is printed. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"

const root = join(import.meta.dirname, "..")
const readme = readFileSync(join(root, "README.md"), "utf8")

interface Shown {
  readonly command: string
  readonly output: string
}

const steps = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((part): Shown => {
      const [command = "", ...output] = part.split("\n")
      return { command, output: output.join("\n").trimEnd() }
    }),
)

let home = ""
let emulator: ChildProcess | undefined

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "cvmimg-readme-"))
  cpSync(join(root, "manifests"), join(home, "manifests"), { recursive: true })
  mkdirSync(join(home, "scripts"))
  cpSync(join(root, "scripts/sample-images.mjs"), join(home, "scripts/sample-images.mjs"))
  mkdirSync(join(home, "bin"))
  const binary = join(home, "bin", "cvmimg")
  writeFileSync(binary, `#!/bin/sh\nexec "${process.execPath}" "${join(root, "dist/bin/cvmimg.cjs")}" "$@"\n`)
  chmodSync(binary, 0o755)
})

afterAll(() => {
  emulator?.kill()
  rmSync(home, { recursive: true, force: true })
})

/** What differs from run to run, by shape. */
function steady(text: string): string {
  return text
    .replace(/img-[0-9a-z]{8}/g, "img-········")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "request-id")
    .replace(/ +\d+\.\d+s$/gm, " duration")
    .trimEnd()
}

test("the tour shows what is printed", async () => {
  expect(steps.length).toBeGreaterThan(6)
  for (const { command, output } of steps) {
    if (command.startsWith("cvmimg emulator")) {
      emulator = shell(command)
      await until(() => /CVMIMG_COS_ENDPOINT/.test(read("world.env")))
      continue
    }
    expect(steady(run(command)), command).toBe(steady(output))
  }
})

test("every page that it links to exists", () => {
  for (const [, target = ""] of readme.matchAll(/\]\(([^)#]+)\)/g)) {
    expect(existsSync(join(root, target)), target).toBe(true)
  }
})

function environment(): NodeJS.ProcessEnv {
  return { PATH: `${join(home, "bin")}:${process.env.PATH ?? ""}`, HOME: home, NO_COLOR: "1" }
}

/** Runs one line; the variables of the emulator stand as the tour's `. ./world.env` leaves them. */
function run(command: string): string {
  const line = existsSync(join(home, "world.env")) ? `. ./world.env; ${command}` : command
  try {
    return execFileSync("bash", ["-c", line], { cwd: home, env: environment(), encoding: "utf8" })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

function shell(command: string): ChildProcess {
  return spawn("bash", ["-c", `exec ${command}`], { cwd: home, env: environment(), stdio: "ignore" })
}

function read(name: string): string {
  return existsSync(join(home, name)) ? readFileSync(join(home, name), "utf8") : ""
}

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !done(); i += 1) await new Promise((resolve) => setTimeout(resolve, 25))
  expect(done()).toBe(true)
}
