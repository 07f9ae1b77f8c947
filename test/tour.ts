/** Pages whose `console` blocks are run in a folder of their own, with the samples and the built binary. */
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
import { expect } from "vitest"
import { demoAccount } from "../src/emulator/index.ts"
import { secretsIn } from "./support/canary.ts"
import { until } from "./support/steady.ts"

const root = join(import.meta.dirname, "..")

/** A command of a page, and what the page shows of its output. */
export interface Shown {
  readonly command: string
  readonly output: string
}

/** The commands of a page, in their order. */
export function stepsOf(page: string): readonly Shown[] {
  return [...page.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part): Shown => {
        const [command = "", ...output] = part.split("\n")
        return { command, output: output.join("\n").trimEnd() }
      }),
  )
}

/** Runs every step; what a page shows must be what is printed, ids, times and durations apart. */
export async function walk(steps: readonly Shown[]): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "cvmimg-tour-"))
  let emulator: ChildProcess | undefined
  try {
    prepare(home)
    for (const { command, output } of steps) {
      if (command.startsWith("cvmimg emulator")) {
        emulator = spawn("bash", ["-c", `exec ${command}`], {
          cwd: home,
          env: environment(home),
          stdio: "ignore",
        })
        await until(() => /CVMIMG_COS_ENDPOINT/.test(read(join(home, "world.env"))))
        continue
      }
      const shown = run(home, command)
      expect(steady(shown), command).toBe(steady(output))
      expect(secretsIn(shown, [demoAccount.secretKey ?? ""])).toEqual([])
    }
  } finally {
    emulator?.kill()
    rmSync(home, { recursive: true, force: true })
  }
}

function prepare(home: string): void {
  cpSync(join(root, "manifests"), join(home, "manifests"), { recursive: true })
  mkdirSync(join(home, "scripts"))
  cpSync(join(root, "scripts/sample-images.mjs"), join(home, "scripts/sample-images.mjs"))
  mkdirSync(join(home, "bin"))
  const binary = join(home, "bin", "cvmimg")
  writeFileSync(binary, `#!/bin/sh\nexec "${process.execPath}" "${join(root, "dist/bin/cvmimg.cjs")}" "$@"\n`)
  chmodSync(binary, 0o755)
}

/** What differs from run to run, by shape. */
function steady(text: string): string {
  return text
    .replace(/img-[0-9a-z]{8}/g, "img-········")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "request-id")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, "time")
    .replace(/(?:\d+h \d+m|\d+m \d+s|\d+(?:\.\d)?s) ago/g, "while ago")
    .replace(/ +\d+\.\d+s$/gm, " duration")
    .trimEnd()
}

function environment(home: string): NodeJS.ProcessEnv {
  return { PATH: `${join(home, "bin")}:${process.env.PATH ?? ""}`, HOME: home, NO_COLOR: "1" }
}

/** Runs one line; the variables of the emulator stand as the tour's `. ./world.env` leaves them. */
function run(home: string, command: string): string {
  const line = existsSync(join(home, "world.env")) ? `. ./world.env; ${command}` : command
  try {
    return execFileSync("bash", ["-c", line], {
      cwd: home,
      env: environment(home),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : ""
}
